using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Workers.Links;
using ExampleMlFarm.Workers.Reporting;

namespace ExampleMlFarm.Workers.Leases;

/// <summary>Looks for earlier results under the keys of a lease, and takes none whose outputs are not all intact.</summary>
public sealed class EarlierResults(IFarmLink link, ArtifactStore store)
{
    /// <summary>
    /// Results for items of the lease, ascending, with their keys. An unreachable farm has none: cooking again is slower, never wrong.
    /// </summary>
    public IReadOnlyList<ItemResult> Find(IReadOnlyList<KeyRun> keys, CancellationToken cancellation)
    {
        IReadOnlyList<IReadOnlyList<ItemResult>> found;
        // The slot's thread has nothing else to do, and blocks.
        try { found = link.Find(keys, cancellation).GetAwaiter().GetResult(); }
        catch (FarmUnreachableException) { return []; }
        var results = new List<ItemResult>();
        for (int q = 0; q < keys.Count && q < found.Count; q++)
        {
            var run = keys[q];
            foreach (var result in found[q])
            {
                // The cache counts items under the key base; the lease counts them in their node.
                var under = result.Items.Intersect(new(run.KeyIndex, run.KeyIndex + run.Items.Count));
                if (under.IsEmpty || !AllIntact(result, cancellation)) continue;
                long shift = run.Items.Start - run.KeyIndex;
                results.Add(result.Slice(under) with
                {
                    Items = new(under.Start + shift, under.End + shift), KeyBase = run.KeyBase, KeyIndex = under.Start, Kind = ResultKind.Cached,
                });
            }
        }
        results.Sort((a, b) => a.Items.Start.CompareTo(b.Items.Start));
        return results;
    }

    private bool AllIntact(ItemResult result, CancellationToken cancellation)
    {
        foreach (var output in result.Outputs ?? [])
        {
            try
            {
                // What lies elsewhere is not fetched only to be looked at: whoever reads it checks it then.
                if ((store.IsHere(output.Hash) ? store.CheckAndSetAside(output.Hash, output.SizeBytes) : store.Glance(output.Hash, output.SizeBytes)).IsIntact) continue;
            }
            catch (FarmException e) when (e.Failure.Code == "farm.unreachable") { return false; }
            try { link.Forget(output.Hash, cancellation).GetAwaiter().GetResult(); }
            catch (FarmUnreachableException) { /* Whoever finds it next says so. */ }
            return false;
        }
        return true;
    }
}
