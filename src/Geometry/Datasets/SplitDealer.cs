using ExampleMlFarm.Core.Randomness;

namespace ExampleMlFarm.Geometry.Datasets;

/// <summary>
/// Deals examples to splits. Rule: in key order, the first groups (an example without a group is its own) go one to each
/// split with a proportion above 0, largest proportion first, so that no split is empty; every later group goes where a
/// uniform number keyed by (seed, group) falls among the proportions.
/// </summary>
/// <remarks>
/// A split depends on the seed, the group, and for the first few groups on which keys come before: adding examples with
/// higher keys never moves a record. All examples of a group are in one split. Not for several threads.
/// </remarks>
internal sealed class SplitDealer
{
    private readonly ulong _seed;
    private readonly double[] _upTo;
    private readonly byte[] _firstServed;
    private readonly Dictionary<long, byte> _served = [];

    public SplitDealer(IReadOnlyList<SplitShare> splits, ulong seed)
    {
        _seed = seed;
        var sum = splits.Sum(s => s.Proportion);
        _upTo = new double[splits.Count];
        var at = 0.0;
        for (var i = 0; i < _upTo.Length; i++) _upTo[i] = at += splits[i].Proportion / sum;
        // OrderBy is stable: equal proportions are served in the order given.
        _firstServed = [.. Enumerable.Range(0, splits.Count).Where(i => splits[i].Proportion > 0)
            .OrderByDescending(i => splits[i].Proportion).Select(i => (byte)i)];
    }

    /// <summary>The split of the next example in key order.</summary>
    public byte Deal(long group)
    {
        if (_served.TryGetValue(group, out var served)) return served;
        if (_served.Count < _firstServed.Length) return _served[group] = _firstServed[_served.Count];
        var draw = CounterRandom.Keyed(_seed, "dataset", group, "split").Uniform(0);
        for (var i = 0; i < _upTo.Length; i++)
            if (draw < _upTo[i]) return (byte)i;
        // Rounding may leave the last bound a hair below 1; a split of proportion 0 must not get what falls there.
        return _firstServed.Max();
    }
}
