using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>
/// A tree (or forest) of named joints with their world transforms in the bind pose, the pose in which the skin was attached.
/// Parents come before their children. Knows no skin, no limits and no animation.
/// </summary>
public sealed class Skeleton
{
    /// <summary>More joints than any character has; a larger number is a damaged file.</summary>
    public const int MaxJoints = 10_000;

    private readonly Dictionary<string, int> indexOfName;

    /// <param name="names">Unique.</param>
    /// <param name="parents">Index of each joint's parent, −1 for a root; smaller than the joint's own index.</param>
    /// <param name="bindWorld">World transform of each joint in the bind pose; invertible.</param>
    /// <exception cref="FarmException">Names repeat, a parent does not come first, or a transform is singular.</exception>
    public Skeleton(IReadOnlyList<string> names, IReadOnlyList<int> parents, IReadOnlyList<Affine> bindWorld)
    {
        var n = names.Count;
        if (parents.Count != n || bindWorld.Count != n)
            throw new ArgumentException($"{n} names, {parents.Count} parents and {bindWorld.Count} bind transforms do not belong together.");
        if (n is 0 or > MaxJoints)
            throw FarmException.Invalid("rig.joint_count", $"The skeleton has {n} joints; 1 to {MaxJoints} are allowed. Check the skin of the character file.");
        Names = [.. names];
        Parents = [.. parents];
        BindWorld = [.. bindWorld];
        BindWorldInverse = new Affine[n];
        BindLocal = new Affine[n];
        indexOfName = new Dictionary<string, int>(n, StringComparer.Ordinal);
        for (var j = 0; j < n; j++)
        {
            if (!indexOfName.TryAdd(Names[j], j))
                throw FarmException.Invalid("rig.joint_name", $"Two joints are named \"{Names[j]}\"; rename one of them.");
            if (Parents[j] < -1 || Parents[j] >= j)
                throw FarmException.Invalid("rig.joint_order", $"Joint \"{Names[j]}\" ({j}) has parent {Parents[j]}; a parent comes before its children.");
            if (!BindWorld[j].IsFinite || !BindWorld[j].TryInverse(out BindWorldInverse[j]))
                throw FarmException.Invalid("rig.bind_singular", $"The bind transform of joint \"{Names[j]}\" cannot be inverted; bind the skin again.");
            BindLocal[j] = Parents[j] < 0 ? BindWorld[j] : BindWorldInverse[Parents[j]] * BindWorld[j];
        }
        var children = Enumerable.Range(0, n).ToLookup(j => Parents[j]);
        ChildrenOf = [.. Enumerable.Range(0, n).Select(j => children[j].ToArray())];
    }

    public int JointCount => Names.Length;
    public string[] Names { get; }

    /// <summary>−1 for a root.</summary>
    public int[] Parents { get; }

    public int[][] ChildrenOf { get; }

    public Affine[] BindWorld { get; }
    public Affine[] BindWorldInverse { get; }

    /// <summary>Relative to the parent; a root's is its world transform.</summary>
    public Affine[] BindLocal { get; }

    /// <exception cref="FarmException">No joint has this name; the message lists those there are.</exception>
    public int IndexOf(string name) => indexOfName.TryGetValue(name, out var index)
        ? index
        : throw FarmException.Invalid("rig.no_joint", $"No joint is named \"{name}\". The joints are: {string.Join(", ", Names)}.");

    public bool TryIndexOf(string name, out int index) => indexOfName.TryGetValue(name, out index);

    /// <summary>Indices of the named joints in joint order, each once; no names mean all joints.</summary>
    public int[] Group(IReadOnlyCollection<string> names) =>
        names.Count == 0 ? [.. Enumerable.Range(0, JointCount)] : [.. names.Select(IndexOf).Distinct().Order()];

    /// <summary>Whether <paramref name="ancestor"/> is <paramref name="joint"/> or lies on its way to the root.</summary>
    public bool IsAncestorOrSelf(int ancestor, int joint)
    {
        for (var j = joint; j >= 0; j = Parents[j])
            if (j == ancestor) return true;
        return false;
    }
}
