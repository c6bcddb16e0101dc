using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using ExampleMlFarm.Geometry.Formats.Gltf;
using ExampleMlFarm.Geometry.Rigs;

namespace ExampleMlFarm.Tests.Nodes.World;

/// <summary>The limb as a GLB, with one thing wrong.</summary>
internal static class BrokenGlb
{
    private const int JsonStart = 20;

    public static byte[] Whole()
    {
        var limb = Limb.Create();
        var clip = limb.Clips[0];
        var poses = Enumerable.Range(0, clip.FrameCount).Select(f => clip.PoseAt(limb.Skeleton, f)).ToList();
        return GltfWriter.WriteCharacter(limb, new GltfContent { Clips = [new GltfClip(clip.Name, clip.TimesSeconds, poses, [])] });
    }

    public static byte[] CutInHalf() => Whole()[..(Whole().Length / 2)];

    public static byte[] NaNPoint() => Changed("POSITION", floats => floats[3 * 100] = float.NaN);

    public static byte[] WeightsBeyondOne() => Changed("WEIGHTS_0", floats => floats[4 * 7] += 0.5f);

    /// <summary>One triangle shrunk to a point: a hole.</summary>
    public static byte[] TornSkin() => WithIndices((indices, i) => i is >= 300 and < 303 ? indices[300] : indices[i]);

    /// <summary>Every triangle is the same point three times.</summary>
    public static byte[] NoSurface() => WithIndices((indices, _) => indices[0]);

    /// <summary>The first triangle once more, where another one was.</summary>
    public static byte[] TwiceTheSameTriangle() => WithIndices((indices, i) => i is >= 600 and < 603 ? indices[i - 600] : indices[i]);

    private static byte[] Changed(string attribute, Action<Span<float>> change)
    {
        var glb = Whole();
        var json = Json(glb);
        change(MemoryMarshal.Cast<byte, float>(Data(glb, json, (int)json["meshes"]![0]!["primitives"]![0]!["attributes"]![attribute]!)));
        return glb;
    }

    private static byte[] WithIndices(Func<int[], int, int> of)
    {
        var glb = Whole();
        var json = Json(glb);
        int accessor = (int)json["meshes"]![0]!["primitives"]![0]!["indices"]!;
        var data = Data(glb, json, accessor);
        bool isShort = (int)json["accessors"]![accessor]!["componentType"]! == 5123;
        var before = isShort ? [.. MemoryMarshal.Cast<byte, ushort>(data).ToArray().Select(v => (int)v)] : MemoryMarshal.Cast<byte, int>(data).ToArray();
        for (int i = 0; i < before.Length; i++)
            if (isShort) BinaryPrimitives.WriteUInt16LittleEndian(data[(2 * i)..], (ushort)of(before, i));
            else BinaryPrimitives.WriteInt32LittleEndian(data[(4 * i)..], of(before, i));
        return glb;
    }

    private static JsonNode Json(byte[] glb) => JsonNode.Parse(glb.AsSpan(JsonStart, BinaryPrimitives.ReadInt32LittleEndian(glb.AsSpan(12))))!;

    private static Span<byte> Data(byte[] glb, JsonNode json, int accessor)
    {
        var a = json["accessors"]![accessor]!;
        var view = json["bufferViews"]![(int)a["bufferView"]!]!;
        Assert.Null(view["byteStride"]);
        int width = (int)a["componentType"]! is 5123 ? 2 : 4;
        int parts = (string)a["type"]! switch { "SCALAR" => 1, "VEC3" => 3, _ => 4 };
        int start = JsonStart + BinaryPrimitives.ReadInt32LittleEndian(glb.AsSpan(12)) + 8 + ((int?)view["byteOffset"] ?? 0) + ((int?)a["byteOffset"] ?? 0);
        return glb.AsSpan(start, (int)a["count"]! * width * parts);
    }
}
