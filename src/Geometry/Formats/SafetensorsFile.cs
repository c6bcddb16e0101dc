using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Files;

namespace ExampleMlFarm.Geometry.Formats;

/// <summary>One tensor of a safetensors file: where it lies and its shape, last dimension fastest.</summary>
public sealed record TensorInfo(string Name, ElementType Type, long[] Shape, long Offset, long SizeBytes);

/// <summary>A mapped safetensors file: tensors are spans over the file, and nothing is copied.</summary>
/// <remarks>Spans must not be used after <see cref="Dispose"/>. Safe for use by several threads.</remarks>
public sealed class SafetensorsFile : IDisposable
{
    private readonly MappedFile _file;

    private SafetensorsFile(MappedFile file, SortedDictionary<string, TensorInfo> tensors, SortedDictionary<string, string> metadata) =>
        (_file, Tensors, Metadata) = (file, tensors, metadata);

    public string Path => _file.Path;

    public IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <exception cref="FarmException"><c>safetensors.corrupt</c>, or what <see cref="MappedFile.Open"/> throws.</exception>
    public static SafetensorsFile Open(string path)
    {
        var file = MappedFile.Open(path);
        try
        {
            var (tensors, metadata) = ReadHeader(file);
            return new(file, tensors, metadata);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or InvalidDataException or FormatException or KeyNotFoundException)
        {
            file.Dispose();
            throw new FarmException(Failure.Invalid("safetensors.corrupt", $"The safetensors file '{path}' cannot be read: {e.Message}"), e);
        }
    }

    /// <exception cref="FarmException"><c>safetensors.missing</c>, naming the tensors there are.</exception>
    public TensorInfo Require(string name) => Tensors.GetValueOrDefault(name) ?? throw FarmException.Invalid("safetensors.missing",
        $"'{Path}' has no tensor '{name}'; it has {string.Join(", ", Tensors.Keys.DefaultIfEmpty("none"))}.");

    /// <summary>Values <paramref name="first"/> .. <paramref name="first"/> + <paramref name="count"/> of a tensor, straight from the file.</summary>
    /// <exception cref="FarmException"><c>safetensors.missing</c>, or <c>safetensors.type</c> when the elements are not of this type.</exception>
    public ReadOnlySpan<T> Values<T>(string name, long first, int count) where T : unmanaged => Values<T>(Require(name), first, count);

    /// <summary>The same for a tensor of this file that was looked up before.</summary>
    public ReadOnlySpan<T> Values<T>(TensorInfo tensor, long first, int count) where T : unmanaged
    {
        var matches = tensor.Type switch
        {
            ElementType.Float32 => typeof(T) == typeof(float),
            ElementType.Float64 => typeof(T) == typeof(double),
            ElementType.Int32 => typeof(T) == typeof(int),
            ElementType.Int64 => typeof(T) == typeof(long),
            _ => typeof(T) == typeof(byte),
        };
        if (!matches) throw FarmException.Invalid("safetensors.type", $"Tensor '{tensor.Name}' of '{Path}' holds {tensor.Type}, not {typeof(T).Name}.");
        if (first < 0 || count < 0 || first + count > tensor.SizeBytes / Unsafe.SizeOf<T>())
            throw new ArgumentOutOfRangeException(nameof(first), $"Values {first} to {first + count} leave tensor '{tensor.Name}'.");
        return MemoryMarshal.Cast<byte, T>(_file.Span(tensor.Offset + first * Unsafe.SizeOf<T>(), checked(count * Unsafe.SizeOf<T>())));
    }

    /// <summary>A copy of a whole tensor of a type that <see cref="NamedArray"/> holds.</summary>
    public NamedArray Read(string name)
    {
        var tensor = Require(name);
        var count = checked((int)(tensor.SizeBytes / ElementTypeNames.Of(tensor.Type).SizeBytes));
        return tensor.Type switch
        {
            ElementType.Float32 => NamedArray.Of(name, Values<float>(name, 0, count).ToArray(), tensor.Shape),
            ElementType.Float64 => NamedArray.Of(name, Values<double>(name, 0, count).ToArray(), tensor.Shape),
            ElementType.Int32 => NamedArray.Of(name, Values<int>(name, 0, count).ToArray(), tensor.Shape),
            ElementType.Int64 => NamedArray.Of(name, Values<long>(name, 0, count).ToArray(), tensor.Shape),
            ElementType.UInt8 => NamedArray.Of(name, Values<byte>(name, 0, count).ToArray(), tensor.Shape),
            ElementType.Bool => NamedArray.Of(name, Array.ConvertAll(Values<byte>(name, 0, count).ToArray(), b => b != 0), tensor.Shape),
            _ => throw FarmException.Invalid("safetensors.type", $"Tensor '{name}' of '{Path}' holds {tensor.Type}, which is not converted."),
        };
    }

    public void Dispose() => _file.Dispose();

    private static (SortedDictionary<string, TensorInfo>, SortedDictionary<string, string>) ReadHeader(MappedFile file)
    {
        if (file.Length < 8) throw new InvalidDataException("it is shorter than its header length.");
        var headerSize = BinaryPrimitives.ReadInt64LittleEndian(file.Span(0, 8));
        if (headerSize < 2 || headerSize > Math.Min(Limits.MaxJsonHeaderBytes, file.Length - 8))
            throw new InvalidDataException($"its header would take {headerSize} of {file.Length} bytes.");
        using var json = JsonDocument.Parse(file.Memory(8, (int)headerSize), new() { MaxDepth = 8 });
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
        return at == file.Length ? (tensors, metadata) : throw new InvalidDataException($"its tensors end at byte {at}, the file at {file.Length}.");
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
