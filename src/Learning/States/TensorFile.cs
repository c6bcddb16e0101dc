using System.Runtime.InteropServices;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Formats;

namespace ExampleMlFarm.Learning.States;

/// <summary>
/// Named arrays and text as one safetensors file in memory, canonical: equal content gives equal bytes. Holds float32 and float64; does
/// not know what they mean. <see cref="SafetensorsFile"/> is for files on disk, which it maps; states and bases arrive as bytes.
/// </summary>
internal sealed class TensorFile
{
    private readonly SortedDictionary<string, (ElementType Type, long[] Shape, byte[] Data)> tensors = new(StringComparer.Ordinal);

    /// <summary>Text carried beside the tensors.</summary>
    public SortedDictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of all tensors, in ordinal order.</summary>
    public IEnumerable<string> Names => tensors.Keys;

    /// <summary>Adds a float32 tensor.</summary>
    public void Add(string name, ReadOnlySpan<float> values, params long[] shape) => tensors.Add(name, (ElementType.Float32, shape, MemoryMarshal.AsBytes(values).ToArray()));

    /// <summary>Adds a float64 tensor.</summary>
    public void Add(string name, ReadOnlySpan<double> values, params long[] shape) => tensors.Add(name, (ElementType.Float64, shape, MemoryMarshal.AsBytes(values).ToArray()));

    /// <summary>A float32 tensor of the given shape; -1 stands for any length.</summary>
    public float[] Floats(string name, params long[] shape) => MemoryMarshal.Cast<byte, float>(Get(name, ElementType.Float32, shape)).ToArray();

    /// <summary>A float64 tensor of the given shape; -1 stands for any length.</summary>
    public double[] Doubles(string name, params long[] shape) => MemoryMarshal.Cast<byte, double>(Get(name, ElementType.Float64, shape)).ToArray();

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

    private static NamedArray Array(string name, ElementType type, long[] shape, byte[] data) => type == ElementType.Float64
        ? NamedArray.Of(name, MemoryMarshal.Cast<byte, double>(data).ToArray(), shape)
        : NamedArray.Of(name, MemoryMarshal.Cast<byte, float>(data).ToArray(), shape);

    /// <summary>Reads a file written by anyone.</summary>
    /// <exception cref="FarmException"><c>tensors.corrupt</c>.</exception>
    public static TensorFile Parse(ReadOnlyMemory<byte> file)
    {
        try
        {
            var header = SafetensorsHeader.Read(file, file.Length);
            var result = new TensorFile();
            foreach (var (key, text) in header.Metadata) result.Metadata[key] = text;
            foreach (var tensor in header.Tensors.Values)
                result.tensors[tensor.Name] = (tensor.Type, tensor.Shape, file.Slice((int)tensor.Offset, (int)tensor.SizeBytes).ToArray());
            return result;
        }
        catch (InvalidDataException e)
        {
            throw new FarmException(Failure.Invalid("tensors.corrupt", $"not a usable safetensors file: {e.Message}"), e);
        }
    }

    private byte[] Get(string name, ElementType type, long[] shape)
    {
        if (!tensors.TryGetValue(name, out var tensor)) throw Bad($"tensor '{name}' is missing");
        bool fits = tensor.Type == type && tensor.Shape.Length == shape.Length && tensor.Shape.Zip(shape).All(p => p.Second is -1 || p.First == p.Second);
        if (!fits) throw Bad($"tensor '{name}' is {tensor.Type} [{string.Join(", ", tensor.Shape)}]; {type} [{string.Join(", ", shape)}] was expected");
        return tensor.Data;
    }

    private static FarmException Bad(string what) => FarmException.Invalid("tensors.corrupt", $"not a usable safetensors file: {what}");
}
