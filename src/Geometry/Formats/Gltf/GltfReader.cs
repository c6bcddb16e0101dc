using System.Buffers.Binary;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;
using SharpGLTF.Schema2;
using SharpGLTF.Validation;

namespace ExampleMlFarm.Geometry.Formats.Gltf;

/// <summary>
/// Reads a skinned character from glTF 2.0 (<c>.glb</c>, or <c>.gltf</c> with its files beside it): every triangle primitive of
/// every skinned mesh, the skeleton, and all animations. Materials, textures and unskinned meshes are left behind.
/// </summary>
/// <remarks>Every defect of a file is a <see cref="FarmException"/> with a code that starts with <c>gltf.</c> or <c>rig.</c>.</remarks>
public static class GltfReader
{
    /// <summary>More than any character's skin; a larger count is a damaged file and must not be allocated.</summary>
    public const int MaxVertices = 20_000_000;

    public const double DefaultFramesPerSecond = 30;

    /// <exception cref="FarmException">The file is missing, damaged, or holds no usable character.</exception>
    public static Character ReadCharacter(string path, double framesPerSecond = DefaultFramesPerSecond)
    {
        if (!File.Exists(path)) throw FarmException.Invalid("gltf.missing", $"There is no file \"{path}\".");
        var name = Path.GetFileNameWithoutExtension(path);
        if (!path.EndsWith(".gltf", StringComparison.OrdinalIgnoreCase)) return ReadCharacter(File.ReadAllBytes(path), name, framesPerSecond);
        return Convert(Parse(() => ModelRoot.Load(path, Settings), name), name, framesPerSecond);
    }

    /// <param name="glb">The bytes of a <c>.glb</c> file.</param>
    /// <param name="name">What messages call it.</param>
    public static Character ReadCharacter(byte[] glb, string name, double framesPerSecond = DefaultFramesPerSecond)
    {
        CheckHeader(glb, name);
        return Convert(Parse(() => ModelRoot.ParseGLB(glb, Settings), name), name, framesPerSecond);
    }

    /// <summary>Content is checked here, with messages that name the vertex; the parser's own checks stop at the first byte it dislikes.</summary>
    private static ReadSettings Settings => new() { Validation = ValidationMode.Skip };

    private static void CheckHeader(ReadOnlySpan<byte> glb, string name)
    {
        if (glb.Length < 20 || BinaryPrimitives.ReadUInt32LittleEndian(glb) != 0x46546C67)
            throw FarmException.Invalid("gltf.not_glb", $"\"{name}\" is not a binary glTF file: it does not begin with \"glTF\". Export the character as .glb.");
        var version = BinaryPrimitives.ReadUInt32LittleEndian(glb[4..]);
        if (version != 2)
            throw FarmException.Invalid("gltf.version", $"\"{name}\" is glTF version {version}; version 2 is read. Export it again.");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(glb[8..]);
        if (length > glb.Length)
            throw FarmException.Invalid("gltf.truncated", $"\"{name}\" says that it has {length} bytes but {glb.Length} are there: it was cut off. Copy it again.");
        for (var at = 12L; at < length;)
        {
            if (at + 8 > length) throw Damaged(name, $"chunk header at byte {at} is cut off");
            var chunk = BinaryPrimitives.ReadUInt32LittleEndian(glb[(int)at..]);
            if (at + 8 + chunk > length) throw Damaged(name, $"the chunk at byte {at} claims {chunk} bytes, {length - at - 8} are left");
            at += 8 + chunk;
        }
    }

    private static FarmException Damaged(string name, string what, Exception? cause = null) =>
        new(Failure.Invalid("gltf.damaged", $"\"{name}\" cannot be read as glTF: {what}. Export it again."), cause);

    /// <summary>Runs code of the parser. Its exceptions on damaged files are of many types, a null reference among them; all mean the same.</summary>
    private static T Parse<T>(Func<T> read, string name)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not OutOfMemoryException and not FarmException)
        {
            throw Damaged(name, e.Message.TrimEnd('.', '\n'), e);
        }
    }

    private static Character Convert(ModelRoot model, string name, double framesPerSecond)
    {
        if (!(framesPerSecond is > 0 and <= 1000)) throw new ArgumentOutOfRangeException(nameof(framesPerSecond), framesPerSecond, "Above 0, at most 1000.");
        return Parse(() =>
        {
            var skinned = model.LogicalNodes.Where(n => n.Mesh is not null && n.Skin is not null).ToList();
            if (skinned.Count == 0)
                throw FarmException.Invalid("gltf.no_skin",
                    $"\"{name}\" has {model.LogicalMeshes.Count} meshes and {model.LogicalSkins.Count} skins, but no mesh with a skin. Export the mesh with its armature.");
            var rig = GltfSkeleton.Read(skinned.Select(n => n.Skin).Distinct().ToList(), name);
            var mesh = GltfMesh.Read(skinned, rig, name);
            var clips = GltfAnimation.Read(model, rig, framesPerSecond, name);
            return new CharacterParts(name, mesh.Positions, mesh.Triangles, mesh.Influences, rig.Skeleton).Weld(clips);
        }, name);
    }
}
