using System.Runtime.InteropServices;

namespace ExampleMlFarm.Geometry.Formats;

/// <summary>An array with a name and a shape, last dimension fastest, on its way into or out of a file.</summary>
/// <remarks>Takes the values over without a copy.</remarks>
public sealed class NamedArray
{
    private NamedArray(string name, ElementType type, Array values, long[] shape)
    {
        var count = shape.Aggregate((Int128)1, (product, d) => product * d);
        if (shape.Any(d => d < 0) || count != values.Length)
            throw new ArgumentException($"Array '{name}' has {values.Length} values; the shape [{string.Join(", ", shape)}] takes {count}.");
        (Name, Type, Values, Shape) = (name, type, values, shape);
    }

    public string Name { get; }

    public ElementType Type { get; }

    public Array Values { get; }

    public long[] Shape { get; }

    public ReadOnlySpan<float> Float32 => Typed<float>();

    public ReadOnlySpan<double> Float64 => Typed<double>();

    public ReadOnlySpan<int> Int32 => Typed<int>();

    public ReadOnlySpan<long> Int64 => Typed<long>();

    public ReadOnlySpan<byte> UInt8 => Typed<byte>();

    public ReadOnlySpan<bool> Bool => Typed<bool>();

    /// <summary>An array of one dimension.</summary>
    public static NamedArray Of(string name, Array values) => Of(name, values, values.LongLength);

    /// <param name="name">The key in the file.</param>
    /// <param name="values">float[], double[], int[], long[], byte[] or bool[].</param>
    /// <param name="shape">Its dimensions; an empty list makes a scalar.</param>
    public static NamedArray Of(string name, Array values, params long[] shape) => new(name, values switch
    {
        float[] => ElementType.Float32,
        double[] => ElementType.Float64,
        int[] => ElementType.Int32,
        long[] => ElementType.Int64,
        byte[] => ElementType.UInt8,
        bool[] => ElementType.Bool,
        _ => throw new ArgumentException($"Array '{name}' is {values.GetType().Name}; files take float, double, int, long, byte and bool.", nameof(values)),
    }, values, shape);

    /// <summary>A zero array to be filled by a reader.</summary>
    internal static NamedArray Zero(string name, ElementType type, int count, long[] shape) => new(name, type, type switch
    {
        ElementType.Float32 => new float[count],
        ElementType.Float64 => new double[count],
        ElementType.Int32 => new int[count],
        ElementType.Int64 => new long[count],
        ElementType.UInt8 => new byte[count],
        ElementType.Bool => new bool[count],
        _ => throw new NotSupportedException($"{type} is not read."),
    }, shape);

    /// <summary>Hands the little-endian bytes over in pieces, since an array may be longer than a span of bytes.</summary>
    internal void InPieces(Action<ReadOnlySpan<byte>> take)
    {
        switch (Values)
        {
            case float[] v: Pieces(v, take); break;
            case double[] v: Pieces(v, take); break;
            case int[] v: Pieces(v, take); break;
            case long[] v: Pieces(v, take); break;
            case byte[] v: Pieces(v, take); break;
            case bool[] v: Pieces(v, take); break;
        }
    }

    /// <summary>Fills the array from a stream.</summary>
    /// <exception cref="EndOfStreamException">The stream is too short.</exception>
    internal void Fill(Stream source)
    {
        switch (Values)
        {
            case float[] v: FillPieces(v, source); break;
            case double[] v: FillPieces(v, source); break;
            case int[] v: FillPieces(v, source); break;
            case long[] v: FillPieces(v, source); break;
            case byte[] v: FillPieces(v, source); break;
            case bool[] v:
                FillPieces(v, source);
                // Any other byte than 0 and 1 makes a bool that equals neither true nor false.
                foreach (ref var b in MemoryMarshal.AsBytes(v.AsSpan())) b = b == 0 ? (byte)0 : (byte)1;
                break;
        }
    }

    private const int Piece = 1 << 18;

    private static void Pieces<T>(T[] values, Action<ReadOnlySpan<byte>> take) where T : unmanaged
    {
        for (var at = 0; at < values.Length; at += Piece)
            take(MemoryMarshal.AsBytes(values.AsSpan(at, Math.Min(Piece, values.Length - at))));
    }

    private static void FillPieces<T>(T[] values, Stream source) where T : unmanaged
    {
        for (var at = 0; at < values.Length; at += Piece)
            source.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(at, Math.Min(Piece, values.Length - at))));
    }

    private ReadOnlySpan<T> Typed<T>() => Values is T[] typed
        ? typed
        : throw new InvalidOperationException($"Array '{Name}' holds {Type}, not {typeof(T).Name}.");
}
