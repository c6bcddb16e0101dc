using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Formats;

namespace ExampleMlFarm.Learning.States;

/// <summary>
/// Named arrays and text as one safetensors file in memory, canonical: equal content gives equal bytes. Holds float32 and float64; does
/// not know what they mean. <see cref="SafetensorsFile"/> is for files on disk, which it maps; states and bases arrive as bytes.
/// </summary>
/// <remarks>Layout: u64 length of a JSON header, the header, raw little-endian data (huggingface/safetensors, format description).</remarks>
internal sealed class TensorFile
{
    /// <summary>A header beyond this is no file of ours: a million tensors would fit.</summary>
    private const int MaxHeaderBytes = 100 << 20;

    private readonly SortedDictionary<string, (string Type, long[] Shape, byte[] Data)> tensors = new(StringComparer.Ordinal);

    /// <summary>Text carried beside the tensors.</summary>
    public SortedDictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds a float32 tensor.</summary>
    public void Add(string name, ReadOnlySpan<float> values, params long[] shape) => tensors.Add(name, ("F32", shape, MemoryMarshal.AsBytes(values).ToArray()));

    /// <summary>Adds a float64 tensor.</summary>
    public void Add(string name, ReadOnlySpan<double> values, params long[] shape) => tensors.Add(name, ("F64", shape, MemoryMarshal.AsBytes(values).ToArray()));

    /// <summary>A float32 tensor of the given shape; -1 stands for any length.</summary>
    public float[] Floats(string name, params long[] shape) => MemoryMarshal.Cast<byte, float>(Get(name, "F32", shape)).ToArray();

    /// <summary>A float64 tensor of the given shape; -1 stands for any length.</summary>
    public double[] Doubles(string name, params long[] shape) => MemoryMarshal.Cast<byte, double>(Get(name, "F64", shape)).ToArray();

    /// <summary>The shape of a tensor.</summary>
    public long[] Shape(string name) => tensors.TryGetValue(name, out var tensor) ? tensor.Shape : throw Bad($"tensor '{name}' is missing");

    /// <summary>A line of metadata.</summary>
    public string Text(string key) => Metadata.TryGetValue(key, out string? value) ? value : throw Bad($"metadata '{key}' is missing");

    /// <summary>The whole file.</summary>
    public byte[] ToBytes()
    {
        using var file = new MemoryStream();
        SafetensorsWriter.Write(file, [.. tensors.Select(t => Array(t.Key, t.Value.Type, t.Value.Shape, t.Value.Data))], Metadata);
        return file.ToArray();
    }

    private static NamedArray Array(string name, string type, long[] shape, byte[] data) => type == "F64"
        ? NamedArray.Of(name, MemoryMarshal.Cast<byte, double>(data).ToArray(), shape)
        : NamedArray.Of(name, MemoryMarshal.Cast<byte, float>(data).ToArray(), shape);

    /// <summary>Reads a file written by anyone.</summary>
    /// <exception cref="FarmException"><c>tensors.corrupt</c>.</exception>
    public static TensorFile Parse(ReadOnlySpan<byte> file)
    {
        if (file.Length < 8) throw Bad($"{file.Length} bytes hold no header");
        long headerLength = BinaryPrimitives.ReadInt64LittleEndian(file);
        if (headerLength < 2 || headerLength > Math.Min(MaxHeaderBytes, file.Length - 8)) throw Bad($"the header claims {headerLength} bytes of {file.Length}");
        var data = file[(int)(8 + headerLength)..];
        var result = new TensorFile();
        var places = new List<(long From, long To)>();
        try
        {
            using var json = JsonDocument.Parse(Encoding.UTF8.GetString(file.Slice(8, (int)headerLength)));
            foreach (var entry in json.RootElement.EnumerateObject())
            {
                if (entry.Name == "__metadata__")
                {
                    foreach (var text in entry.Value.EnumerateObject()) result.Metadata[text.Name] = text.Value.GetString() ?? "";
                    continue;
                }
                string type = entry.Value.GetProperty("dtype").GetString() ?? "";
                long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(l => l.GetInt64())];
                long from = entry.Value.GetProperty("data_offsets")[0].GetInt64(), to = entry.Value.GetProperty("data_offsets")[1].GetInt64();
                int size = type switch { "F64" or "I64" => 8, "F32" or "I32" => 4, "F16" or "BF16" => 2, "U8" or "I8" or "BOOL" => 1, _ => throw Bad($"tensor '{entry.Name}' has type '{type}'") };
                if (from < 0 || to < from || to > data.Length) throw Bad($"tensor '{entry.Name}' claims bytes {from} to {to} of {data.Length}");
                if (shape.Any(l => l < 0) || shape.Aggregate((Int128)size, (product, l) => product > long.MaxValue ? product : product * l) != to - from)
                    throw Bad($"tensor '{entry.Name}' of shape [{string.Join(", ", shape)}] does not fill {to - from} bytes");
                places.Add((from, to));
                result.tensors[entry.Name] = (type, shape, data[(int)from..(int)to].ToArray());
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException or ArgumentException)
        {
            throw Bad($"the header is not what safetensors has there ({e.Message})");
        }
        // The format allows no holes and no overlaps, which would hide data.
        long end = 0;
        foreach (var (from, to) in places.Order())
        {
            if (from != end) throw Bad($"bytes {end} to {from} belong to no tensor, or to two");
            end = to;
        }
        if (end != data.Length) throw Bad($"the tensors end at byte {end} of {data.Length}");
        return result;
    }

    private byte[] Get(string name, string type, long[] shape)
    {
        if (!tensors.TryGetValue(name, out var tensor)) throw Bad($"tensor '{name}' is missing");
        bool fits = tensor.Type == type && tensor.Shape.Length == shape.Length && tensor.Shape.Zip(shape).All(p => p.Second is -1 || p.First == p.Second);
        if (!fits) throw Bad($"tensor '{name}' is {tensor.Type} [{string.Join(", ", tensor.Shape)}]; {type} [{string.Join(", ", shape)}] was expected");
        return tensor.Data;
    }

    private static FarmException Bad(string what) => FarmException.Invalid("tensors.corrupt", $"not a usable safetensors file: {what}");
}
