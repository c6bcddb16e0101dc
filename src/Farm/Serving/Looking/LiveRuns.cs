using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Serving.Looking;

/// <summary>
/// The runs that people look at, kept replayed: a look reads only what was written since the last one. A look sees everything that was acknowledged before it.
/// </summary>
/// <remarks>
/// Safe for several threads; looks at one run take turns. Runs that were not looked at for longest are let go of when there are too many, counted in runs and in items.
/// </remarks>
internal sealed class LiveRuns(ServedFarm farm)
{
    private const int MostRuns = 64;
    private const long MostItems = 50_000_000;

    private sealed class Kept
    {
        public readonly Lock Gate = new();
        public RunFeed? Feed;
        public long Used, Items;
    }

    private readonly Lock gate = new();
    private readonly Dictionary<long, Kept> kept = [];

    /// <summary>What looks look at.</summary>
    public RunLook Look { get; } = RunLook.At(new ServingSite(farm, ""), new ProjectFolder(Path.GetTempPath()));

    /// <summary>Looks at a run as it is now. What is read must not be kept: the run goes on.</summary>
    /// <exception cref="CliException">There is no such run.</exception>
    public T Read<T>(long run, Func<RunShell, T> read)
    {
        Kept found;
        lock (gate)
        {
            if (!kept.TryGetValue(run, out found!))
            {
                _ = Look.NumberOf(Addresses.Address.Last with { Run = new RunId(run) });
                kept[run] = found = new();
            }
            found.Used = farm.Time.GetTimestamp();
        }
        lock (found.Gate)
        {
            try
            {
                if (found.Feed is null) found.Feed = new(Look, new(run));
                else found.Feed.Update();
            }
            catch
            {
                // A replay that broke off is no state; the next look begins anew.
                found.Feed = null;
                throw;
            }
            found.Items = found.Feed.Shell.Machine.TotalCounts().Total;
            try { return read(found.Feed.Shell); }
            finally { LetGo(run); }
        }
    }

    private void LetGo(long current)
    {
        lock (gate)
        {
            while (kept.Count > 1 && (kept.Count > MostRuns || kept.Values.Sum(k => k.Items) > MostItems))
            {
                var oldest = kept.Where(k => k.Key != current).MinBy(k => k.Value.Used);
                kept.Remove(oldest.Key);
            }
        }
    }
}
