using System.Security.Cryptography;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Tests.EndToEnd;

/// <summary>What a run left behind, by which two runs are compared and one is judged.</summary>
internal static class Results
{
    /// <summary>Hashes of the weights that run 1 put out.</summary>
    public static string WeightsOf(Farm farm, string recipe = "small") => string.Join(' ', Directory.GetFiles(Path.Combine(farm.Folder, "out", $"{recipe}-1", "models"), "weights.safetensors", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).Select(f => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))));

    /// <summary>The state of a run after all its events.</summary>
    public static RunMachine Replayed(FarmStore store, RunId run)
    {
        var machine = new RunMachine();
        foreach (var stored in store.Events(run, 0)) machine.Replay(EventCodec.Decode(stored.Payload.Span));
        return machine;
    }

    /// <summary>Items of run 1 of which the journal accepted two results.</summary>
    public static List<string> CookedTwice(Farm farm)
    {
        using var store = FarmStore.Open(Path.Combine(farm.Folder, ".mlfarm", "farm.db"));
        var machine = new RunMachine();
        var done = new Dictionary<int, RangeSet>();
        var twice = new List<string>();
        foreach (var stored in store.Events(new RunId(1), 0))
        {
            var happened = EventCodec.Decode(stored.Payload.Span);
            if (happened is ResultsReported report && machine.Leases.FirstOrDefault(l => l.Id == report.Report.Lease) is { } lease)
                foreach (var result in report.Report.Results.Where(r => r.Kind is ResultKind.Succeeded or ResultKind.Cached))
                {
                    var known = done.TryGetValue(lease.Node.Value, out var set) ? set : done[lease.Node.Value] = new();
                    if (known.CountIn(result.Items) > 0) twice.Add($"{lease.Node}/{result.Items}");
                    known.Add(result.Items);
                }
            machine.Replay(happened);
        }
        return twice;
    }
}
