using System.Net;

namespace ExampleMlFarm.Scheduler.Hosting;

/// <summary>What one server of a farm is told.</summary>
/// <param name="Database">Connection string of the farm's PostgreSQL.</param>
/// <param name="ArtifactFolder">Where this server keeps artifacts.</param>
public sealed record ServerOptions(string Database, string ArtifactFolder)
{
    /// <summary>Name of the farm within the database: servers of one name work together.</summary>
    public string Cluster { get; init; } = "mlfarm";

    /// <summary>The address at which the other servers reach this one.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Port between servers; 0 takes a free one.</summary>
    public int SiloPort { get; init; }

    /// <summary>Port for clients within the farm; 0 takes a free one.</summary>
    public int GatewayPort { get; init; }
}
