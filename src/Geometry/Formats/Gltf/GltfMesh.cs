using ExampleMlFarm.Core;
using SharpGLTF.Schema2;

namespace ExampleMlFarm.Geometry.Formats.Gltf;

/// <summary>All triangle primitives of the skinned meshes of a file, one after the other, joints numbered as in the skeleton.</summary>
internal sealed record GltfMesh(float[] Positions, int[] Triangles, IReadOnlyList<IReadOnlyList<(int Joint, double Weight)>> Influences)
{
    public static GltfMesh Read(IReadOnlyList<Node> skinned, GltfSkeleton rig, string name)
    {
        var positions = new List<float>();
        var triangles = new List<int>();
        var influences = new List<IReadOnlyList<(int, double)>>();
        foreach (var node in skinned)
        {
            var jointOfSlot = new int[node.Skin.JointsCount];
            for (var k = 0; k < jointOfSlot.Length; k++) jointOfSlot[k] = rig.JointOfNode[node.Skin.GetJoint(k).Joint.LogicalIndex];
            foreach (var primitive in node.Mesh.Primitives)
            {
                if (primitive.DrawPrimitiveType is PrimitiveType.POINTS or PrimitiveType.LINES or PrimitiveType.LINE_LOOP or PrimitiveType.LINE_STRIP) continue;
                var first = influences.Count;
                var count = Append(primitive, jointOfSlot, positions, influences, name);
                foreach (var (a, b, c) in primitive.GetTriangleIndices())
                {
                    if ((uint)a >= (uint)count || (uint)b >= (uint)count || (uint)c >= (uint)count)
                        throw FarmException.Invalid("gltf.index", $"A triangle of mesh \"{node.Mesh.Name}\" of \"{name}\" names vertex {Math.Max(a, Math.Max(b, c))}; it has {count} vertices. Export it again.");
                    triangles.AddRange([first + a, first + b, first + c]);
                }
            }
        }
        return new GltfMesh([.. positions], [.. triangles], influences);
    }

    private static int Append(
        MeshPrimitive primitive, int[] jointOfSlot, List<float> positions, List<IReadOnlyList<(int, double)>> influences, string name)
    {
        if (Attribute(primitive, "POSITION", name) is not { } positionAccessor) return 0;
        var position = positionAccessor.AsVector3Array();
        var sets = new List<(IReadOnlyList<System.Numerics.Vector4> Joints, IReadOnlyList<System.Numerics.Vector4> Weights)>();
        for (var set = 0; Attribute(primitive, $"JOINTS_{set}", name) is { } joints && Attribute(primitive, $"WEIGHTS_{set}", name) is { } weights; set++)
        {
            if (joints.Count != position.Count || weights.Count != position.Count)
                throw FarmException.Invalid("gltf.attribute_length",
                    $"A primitive of \"{name}\" has {position.Count} positions, but {joints.Count} entries of JOINTS_{set} and {weights.Count} of WEIGHTS_{set}. Export it again.");
            sets.Add((joints.AsVector4Array(), weights.AsVector4Array()));
        }
        if (sets.Count == 0)
            throw FarmException.Invalid("gltf.no_weights", $"A primitive of \"{name}\" with {position.Count} vertices has no skin weights (JOINTS_0, WEIGHTS_0). Bind it to the armature, or leave it out.");

        for (var v = 0; v < position.Count; v++)
        {
            positions.AddRange([position[v].X, position[v].Y, position[v].Z]);
            var row = new List<(int, double)>(4 * sets.Count);
            foreach (var (joints, weights) in sets)
                for (var k = 0; k < 4; k++)
                {
                    double weight = weights[v][k];
                    if (weight == 0) continue;
                    var slot = joints[v][k];
                    if (!(slot >= 0 && slot < jointOfSlot.Length))
                        throw FarmException.Invalid("rig.weight_joint", $"Vertex {influences.Count} of \"{name}\" is attached to joint {slot}; its skin has joints 0 to {jointOfSlot.Length - 1}.");
                    row.Add((jointOfSlot[(int)slot], weight));
                }
            influences.Add(row);
        }
        return position.Count;
    }

    private static Accessor? Attribute(MeshPrimitive primitive, string attribute, string name)
    {
        var accessor = primitive.GetVertexAccessor(attribute);
        if (accessor is not null && accessor.Count is < 0 or > GltfReader.MaxVertices)
            throw FarmException.Invalid("gltf.too_large", $"\"{name}\" claims {accessor!.Count} entries of {attribute}; at most {GltfReader.MaxVertices} are read. The file is probably damaged.");
        return accessor;
    }
}
