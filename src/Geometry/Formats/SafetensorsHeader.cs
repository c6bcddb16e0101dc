using System.Buffers.Binary;
using System.Text.Json;

namespace ExampleMlFarm.Geometry.Formats;

/// <summary>One tensor of a safetensors file: where it lies, counted from the start of the file, and its shape, last dimension fastest.</summary>
public sealed record TensorInfo(string Name, ElementType Type, long[] Shape, long Offset, long SizeBytes);

/// <summary>What stands before the data of a safetensors file. Does not know where the file is: on disk, or in memory.</summary>
/// <remarks>Layout: u64 length of a JSON header, the header, raw little-endian data (huggingface/safetensors, format description).</remarks>
public sealed class SafetensorsHeader
{
    /// <summary>The most bytes from the start of a file that <see cref="Read"/> looks at.</summary>
    public const int MaxBytes = Limits.MaxJsonHeaderBytes + 8;

    private SafetensorsHeader(SortedDictionary<string, TensorInfo> tensors, SortedDictionary<string, string> metadata) => (Tensors, Metadata) = (tensors, metadata);

    /// <summary>By name, in ordinal order. Every byte after the header belongs to exactly one of them.</summary>
    public IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>Text beside the tensors, in ordinal order of its keys.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <param name="start">The file, or its first <see cref="MaxBytes"/>.</param>
    /// <param name="fileBytes">Length of the whole file.</param>
    /// <exception cref="InvalidDataException">It is no such file, or is damaged; the message goes on after "the file cannot be read:".</exception>
    public static SafetensorsHeader Read(ReadOnlyMemory<byte> start, long fileBytes)
    {
        try
        {
            return Parse(start, fileBytes);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private static SafetensorsHeader Parse(ReadOnlyMemory<byte> start, long fileBytes)
    {
        if (start.Length < 8) throw new InvalidDataException("it is shorter than its header length.");
        var headerSize = BinaryPrimitives.ReadInt64LittleEndian(start.Span);
        if (headerSize < 2 || headerSize > Math.Min(Limits.MaxJsonHeaderBytes, start.Length - 8))
            throw new InvalidDataException($"its header would take {headerSize} of {fileBytes} bytes.");
        using var json = JsonDocument.Parse(start.Slice(8, (int)headerSize), new() { MaxDepth = 8 });
        var tensors = new SortedDictionary<string, TensorInfo>(StringComparer.Ordinal);
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var dataStart = 8 + headerSize;
        foreach (var property in json.RootElement.EnumerateObject())
        {
            if (property.Name == "__metadata__")
                foreach (var pair in property.Value.EnumerateObject()) metadata[pair.Name] = pair.Value.GetString() ?? "";
            else if (!tensors.TryAdd(property.Name, ReadInfo(property.Name, property.Value, dataStart)))
                throw new InvalidDataException($"tensor '{property.Name}' is described twice.");
        }
        // The format allows no holes and no overlaps, which would hide data.
        var at = dataStart;
        foreach (var tensor in tensors.Values.OrderBy(t => t.Offset).ThenBy(t => t.SizeBytes))
        {
            if (tensor.Offset != at) throw new InvalidDataException($"tensor '{tensor.Name}' does not begin where the one before it ends.");
            at += tensor.SizeBytes;
        }
        return at == fileBytes ? new(tensors, metadata) : throw new InvalidDataException($"its tensors end at byte {at}, the file at {fileBytes}.");
    }

    private static TensorInfo ReadInfo(string name, JsonElement info, long dataStart)
    {
        var dtype = info.GetProperty("dtype").GetString();
        var type = ElementTypeNames.All.FirstOrDefault(t => t.Safetensors == dtype) ?? throw new InvalidDataException($"tensor '{name}' has the unknown dtype '{dtype}'.");
        long[] shape = [.. info.GetProperty("shape").EnumerateArray().Take(Limits.MaxArrayRank + 1).Select(d => d.GetInt64())];
        long[] offsets = [.. info.GetProperty("data_offsets").EnumerateArray().Take(3).Select(d => d.GetInt64())];
        if (shape.Length > Limits.MaxArrayRank || shape.Any(d => d < 0)) throw new InvalidDataException($"tensor '{name}' has an impossible shape.");
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > long.MaxValue - dataStart)
            throw new InvalidDataException($"tensor '{name}' has impossible offsets.");
        var size = offsets[1] - offsets[0];
        var expected = (Int128)type.SizeBytes;
        foreach (var d in shape)
        {
            expected *= d;
            if (expected > long.MaxValue) throw new InvalidDataException($"tensor '{name}' has an impossible shape.");
        }
        return expected == size
            ? new(name, type.Type, shape, dataStart + offsets[0], size)
            : throw new InvalidDataException($"tensor '{name}' has {size} bytes; its shape takes {expected}.");
    }
}
