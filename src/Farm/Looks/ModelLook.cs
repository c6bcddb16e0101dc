using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Learning.Onnx;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>A model file, read without running anything in it: <c>.onnx</c>, or the <c>.mldeform</c> bundle around one.</summary>
/// <param name="Name">Address or path.</param>
/// <param name="Onnx">The network.</param>
/// <param name="Bundle">The bundle's manifest; null for a plain network.</param>
internal sealed record ModelLook(string Name, byte[] Onnx, JsonObject? Bundle)
{
    private const int MaxManifestBytes = 16 << 20, MaxModelBytes = 1 << 30;

    /// <summary>Reads either kind, told apart by the first bytes: a bundle is a zip.</summary>
    /// <exception cref="FarmException"><c>deformer.damaged</c>.</exception>
    public static ModelLook Read(string name, byte[] file)
    {
        if (!file.AsSpan().StartsWith("PK"u8)) return new(name, file, null);
        try
        {
            using var zip = new ZipArchive(new MemoryStream(file, false), ZipArchiveMode.Read);
            var manifest = JsonNode.Parse(Part(zip, "manifest.json", MaxManifestBytes), documentOptions: new() { MaxDepth = 16 })!.AsObject();
            byte[] onnx = Part(zip, "model.onnx", MaxModelBytes);
            if ((string?)manifest["parts"]?["model.onnx"] != Convert.ToHexStringLower(SHA256.HashData(onnx))) throw new InvalidDataException("the SHA-256 of model.onnx is not the one in the manifest");
            return new(name, onnx, manifest);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or System.Text.Json.JsonException or InvalidOperationException or NotSupportedException or ArgumentException or NullReferenceException)
        {
            throw new FarmException(Failure.Invalid("deformer.damaged", $"{name} is no readable deformer bundle: {e.Message.TrimEnd('.')}. Export it again."), e);
        }
    }

    /// <summary>What it says about itself.</summary>
    /// <exception cref="FarmException"><c>onnx.corrupt</c>.</exception>
    public Page Page()
    {
        var d = OnnxDescription.Read(Onnx);
        var json = new JsonObject
        {
            ["model"] = Name, ["size_bytes"] = Onnx.Length, ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(Onnx)), ["opset"] = d.Opset, ["producer"] = d.Producer, ["parameters"] = d.ParameterCount,
            ["inputs"] = Values(d.Inputs), ["outputs"] = Values(d.Outputs),
            ["operators"] = new JsonObject(d.Operators.Select(o => KeyValuePair.Create(o.Key, (JsonNode?)o.Value))),
            ["metadata"] = new JsonObject(d.Metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))),
            ["bundle"] = Bundle?.DeepClone(),
        };
        return new Page($"Model {Name}  {Format.Count(d.ParameterCount)} parameters, {Format.Size(Onnx.Length)}", json)
            .Add("", d.Inputs.Select(i => ("input", $"{i}")).Concat(d.Outputs.Select(o => ("output", $"{o}"))))
            .Add("", (IEnumerable<(string, string)>)
            [
                ("operators", string.Join(", ", d.Operators.Select(o => $"{o.Key} {o.Value}"))), ("opset", $"{d.Opset}"), ("producer", d.Producer), ("sha256", (string)json["sha256"]!),
            ])
            .Add("Deformer", Bundle is null ? [] : Pairs(Bundle, "character", "points", "shapes", "displacement", "skinning", "skin_sha256").Concat(Bundle["pose"] is JsonObject pose ? Pairs(pose, "mode", "encoding") : []))
            .Add("Metadata", d.Metadata.Select(m => (m.Key, Format.Cut(m.Value, 200))));
    }

    private static IEnumerable<(string, string)> Pairs(JsonObject json, params string[] names) => names.Select(n => (n, json[n] is { } v ? ItemFields.People(v) : ""));

    private static JsonArray Values(IEnumerable<OnnxValue> values)
        => new([.. values.Select(v => (JsonNode)new JsonObject { ["name"] = v.Name, ["type"] = v.ElementType, ["shape"] = new JsonArray([.. v.Shape.Select(s => (JsonNode)JsonValue.Create(s))]) })]);

    private static byte[] Part(ZipArchive zip, string name, int maxBytes)
    {
        var entry = zip.GetEntry(name) ?? throw new InvalidDataException($"{name} is missing");
        if (entry.Length > maxBytes) throw new InvalidDataException($"{name} claims {entry.Length} bytes; at most {maxBytes} are read");
        using var source = entry.Open();
        using var target = new MemoryStream();
        var block = new byte[81920];
        for (int n; (n = source.Read(block)) > 0;)
        {
            if (target.Length + n > entry.Length) throw new InvalidDataException($"{name} holds more bytes than it says");
            target.Write(block, 0, n);
        }
        return target.ToArray();
    }
}
