using System.Numerics;
using System.Runtime.InteropServices;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;
using SharpGLTF.Memory;
using SharpGLTF.Schema2;
using SharpGLTF.Validation;
using Accessor = SharpGLTF.Schema2.Accessor;

namespace ExampleMlFarm.Geometry.Formats.Gltf;

/// <summary>A residual blend shape: a displacement of every skin point, applied to the bind pose before skinning.</summary>
/// <param name="Name">Shown by viewers.</param>
/// <param name="Displacements"><c>[points, 3]</c>.</param>
public sealed record MorphShape(string Name, float[] Displacements);

/// <summary>A pose sequence to play: joints, and the weights of the morph shapes.</summary>
/// <param name="ShapeWeights">Per frame one weight per shape; empty when there are no shapes.</param>
public sealed record GltfClip(string Name, double[] TimesSeconds, IReadOnlyList<Pose> Poses, IReadOnlyList<float[]> ShapeWeights);

/// <summary>What goes into the file beside the character itself.</summary>
public sealed record GltfContent
{
    /// <summary><c>[points, 3]</c>; the bind pose when null.</summary>
    public double[]? Points { get; init; }

    /// <summary><c>[points, 3]</c>, red, green, blue in [0, 1], linear; no colours when null.</summary>
    public float[]? Colors { get; init; }

    public IReadOnlyList<MorphShape> Shapes { get; init; } = [];
    public IReadOnlyList<GltfClip> Clips { get; init; } = [];
}

/// <summary>
/// Writes a character as binary glTF 2.0 with skin, morph targets, clips and vertex colours, in the vertex order of the file
/// that it came from. The same input gives the same bytes.
/// </summary>
public static class GltfWriter
{
    /// <exception cref="FarmException">A joint cannot be written as translation, rotation and scale.</exception>
    public static byte[] WriteCharacter(Character character, GltfContent content)
    {
        var model = ModelRoot.CreateModel();
        model.Asset.Generator = "ExampleMlFarm";
        var scene = model.UseScene(0);
        model.DefaultScene = scene;

        var joints = Joints(character.Skeleton, scene);
        var skin = model.CreateSkin(character.Name);
        skin.BindJoints(joints.Select((node, j) => (node, InverseBind(character.Skeleton.BindWorldInverse[j]))).ToArray());
        var body = scene.CreateNode(character.Name);
        body.Mesh = Mesh(model, character, content);
        body.Skin = skin;
        foreach (var clip in content.Clips) Animate(model, clip, character.Skeleton, joints, body, content.Shapes.Count);

        using var stream = new MemoryStream();
        model.WriteGLB(stream, new WriteSettings { Validation = ValidationMode.Strict, MergeBuffers = true });
        return stream.ToArray();
    }

    private static Node[] Joints(Skeleton skeleton, Scene scene)
    {
        var nodes = new Node[skeleton.JointCount];
        for (var j = 0; j < nodes.Length; j++)
        {
            var parent = skeleton.Parents[j];
            nodes[j] = parent < 0 ? scene.CreateNode(skeleton.Names[j]) : nodes[parent].CreateNode(skeleton.Names[j]);
            var (translation, rotation, scale) = Decompose(skeleton.BindLocal[j], skeleton.Names[j]);
            nodes[j].LocalTransform = new SharpGLTF.Transforms.AffineTransform(scale, rotation, translation);
        }
        return nodes;
    }

    private static Mesh Mesh(ModelRoot model, Character character, GltfContent content)
    {
        var original = character.Original;
        var vertices = content.Points is { } points ? Single(original.FromPoints(points)) : original.Positions;
        var mesh = model.CreateMesh(character.Name);
        var primitive = mesh.CreatePrimitive();
        primitive.DrawPrimitiveType = PrimitiveType.TRIANGLES;
        primitive.SetIndexAccessor(Indices(model, original.Triangles));
        primitive.SetVertexAccessor("POSITION", Floats(model, vertices, DimensionType.VEC3));
        var normals = SurfaceNormals.OfPoints(content.Points ?? character.RestPoints, character.Triangles);
        primitive.SetVertexAccessor("NORMAL", Floats(model, Single(original.FromPoints(normals)), DimensionType.VEC3));
        if (content.Colors is { } colors)
            primitive.SetVertexAccessor("COLOR_0", Floats(model, PerVertex(colors, original), DimensionType.VEC3));
        WriteWeights(model, primitive, character);

        for (var k = 0; k < content.Shapes.Count; k++)
            primitive.SetMorphTargetAccessors(k, new Dictionary<string, Accessor>
            {
                ["POSITION"] = Floats(model, PerVertex(content.Shapes[k].Displacements, original), DimensionType.VEC3),
            });
        if (content.Shapes.Count > 0)
        {
            mesh.SetMorphWeights(SharpGLTF.Transforms.SparseWeight8.Create(new float[content.Shapes.Count]));
            // The place where viewers look for the names of morph targets.
            mesh.Extras = new System.Text.Json.Nodes.JsonObject
            {
                ["targetNames"] = new System.Text.Json.Nodes.JsonArray([.. content.Shapes.Select(s => (System.Text.Json.Nodes.JsonNode)s.Name)]),
            };
        }
        return mesh;
    }

    private static void WriteWeights(ModelRoot model, MeshPrimitive primitive, Character character)
    {
        var (skin, original) = (character.Skin, character.Original);
        for (var set = 0; 4 * set < skin.Influences; set++)
        {
            var joints = new ushort[4 * original.VertexCount];
            var weights = new float[4 * original.VertexCount];
            for (var v = 0; v < original.VertexCount; v++)
                for (var k = 0; k < 4 && 4 * set + k < skin.Influences; k++)
                {
                    var from = original.PointOfVertex[v] * skin.Influences + 4 * set + k;
                    (joints[4 * v + k], weights[4 * v + k]) = ((ushort)skin.Joints[from], (float)skin.Weights[from]);
                }
            primitive.SetVertexAccessor($"JOINTS_{set}", Vertices(model, MemoryMarshal.AsBytes<ushort>(joints), original.VertexCount, DimensionType.VEC4, EncodingType.UNSIGNED_SHORT));
            primitive.SetVertexAccessor($"WEIGHTS_{set}", Floats(model, weights, DimensionType.VEC4));
        }
    }

    private static void Animate(ModelRoot model, GltfClip clip, Skeleton skeleton, Node[] joints, Node body, int shapes)
    {
        var animation = model.CreateAnimation(clip.Name);
        for (var j = 0; j < joints.Length; j++)
        {
            var rotations = new Dictionary<float, System.Numerics.Quaternion>();
            var translations = new Dictionary<float, Vector3>();
            var moves = false;
            for (var f = 0; f < clip.Poses.Count; f++)
            {
                var (translation, rotation, _) = Decompose(clip.Poses[f].Local[j], skeleton.Names[j]);
                rotations[(float)clip.TimesSeconds[f]] = rotation;
                translations[(float)clip.TimesSeconds[f]] = translation;
                moves |= (clip.Poses[f].Local[j].Translation - skeleton.BindLocal[j].Translation).Length > 1e-9 * (1 + skeleton.BindLocal[j].Translation.Length);
            }
            animation.CreateRotationChannel(joints[j], rotations, true);
            if (moves) animation.CreateTranslationChannel(joints[j], translations, true);
        }
        if (shapes == 0) return;
        var weights = new Dictionary<float, float[]>();
        for (var f = 0; f < clip.Poses.Count; f++) weights[(float)clip.TimesSeconds[f]] = clip.ShapeWeights[f];
        animation.CreateMorphChannel(body, weights, shapes, true);
    }

    private static (Vector3 Translation, System.Numerics.Quaternion Rotation, Vector3 Scale) Decompose(in Affine local, string joint)
    {
        var (rotation, stretch) = Svd3.Polar(local.Linear);
        var scale = new Vector3d(stretch.M00, stretch.M11, stretch.M22);
        if ((rotation * Matrix3d.Diagonal(scale) - local.Linear).MaxAbs > 1e-4 * Math.Max(1e-12, local.Linear.MaxAbs))
            throw FarmException.Invalid("gltf.sheared_joint", $"The transform of joint \"{joint}\" shears or mirrors; glTF joints have translation, rotation and scale only. Freeze the scale of its parents and bind again.");
        var q = Quaterniond.FromMatrix(rotation);
        var t = local.Translation;
        return (new Vector3((float)t.X, (float)t.Y, (float)t.Z),
            System.Numerics.Quaternion.Normalize(new System.Numerics.Quaternion((float)q.X, (float)q.Y, (float)q.Z, (float)q.W)),
            new Vector3((float)Snap(scale.X), (float)Snap(scale.Y), (float)Snap(scale.Z)));
    }

    /// <summary>Rounding of a rotation read from single precision is no scale.</summary>
    private static double Snap(double scale) => Math.Abs(scale - 1) < 1e-5 ? 1 : scale;

    private static Matrix4x4 InverseBind(in Affine inverse) => inverse.ToRowVectorMatrix();

    private static float[] Single(double[] values) => Array.ConvertAll(values, v => (float)v);

    private static float[] PerVertex(float[] points, OriginalMesh original)
    {
        var vertices = new float[3 * original.VertexCount];
        for (var v = 0; v < original.VertexCount; v++) points.AsSpan(3 * original.PointOfVertex[v], 3).CopyTo(vertices.AsSpan(3 * v));
        return vertices;
    }

    private static Accessor Floats(ModelRoot model, float[] values, DimensionType dimension) =>
        Vertices(model, MemoryMarshal.AsBytes<float>(values), values.Length / (dimension == DimensionType.VEC4 ? 4 : 3), dimension, EncodingType.FLOAT);

    private static Accessor Vertices(ModelRoot model, ReadOnlySpan<byte> bytes, int count, DimensionType dimension, EncodingType encoding)
    {
        var view = model.UseBufferView(bytes.ToArray(), 0, null, 0, BufferMode.ARRAY_BUFFER);
        var accessor = model.CreateAccessor();
        accessor.SetVertexData(view, 0, count, new AttributeFormat(dimension, encoding));
        return accessor;
    }

    private static Accessor Indices(ModelRoot model, int[] triangles)
    {
        var view = model.UseBufferView(MemoryMarshal.AsBytes<int>(triangles).ToArray(), 0, null, 0, BufferMode.ELEMENT_ARRAY_BUFFER);
        var accessor = model.CreateAccessor();
        accessor.SetIndexData(view, 0, triangles.Length, IndexEncodingType.UNSIGNED_INT);
        return accessor;
    }
}
