using ExampleMlFarm.Core;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>
/// Which joints carry each point, and how much: joints and weights <c>[points, influences]</c>, weights at least 0, each row
/// summing to one, unused entries (joint 0, weight 0), larger weights first.
/// </summary>
public sealed class SkinWeights
{
    /// <summary>Two glTF attribute sets; beyond that the smallest weights are dropped.</summary>
    public const int MaxInfluences = 8;

    /// <summary>Four weights of eight bits each may be off by half a step each, 0.008 together.</summary>
    public const double SumTolerance = 0.01;

    private SkinWeights(int pointCount, int influences, int[] joints, double[] weights) =>
        (PointCount, Influences, Joints, Weights) = (pointCount, influences, joints, weights);

    public int PointCount { get; }
    public int Influences { get; }
    public int[] Joints { get; }
    public double[] Weights { get; }

    /// <summary>
    /// Checks rows of (joint, weight), keeps the <see cref="MaxInfluences"/> largest of each and scales them to sum exactly to one.
    /// </summary>
    /// <param name="rows">One row per point, in point order; joints may repeat within a row.</param>
    /// <param name="jointCount">Joints are 0 to this, exclusive.</param>
    /// <param name="pointName">What a row is called in messages: "vertex" or "point".</param>
    /// <exception cref="FarmException">A weight is negative or not finite, a joint does not exist, or a row does not sum to one.</exception>
    public static SkinWeights Create(IReadOnlyList<IReadOnlyList<(int Joint, double Weight)>> rows, int jointCount, string pointName = "vertex")
    {
        var kept = new List<(int Joint, double Weight)>[rows.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            double sum = 0;
            var merged = new List<(int Joint, double Weight)>(rows[i].Count);
            foreach (var (joint, weight) in rows[i])
            {
                if (!double.IsFinite(weight) || weight < 0)
                    throw FarmException.Invalid("rig.weight", $"Skin weight of {pointName} {i} is {weight}; a weight is a finite number of at least 0.");
                if (weight == 0) continue;
                if ((uint)joint >= (uint)jointCount)
                    throw FarmException.Invalid("rig.weight_joint", $"{pointName} {i} is attached to joint {joint}; the skin has joints 0 to {jointCount - 1}.");
                sum += weight;
                var known = merged.FindIndex(e => e.Joint == joint);
                if (known < 0) merged.Add((joint, weight));
                else merged[known] = (joint, merged[known].Weight + weight);
            }
            if (Math.Abs(sum - 1) > SumTolerance)
                throw FarmException.Invalid("rig.weights_sum",
                    $"The skin weights of {pointName} {i} sum to {sum:G6}; they must sum to 1 (within {SumTolerance}). Normalise the weights before exporting.");
            merged.Sort((a, b) => a.Weight != b.Weight ? b.Weight.CompareTo(a.Weight) : a.Joint.CompareTo(b.Joint));
            if (merged.Count > MaxInfluences) merged.RemoveRange(MaxInfluences, merged.Count - MaxInfluences);
            kept[i] = merged;
        }

        var influences = Math.Max(1, kept.Length == 0 ? 1 : kept.Max(row => row.Count));
        var joints = new int[rows.Count * influences];
        var weights = new double[rows.Count * influences];
        for (var i = 0; i < kept.Length; i++)
        {
            var sum = kept[i].Sum(e => e.Weight);
            for (var k = 0; k < kept[i].Count; k++)
                (joints[i * influences + k], weights[i * influences + k]) = (kept[i][k].Joint, kept[i][k].Weight / sum);
        }
        return new SkinWeights(rows.Count, influences, joints, weights);
    }

    /// <summary>The (joint, weight) pairs of a point that have weight.</summary>
    public IEnumerable<(int Joint, double Weight)> Of(int point)
    {
        for (var k = point * Influences; k < (point + 1) * Influences; k++)
            if (Weights[k] > 0) yield return (Joints[k], Weights[k]);
    }

    /// <summary>Per joint whether any point hangs on it.</summary>
    public bool[] JointsWithSkin(int jointCount)
    {
        var has = new bool[jointCount];
        for (var k = 0; k < Weights.Length; k++) has[Joints[k]] |= Weights[k] > 0;
        return has;
    }
}
