using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Geometry;

/// <summary>
/// The values of one attribute: a typed array of <c>[count, tuple_size]</c>, tuple components fastest. Knows neither its
/// name nor its class.
/// </summary>
/// <remarks>
/// Immutable. The <c>Of</c> methods take the array over without a copy: the caller must not write to it afterwards.
/// The content hash is computed once, on demand; safe for use by several threads.
/// </remarks>
public sealed class AttributeValues
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private readonly Array _values;
    private object? _hash;

    private AttributeValues(AttributeType type, Array values, int tupleSize)
    {
        if (tupleSize is < 1 or > Limits.MaxTupleSize)
            throw new ArgumentOutOfRangeException(nameof(tupleSize), tupleSize, $"The tuple size lies in 1..{Limits.MaxTupleSize}.");
        if (values.Length % tupleSize != 0)
            throw new ArgumentException($"{values.Length} values are not a multiple of the tuple size {tupleSize}.", nameof(values));
        (Type, _values, TupleSize) = (type, values, tupleSize);
    }

    public AttributeType Type { get; }

    /// <summary>Values per element, 1 to 16.</summary>
    public int TupleSize { get; }

    /// <summary>Elements (not values).</summary>
    public int Count => _values.Length / TupleSize;

    /// <summary>All values: <see cref="Count"/> times <see cref="TupleSize"/>.</summary>
    public int Length => _values.Length;

    public bool IsNumeric => Type != AttributeType.String;

    public static AttributeValues Of(float[] values, int tupleSize = 1) => new(AttributeType.Float32, values, tupleSize);

    public static AttributeValues Of(double[] values, int tupleSize = 1) => new(AttributeType.Float64, values, tupleSize);

    public static AttributeValues Of(int[] values, int tupleSize = 1) => new(AttributeType.Int32, values, tupleSize);

    public static AttributeValues Of(long[] values, int tupleSize = 1) => new(AttributeType.Int64, values, tupleSize);

    /// <exception cref="ArgumentException">A string is null or has no UTF-8 form (a lone surrogate).</exception>
    public static AttributeValues Of(string[] values, int tupleSize = 1)
    {
        foreach (var text in values)
        {
            if (text is null) throw new ArgumentException("An attribute string is null; use \"\".", nameof(values));
            StrictUtf8.GetByteCount(text);
        }
        return new(AttributeType.String, values, tupleSize);
    }

    /// <summary>Zeros or empty strings.</summary>
    public static AttributeValues Default(AttributeType type, int count, int tupleSize) => type switch
    {
        AttributeType.Float32 => Of(new float[count * tupleSize], tupleSize),
        AttributeType.Float64 => Of(new double[count * tupleSize], tupleSize),
        AttributeType.Int32 => Of(new int[count * tupleSize], tupleSize),
        AttributeType.Int64 => Of(new long[count * tupleSize], tupleSize),
        _ => Of(Enumerable.Repeat("", count * tupleSize).ToArray(), tupleSize),
    };

    public ReadOnlySpan<float> Float32 => Typed<float>();

    public ReadOnlySpan<double> Float64 => Typed<double>();

    public ReadOnlySpan<int> Int32 => Typed<int>();

    public ReadOnlySpan<long> Int64 => Typed<long>();

    public ReadOnlySpan<string> Strings => Typed<string>();

    /// <summary>The little-endian bytes of a numeric attribute.</summary>
    public ReadOnlySpan<byte> Bytes => IsNumeric
        ? MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(_values), _values.Length * SizeOf(Type))
        : throw new InvalidOperationException("A string attribute has no fixed-width bytes.");

    /// <summary>A copy as float32 <c>[count * tuple_size]</c>: float64 is rounded to nearest, integers are converted.</summary>
    public float[] ToFloat32()
    {
        var result = new float[Length];
        switch (Type)
        {
            case AttributeType.Float32: Float32.CopyTo(result); break;
            case AttributeType.Float64: TensorPrimitives.ConvertTruncating(Float64, result); break;
            case AttributeType.Int32: TensorPrimitives.ConvertTruncating(Int32, result); break;
            case AttributeType.Int64: TensorPrimitives.ConvertTruncating(Int64, result); break;
            default: throw new InvalidOperationException("A string attribute has no numeric values.");
        }
        return result;
    }

    /// <summary>A copy as float64 <c>[count * tuple_size]</c>.</summary>
    public double[] ToFloat64()
    {
        var result = new double[Length];
        switch (Type)
        {
            case AttributeType.Float32: TensorPrimitives.ConvertTruncating(Float32, result); break;
            case AttributeType.Float64: Float64.CopyTo(result); break;
            case AttributeType.Int32: TensorPrimitives.ConvertTruncating(Int32, result); break;
            case AttributeType.Int64: TensorPrimitives.ConvertTruncating(Int64, result); break;
            default: throw new InvalidOperationException("A string attribute has no numeric values.");
        }
        return result;
    }

    /// <summary>Index of the first NaN or infinity among all values, or -1.</summary>
    public int FirstNonFinite()
    {
        if (Type == AttributeType.Float32)
        {
            if (TensorPrimitives.IsFiniteAll(Float32)) return -1;
            for (var i = 0; i < Length; i++) if (!float.IsFinite(Float32[i])) return i;
        }
        else if (Type == AttributeType.Float64)
        {
            if (TensorPrimitives.IsFiniteAll(Float64)) return -1;
            for (var i = 0; i < Length; i++) if (!double.IsFinite(Float64[i])) return i;
        }
        return -1;
    }

    /// <summary>SHA-256 over type, tuple size and values; floats by their bits.</summary>
    public ContentHash Hash
    {
        get
        {
            if (Volatile.Read(ref _hash) is ContentHash known) return known;
            using var hasher = new ContentHasher("attribute");
            hasher.Add((int)Type);
            hasher.Add(TupleSize);
            if (IsNumeric)
                hasher.Add(Bytes);
            else
            {
                hasher.Add(Length);
                foreach (var text in Strings) hasher.Add(text);
            }
            var hash = hasher.Finish();
            Volatile.Write(ref _hash, hash);
            return hash;
        }
    }

    /// <summary>Bytes of one value; 0 for strings.</summary>
    public static int SizeOf(AttributeType type) => type switch
    {
        AttributeType.Float32 or AttributeType.Int32 => 4,
        AttributeType.Float64 or AttributeType.Int64 => 8,
        _ => 0,
    };

    public override string ToString() => $"{Type}[{Count}, {TupleSize}]";

    private ReadOnlySpan<T> Typed<T>() => _values is T[] typed
        ? typed
        : throw new InvalidOperationException($"The attribute holds {Type}, not {typeof(T).Name}.");
}
