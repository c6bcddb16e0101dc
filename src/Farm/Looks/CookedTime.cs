using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Scheduler.Journal;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>How long a run took. One that lay still overnight, killed or paused, did not take that night.</summary>
internal static class CookedTime
{
    // Start, merging and the pauses between leases belong to a run that goes through; more than this share of it, and it lay still.
    private const double IdleSeconds = 10, IdleShare = 0.25;

    /// <summary><c>in 2 min 04 s</c>; for a run that lay still <c>in 17 min 47 s, of which it cooked for 23 s</c>.</summary>
    public static string Shown(IRunReader store, RunShell run, DateTimeOffset now)
    {
        double all = ((run.Machine.FinishedAt ?? now) - run.Machine.SubmittedAt).TotalSeconds;
        if (all < IdleSeconds) return $"in {Format.Duration(all)}";
        double cooked = Seconds(store, run);
        return all - cooked > Math.Max(IdleSeconds, IdleShare * all) ? $"in {Format.Duration(all)}, of which it cooked for {Format.Duration(cooked)}" : $"in {Format.Duration(all)}";
    }

    /// <summary>Seconds in which at least one item cooked whose result was acknowledged: the union of the times that the journal tells.</summary>
    public static double Seconds(IRunReader store, RunShell run)
    {
        var times = new List<(DateTimeOffset From, DateTimeOffset To)>();
        foreach (var stored in store.Events(run.Id, 0))
            if (EventCodec.Decode(stored.Payload.Span) is ResultsReported reported)
                times.Add((reported.At - TimeSpan.FromSeconds(Math.Min(reported.Report.Results.Sum(r => r.Seconds), 1e8)), reported.At));
        times.Sort();
        double seconds = 0;
        var until = DateTimeOffset.MinValue;
        foreach (var (from, to) in times)
        {
            if (to <= until) continue;
            seconds += (to - (from > until ? from : until)).TotalSeconds;
            until = to;
        }
        return seconds;
    }
}
