using System.Collections.Concurrent;
using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Workers.Cooking;

/// <summary>
/// Keeps a worker's copies of a farm's artifacts within a size: those that were not used for longest go first. What an item may be reading, and what the farm may not have
/// yet, stays, even if that is more.
/// </summary>
/// <remarks>Safe for several threads; one at a time sweeps.</remarks>
/// <param name="mostBytes">Size to keep to.</param>
/// <param name="time">Tells which use was earlier.</param>
public sealed class ArtifactCache(long mostBytes, TimeProvider time)
{
    // Below the limit, so that not every new file costs a look at all of them.
    private const double SweptTo = 0.9;
    private readonly ConcurrentDictionary<ContentHash, long> used = new();
    private volatile bool changed = true;

    /// <summary>An artifact came, or is about to be read.</summary>
    public void Touch(ContentHash artifact)
    {
        used[artifact] = time.GetTimestamp();
        changed = true;
    }

    /// <summary>Removes what is too much; returns how many artifacts.</summary>
    /// <param name="store">Where they lie.</param>
    /// <param name="busySince">Artifacts used since then may be in use.</param>
    /// <param name="needed">Artifacts that must stay.</param>
    public int Sweep(ArtifactStore store, long busySince, IReadOnlySet<ContentHash> needed)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (!changed) return 0;
        changed = false;
        var all = store.List().ToList();
        long bytes = all.Sum(a => a.SizeBytes);
        if (bytes <= mostBytes) return 0;
        int removed = 0;
        // Those of an earlier life of the worker are the oldest.
        foreach (var artifact in all.OrderBy(a => used.GetValueOrDefault(a.Hash)))
        {
            if (bytes <= mostBytes * SweptTo) break;
            if (used.TryGetValue(artifact.Hash, out long last) && last >= busySince) break;
            if (needed.Contains(artifact.Hash)) continue;
            store.Delete(artifact.Hash);
            used.TryRemove(artifact.Hash, out _);
            bytes -= artifact.SizeBytes;
            removed++;
        }
        // Still too much: the next look may find that less is in use.
        if (bytes > mostBytes) changed = true;
        return removed;
    }
}
