namespace ExampleMlFarm.Farm.Serving.Telemetry;

/// <summary>Names under which others know what is measured here.</summary>
internal static class TelemetryNames
{
    /// <summary>Meter and activity source of the farm.</summary>
    public const string Farm = "ExampleMlFarm";

    /// <summary>Runs that are not over.</summary>
    public const string OpenRuns = "farm.runs.open";

    /// <summary>Items of those that are not settled, as far as they are known.</summary>
    public const string OpenItems = "farm.items.open";

    /// <summary>Workers that were heard of lately.</summary>
    public const string Workers = "farm.workers";

    /// <summary>Their slots.</summary>
    public const string Slots = "farm.slots";

    /// <summary>Of these, those that cook.</summary>
    public const string BusySlots = "farm.slots.busy";

    /// <summary>Activity sources of others that belong to a trace of the farm.</summary>
    public static readonly string[] Sources = [Farm, "Microsoft.AspNetCore", "Microsoft.Orleans.Runtime", "Microsoft.Orleans.Application"];

    /// <summary>Meters that are told to a collector.</summary>
    public static readonly string[] Meters = [Farm, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.Orleans", "System.Runtime"];
}
