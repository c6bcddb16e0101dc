using System.Runtime.InteropServices;
using System.Text;

namespace ExampleMlFarm.Tests.Geometry.Gltf;

/// <summary>A tetrahedron on two joints as a GLB written by hand, with single parts made wrong on request.</summary>
internal sealed record TinyGlb
{
    public float[] Positions { get; init; } = [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1];
    public ushort[] Indices { get; init; } = [0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3];
    public float[] Weights { get; init; } = [1, 0, 0, 0, 0.5f, 0.5f, 0, 0, 0, 1, 0, 0, 0.25f, 0.75f, 0, 0];
    public ushort[] Joints { get; init; } = [0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0];
    public bool Skinned { get; init; } = true;

    /// <summary>A node between the two joints that is in no skin.</summary>
    public bool NodeBetween { get; init; }

    public byte[] Bytes()
    {
        var bin = new List<byte>();
        var views = new List<string>();
        var count = Positions.Length / 3;
        View<float>(Positions);
        View<ushort>(Indices);
        View<ushort>(Joints);
        View<float>(Weights);
        View<float>([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, -2, 0, 1]);
        View<float>([0, 1]);
        View<float>([0, 0, 0, 1, 0, 0, 0.70710678f, 0.70710678f]);
        var nodes = NodeBetween
            ? """{"name":"low","children":[3]},{"name":"high","translation":[0,1,0]},MESH,{"name":"middle","translation":[0,1,0],"children":[1]}"""
            : """{"name":"low","children":[1]},{"name":"high","translation":[0,2,0]},MESH""";
        nodes = nodes.Replace("MESH", Skinned ? """{"mesh":0,"skin":0}""" : """{"mesh":0}""");
        var json = $$"""
            {"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0,2]}],"nodes":[{{nodes}}],
            "meshes":[{"primitives":[{"attributes":{"POSITION":0,"JOINTS_0":2,"WEIGHTS_0":3},"indices":1}]}],
            "skins":[{"joints":[0,1],"inverseBindMatrices":4}],
            "animations":[{"name":"turn","samplers":[{"input":5,"output":6}],"channels":[{"sampler":0,"target":{"node":1,"path":"rotation"} }]}],
            "accessors":[
            {"bufferView":0,"componentType":5126,"count":{{count}},"type":"VEC3","min":[0,0,0],"max":[1,1,1]},
            {"bufferView":1,"componentType":5123,"count":{{Indices.Length}},"type":"SCALAR"},
            {"bufferView":2,"componentType":5123,"count":{{count}},"type":"VEC4"},
            {"bufferView":3,"componentType":5126,"count":{{count}},"type":"VEC4"},
            {"bufferView":4,"componentType":5126,"count":2,"type":"MAT4"},
            {"bufferView":5,"componentType":5126,"count":2,"type":"SCALAR","min":[0],"max":[1]},
            {"bufferView":6,"componentType":5126,"count":2,"type":"VEC4"}],
            "bufferViews":[{{string.Join(',', views)}}],"buffers":[{"byteLength":{{bin.Count}} }] }
            """;
        return Container(json, [.. bin]);

        void View<T>(T[] data) where T : unmanaged
        {
            var bytes = MemoryMarshal.AsBytes<T>(data);
            views.Add($$"""{"buffer":0,"byteOffset":{{bin.Count}},"byteLength":{{bytes.Length}} }""");
            bin.AddRange(bytes);
            while (bin.Count % 4 != 0) bin.Add(0);
        }
    }

    public static byte[] Container(string json, byte[] bin)
    {
        var text = Encoding.UTF8.GetBytes(json.PadRight((json.Length + 3) / 4 * 4));
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(0x46546C67u);
        writer.Write(2u);
        writer.Write((uint)(12 + 8 + text.Length + 8 + bin.Length));
        writer.Write((uint)text.Length);
        writer.Write(0x4E4F534Au);
        writer.Write(text);
        writer.Write((uint)bin.Length);
        writer.Write(0x004E4942u);
        writer.Write(bin);
        return stream.ToArray();
    }
}
