using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ExampleMlFarm.Tests.EndToEnd;

/// <summary>A server and workers as processes that share nothing but a network, and a person who has only the server's address.</summary>
public sealed class ServedFarmTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Farm here = new(), server = new(), first = new(), second = new();
    private readonly List<Process> started = [];
    private readonly string url = $"http://127.0.0.1:{FreePort()}";

    public ServedFarmTests() => Assert.SkipUnless(Farm.Missing is null, Farm.Missing ?? "");

    public void Dispose()
    {
        foreach (var process in started)
        {
            if (!process.HasExited) Farm.KillTree(process);
            process.Dispose();
        }
        foreach (var farm in (Farm[])[here, server, first, second]) farm.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // Its address is the first line that it prints, when it listens.
    private async Task<Process> Serve()
    {
        var process = Started(server.Start("server", "start", "--listen", url));
        Assert.Equal(url + "/", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken));
        Drain(process);
        return process;
    }

    private Process Work(Farm state)
    {
        var process = Started(state.Start("worker", "start", "--server", url, "--slots", "1", "--state", state.Folder));
        Drain(process);
        return process;
    }

    private Process Started(Process process)
    {
        started.Add(process);
        return process;
    }

    // A full pipe would hold it up.
    private static void Drain(Process process)
    {
        process.StandardOutput.ReadToEndAsync();
        process.StandardError.ReadToEndAsync();
    }

    private static void Kill(Process process) => Farm.KillTree(process);

    [Fact]
    public async Task Farm_elsewhere_ends_with_the_same_bytes_though_its_server_and_workers_are_killed()
    {
        var expected = MainJobTests.Cooked("auto", 2);
        var serving = await Serve();
        Process one = Work(first), two = Work(second);
        here.Write("small.yaml", Recipes.Limb("1"));
        using var watching = here.Start("run", "small.yaml", "--url", url);
        var (output, error) = (watching.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), watching.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        for (int round = 0; round < 3 && !watching.WaitForExit(2500); round++)
        {
            Kill(one);
            one = Work(first);
            if (watching.WaitForExit(1500)) break;
            Kill(serving);
            serving = await Serve();
            if (watching.WaitForExit(1500)) break;
            Kill(two);
            two = Work(second);
        }
        Assert.True(watching.WaitForExit(TimeSpan.FromMinutes(2)));
        Assert.True(watching.ExitCode == 0, $"{watching.ExitCode}: {await error} {await output}");
        Assert.Equal(expected, (here.DatasetHash("small", 1), Results.WeightsOf(here)));
        Kill(serving);
        Assert.Empty(Results.CookedTwice(server));
    }
}
