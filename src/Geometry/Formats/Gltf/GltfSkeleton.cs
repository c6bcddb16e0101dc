using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;
using SharpGLTF.Schema2;

namespace ExampleMlFarm.Geometry.Formats.Gltf;

/// <summary>
/// The skeleton of one or more skins of a file: their joints, and the nodes between two joints that belong to no skin. The bind
/// pose comes from the inverse bind matrices, not from the nodes' rest transforms, which exporters leave in any pose.
/// </summary>
internal sealed record GltfSkeleton(Skeleton Skeleton, Node[] Nodes, Dictionary<int, int> JointOfNode)
{
    /// <summary>Of two skins that bind the same joint, how far their matrices may differ, as a part of the largest entry.</summary>
    private const double BindTolerance = 1e-4;

    public static GltfSkeleton Read(IReadOnlyList<Skin> skins, string name)
    {
        var bind = new Dictionary<int, Affine>();
        var nodes = new Dictionary<int, Node>();
        foreach (var skin in skins)
        {
            if (skin.JointsCount == 0) throw FarmException.Invalid("gltf.no_joints", $"A skin of \"{name}\" has no joints. Export the armature with the mesh.");
            for (var k = 0; k < skin.JointsCount; k++)
            {
                var (node, inverse) = skin.GetJoint(k);
                if (node is null) throw FarmException.Invalid("gltf.joint", $"Joint {k} of a skin of \"{name}\" is a node that does not exist. Export it again.");
                if (!Affine.FromRowVectorMatrix(inverse).TryInverse(out var world) || !world.IsFinite)
                    throw FarmException.Invalid("gltf.bind", $"The inverse bind matrix of joint \"{NameOf(node)}\" of \"{name}\" is singular or not finite. Bind the skin again.");
                if (bind.TryGetValue(node.LogicalIndex, out var other)
                    && Affine.MaxDifference(world, other) > BindTolerance * Math.Max(1, Math.Max(world.Linear.MaxAbs, world.Translation.Length)))
                    throw FarmException.Invalid("gltf.bind_differs", $"Two skins of \"{name}\" bind joint \"{NameOf(node)}\" in different poses. Join the meshes, or bind them in one pose.");
                bind[node.LogicalIndex] = world;
                nodes[node.LogicalIndex] = node;
            }
        }

        foreach (var node in nodes.Values.ToList())
        {
            var between = new List<Node>();
            var up = node.VisualParent;
            for (; up is not null && !bind.ContainsKey(up.LogicalIndex); up = up.VisualParent)
            {
                // A damaged file may make a node its own ancestor.
                if (between.Count > up.LogicalParent.LogicalNodes.Count)
                    throw FarmException.Invalid("gltf.cycle", $"Node \"{NameOf(up)}\" of \"{name}\" is its own ancestor. Export it again.");
                between.Add(up);
            }
            if (up is null) continue;
            between.Reverse();
            foreach (var inner in between)
            {
                nodes[inner.LogicalIndex] = inner;
                bind[inner.LogicalIndex] = bind[inner.VisualParent.LogicalIndex] * Affine.FromRowVectorMatrix(inner.LocalMatrix);
            }
        }
        return Order(nodes, bind);
    }

    /// <summary>Depth first in the order of the file, so that parents precede children.</summary>
    private static GltfSkeleton Order(Dictionary<int, Node> nodes, Dictionary<int, Affine> bind)
    {
        var names = new List<string>();
        var parents = new List<int>();
        var worlds = new List<Affine>();
        var ordered = new List<Node>();
        var jointOf = new Dictionary<int, int>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<(Node Node, int Parent)>();
        foreach (var root in nodes.Values.Where(n => n.VisualParent is null || !nodes.ContainsKey(n.VisualParent.LogicalIndex)).OrderByDescending(n => n.LogicalIndex))
            open.Push((root, -1));
        while (open.TryPop(out var next))
        {
            var joint = ordered.Count;
            if (!jointOf.TryAdd(next.Node.LogicalIndex, joint)) continue;
            var name = NameOf(next.Node);
            if (!taken.Add(name)) taken.Add(name = $"{name}#{next.Node.LogicalIndex}");
            names.Add(name);
            parents.Add(next.Parent);
            worlds.Add(bind[next.Node.LogicalIndex]);
            ordered.Add(next.Node);
            foreach (var child in next.Node.VisualChildren.Reverse())
                if (nodes.ContainsKey(child.LogicalIndex)) open.Push((child, joint));
        }
        return new GltfSkeleton(new Skeleton(names, parents, worlds), [.. ordered], jointOf);
    }

    private static string NameOf(Node node) => string.IsNullOrEmpty(node.Name) ? $"joint_{node.LogicalIndex}" : node.Name;
}
