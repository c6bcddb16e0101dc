using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using ExampleMlFarm.Core;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>
/// A deformer bundle as one file, <c>.mldeform</c>: a zip of <c>manifest.json</c>, <c>model.onnx</c>, <c>mean.f32</c> (<c>[n, 3]</c>) and
/// <c>shapes.f32</c> (<c>[k, n, 3]</c>), little-endian floats, stored without compression. The same bundle gives the same bytes.
/// </summary>
/// <remarks>The manifest holds length and SHA-256 of every part; a damaged file is a <see cref="FarmException"/>, whatever the damage.</remarks>
public static class DeformerBundleFile
{
    public const int Version = 1;

    /// <summary>The manifest holds names and limits of joints, no more.</summary>
    private const int MaxManifestBytes = 16 << 20;

    private const int MaxModelBytes = 1 << 30;

    /// <summary>The earliest time that a zip can hold: a clock would make every file different.</summary>
    private static readonly DateTimeOffset FixedTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static byte[] Write(DeformerBundle bundle)
    {
        var parts = new (string Name, byte[] Bytes)[]
        {
            ("model.onnx", bundle.Model),
            ("mean.f32", LittleEndian(bundle.Basis.Mean)),
            ("shapes.f32", LittleEndian(bundle.Basis.Shapes)),
        };
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, "manifest.json", Manifest(bundle, parts));
            foreach (var (name, bytes) in parts) Add(zip, name, bytes);
        }
        return stream.ToArray();
    }

    /// <param name="file">The bytes of a <c>.mldeform</c> file.</param>
    /// <param name="skeleton">Of the character that it is for; its joints are looked up by name.</param>
    /// <exception cref="FarmException">Damaged, of another version, or for another skeleton.</exception>
    public static DeformerBundle Read(byte[] file, Skeleton skeleton)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(file, false), ZipArchiveMode.Read);
            using var manifest = JsonDocument.Parse(Part(zip, "manifest.json", MaxManifestBytes), new JsonDocumentOptions { MaxDepth = 16 });
            return Read(zip, manifest.RootElement, skeleton);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or JsonException or InvalidOperationException or FormatException
            or KeyNotFoundException or NotSupportedException or ArgumentException or OverflowException or IndexOutOfRangeException)
        {
            throw Damaged(e.Message, e);
        }
    }

    private static DeformerBundle Read(ZipArchive zip, JsonElement manifest, Skeleton skeleton)
    {
        var version = manifest.GetProperty("version").GetInt32();
        if (version != Version) throw FarmException.Invalid("deformer.version", $"The deformer file has version {version}; version {Version} is read. Write it again with this program, or use the program that wrote it.");
        var points = manifest.GetProperty("points").GetInt64();
        var shapes = manifest.GetProperty("shapes").GetInt64();
        if (points is < 1 || shapes is < 0 or > ShapeBasis.MaxShapes || points > ShapeBasis.MaxNumbers || 3 * points * Math.Max(1, shapes) > ShapeBasis.MaxNumbers)
            throw Damaged($"{points} points and {shapes} shapes are out of range");
        var model = Checked(zip, manifest, "model.onnx", MaxModelBytes, null);
        var mean = Floats(Checked(zip, manifest, "mean.f32", int.MaxValue, 12 * points));
        var basis = Floats(Checked(zip, manifest, "shapes.f32", int.MaxValue, 12 * points * shapes));
        var pose = manifest.GetProperty("pose");
        var options = new PoseSerializeOptions
        {
            Mode = Name(pose, "mode", PoseSerializeMode.Subskeleton),
            JointGroup = Strings(pose, "joint_group"),
            IncludeWorldRotation = pose.GetProperty("world_rotation").GetBoolean(),
            AllLocalRotation = pose.GetProperty("local_rotation").GetBoolean(),
            LocalRotationGroup = Strings(pose, "local_rotation_group"),
            AllLocalTranslation = pose.GetProperty("local_translation").GetBoolean(),
            LocalTranslationGroup = Strings(pose, "local_translation_group"),
            Encoding = Text(pose, "encoding"),
        };
        return new DeformerBundle(Text(manifest, "character"), Text(manifest, "skin_sha256"), model, new ShapeBasis(mean, basis), options,
            JointLimitsJson.Read(manifest.GetProperty("limits"), skeleton),
            Name(manifest, "displacement", DisplacementEncoding.Inverse), Name(manifest, "skinning", SkinningMethod.Linear));
    }

    private static byte[] Manifest(DeformerBundle bundle, (string Name, byte[] Bytes)[] parts)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("character", bundle.CharacterName);
            json.WriteString("skin_sha256", bundle.SkinHash);
            json.WriteNumber("points", bundle.Basis.PointCount);
            json.WriteNumber("shapes", bundle.Basis.ShapeCount);
            json.WriteString("displacement", bundle.Encoding.ToString());
            json.WriteString("skinning", bundle.Skinning.ToString());
            json.WriteStartObject("pose");
            json.WriteString("mode", bundle.Pose.Mode.ToString());
            json.WriteString("encoding", bundle.Pose.Encoding);
            json.WriteBoolean("world_rotation", bundle.Pose.IncludeWorldRotation);
            json.WriteBoolean("local_rotation", bundle.Pose.AllLocalRotation);
            json.WriteBoolean("local_translation", bundle.Pose.AllLocalTranslation);
            Group("joint_group", bundle.Pose.JointGroup);
            Group("local_rotation_group", bundle.Pose.LocalRotationGroup);
            Group("local_translation_group", bundle.Pose.LocalTranslationGroup);
            json.WriteEndObject();
            json.WritePropertyName("limits");
            JointLimitsJson.Write(bundle.Limits, json);
            json.WriteStartObject("parts");
            foreach (var (name, bytes) in parts) json.WriteString(name, Convert.ToHexStringLower(SHA256.HashData(bytes)));
            json.WriteEndObject();
            json.WriteEndObject();

            void Group(string name, IReadOnlyList<string> joints)
            {
                json.WriteStartArray(name);
                foreach (var joint in joints) json.WriteStringValue(joint);
                json.WriteEndArray();
            }
        }
        return stream.ToArray();
    }

    private static void Add(ZipArchive zip, string name, byte[] bytes)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = FixedTime;
        using var target = entry.Open();
        target.Write(bytes);
    }

    private static byte[] Checked(ZipArchive zip, JsonElement manifest, string name, int maxBytes, long? exactBytes)
    {
        var bytes = Part(zip, name, maxBytes);
        if (exactBytes is { } exact && bytes.Length != exact) throw Damaged($"{name} has {bytes.Length} bytes, {exact} are expected");
        if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != Text(manifest.GetProperty("parts"), name))
            throw Damaged($"the SHA-256 of {name} is not the one in the manifest");
        return bytes;
    }

    /// <summary>Reads at most what the entry says and the limit allows; memory grows with what is there, not with what is claimed.</summary>
    private static byte[] Part(ZipArchive zip, string name, int maxBytes)
    {
        var entry = zip.GetEntry(name) ?? throw Damaged($"{name} is missing");
        if (entry.Length > maxBytes) throw Damaged($"{name} claims {entry.Length} bytes; at most {maxBytes} are read");
        using var source = entry.Open();
        using var target = new MemoryStream();
        var buffer = new byte[81920];
        for (int n; (n = source.Read(buffer)) > 0;)
        {
            if (target.Length + n > entry.Length) throw Damaged($"{name} holds more bytes than it says");
            target.Write(buffer, 0, n);
        }
        return target.ToArray();
    }

    private static FarmException Damaged(string what, Exception? cause = null) =>
        new(Failure.Invalid("deformer.damaged", $"The deformer file cannot be read: {what.TrimEnd('.')}. Export it again."), cause);

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? throw Damaged($"\"{name}\" is null");

    private static string[] Strings(JsonElement json, string name) =>
        [.. json.GetProperty(name).EnumerateArray().Select(e => e.GetString() ?? throw Damaged($"\"{name}\" holds a null"))];

    private static T Name<T>(JsonElement json, string name, T example) where T : struct, Enum =>
        Enum.GetNames<T>().Contains(Text(json, name)) ? Enum.Parse<T>(Text(json, name)) : throw Damaged($"\"{name}\" is \"{Text(json, name)}\"; \"{example}\" is one that is known");

    private static byte[] LittleEndian(float[] values)
    {
        var bytes = new byte[4L * values.Length];
        if (BitConverter.IsLittleEndian) MemoryMarshal.AsBytes<float>(values).CopyTo(bytes);
        else
            for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), values[i]);
        return bytes;
    }

    private static float[] Floats(byte[] bytes)
    {
        var values = new float[bytes.Length / 4];
        if (BitConverter.IsLittleEndian) bytes.AsSpan(0, 4 * values.Length).CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        else
            for (var i = 0; i < values.Length; i++) values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(4 * i));
        return values;
    }
}
