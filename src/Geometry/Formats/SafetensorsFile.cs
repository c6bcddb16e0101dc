using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Files;

namespace ExampleMlFarm.Geometry.Formats;

/// <summary>A mapped safetensors file: tensors are spans over the file, and nothing is copied.</summary>
/// <remarks>Spans must not be used after <see cref="Dispose"/>. Safe for use by several threads.</remarks>
public sealed class SafetensorsFile : IDisposable
{
    private readonly MappedFile _file;

    private readonly SafetensorsHeader _header;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header) => (_file, _header) = (file, header);

    public string Path => _file.Path;

    public IReadOnlyDictionary<string, TensorInfo> Tensors => _header.Tensors;

    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <exception cref="FarmException"><c>safetensors.corrupt</c>, or what <see cref="MappedFile.Open"/> throws.</exception>
    public static SafetensorsFile Open(string path)
    {
        var file = MappedFile.Open(path);
        try
        {
            return new(file, SafetensorsHeader.Read(file.Memory(0, (int)Math.Min(SafetensorsHeader.MaxBytes, file.Length)), file.Length));
        }
        catch (InvalidDataException e)
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
}
