using System.Net;
using System.Net.Sockets;

namespace ExampleMlFarm.Scheduler.Hosting;

/// <summary>Ports that are free just now.</summary>
internal static class FreePorts
{
    /// <summary>Other programs take ports too; that a fresh one is taken in the meantime this many times over does not happen.</summary>
    public const int Attempts = 5;

    /// <summary>A free port of the loopback interface.</summary>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>True when starting failed because somebody else had taken a port.</summary>
    public static bool IsTaken(Exception e) => e is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } || (e.InnerException is { } inner && IsTaken(inner));
}
