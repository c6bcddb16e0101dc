using System.Numerics;

namespace ExampleMlFarm.Core.Randomness;

/// <summary>
/// The Sobol low-discrepancy sequence: every block of 2^k points starting at a multiple of 2^k puts one point into each of 2^k equal intervals, in every
/// dimension. A digital shift (bits that are xor-ed to a coordinate) moves the points without losing that; whose bits those are is not known here.
/// </summary>
/// <remarks>
/// Source: Bratley and Fox, "Algorithm 659", 1988. Points count in natural order (not Gray code), so point i does not depend on how many there are, and
/// is computed directly. Primitive polynomials are found by search, in rising order. Immutable.
/// </remarks>
public sealed class SobolSequence
{
    /// <summary>Bounds the search for polynomials, which takes milliseconds up to here.</summary>
    public const int MaxDimensions = 2048;

    /// <summary>Dimensions of <see cref="JoeKuo"/>.</summary>
    public const int JoeKuoDimensions = 64;

    private const int WordBits = 32;

    // The first odd numbers m_1, m_2, … of each dimension after the first.
    private const string JoeKuoNumbers = """
        1 1,3 1,3,1 1,1,1 1,1,3,3 1,3,5,13
        1,1,5,5,17 1,1,5,5,5 1,1,7,11,19 1,1,5,1,1 1,1,1,3,11 1,3,5,5,31
        1,3,3,9,7,49 1,1,1,15,21,21 1,3,1,13,27,49 1,1,1,15,7,5 1,3,1,15,13,25 1,1,5,5,19,61
        1,3,7,11,23,15,103 1,3,7,13,13,15,69 1,1,3,13,7,35,63 1,3,5,9,1,25,53 1,3,1,13,9,35,107 1,3,1,5,27,61,31
        1,1,5,11,19,41,61 1,3,5,3,3,13,69 1,1,7,13,1,19,1 1,3,7,5,13,19,59 1,1,3,9,25,29,41 1,3,5,13,23,1,55
        1,3,7,3,13,59,17 1,3,1,3,5,53,69 1,1,5,5,23,33,13 1,1,7,7,1,61,123 1,1,7,9,13,61,49 1,3,3,5,3,55,33
        1,3,1,15,31,13,49,245 1,3,5,15,31,59,63,97 1,3,1,11,11,11,77,249 1,3,1,11,27,43,71,9 1,1,7,15,21,11,81,45 1,3,7,3,25,31,65,79
        1,3,1,1,19,11,3,205 1,1,5,9,19,21,29,157 1,3,7,11,1,33,89,185 1,3,3,3,15,9,79,71 1,3,7,11,15,39,119,27 1,1,3,1,11,31,97,225
        1,1,1,3,23,43,57,177 1,3,7,7,17,17,37,71 1,3,1,5,27,63,123,213 1,1,3,5,11,43,53,133 1,3,5,5,29,17,47,173,479 1,3,3,11,3,1,109,9,69
        1,1,1,5,17,39,23,5,343 1,3,1,5,25,15,31,103,499 1,1,1,11,11,17,63,105,183 1,1,5,11,9,29,97,231,363 1,1,5,15,19,45,41,7,383 1,3,7,7,31,19,83,137,221
        1,1,1,3,23,15,111,223,83 1,1,5,13,31,15,55,25,161 1,1,3,13,25,47,39,87,257
        """;

    private readonly uint[][] directions;

    // Dimension 0 is the van der Corput sequence; each further one has a primitive polynomial of its own.
    private SobolSequence(int dimensions, Func<int, int, uint> firstNumber) => directions =
    [
        [.. Enumerable.Range(0, WordBits).Select(k => 1u << (WordBits - 1 - k))],
        .. PrimitivePolynomials().Take(dimensions - 1).Select((polynomial, d) => DirectionNumbers(polynomial, k => firstNumber(d + 1, k))),
    ];

    /// <summary>
    /// The numbers of Joe and Kuo, "Constructing Sobol sequences with better two-dimensional projections", SIAM J. Sci. Comput. 30, 2008: what to
    /// use where there are dimensions enough.
    /// </summary>
    public static SobolSequence JoeKuo { get; } = OfTable(JoeKuoNumbers);

    /// <summary>How many coordinates a point has.</summary>
    public int Dimensions => directions.Length;

    /// <summary>A sequence of any dimension, whose free first numbers are drawn once from a fixed key instead of taken from a table.</summary>
    /// <param name="dimensions">1 to <see cref="MaxDimensions"/>. Fewer dimensions are the first ones of more.</param>
    public static SobolSequence Drawn(int dimensions)
    {
        if (dimensions is < 1 or > MaxDimensions)
            throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions, $"A Sobol sequence has 1 to {MaxDimensions} dimensions here.");
        // Odd and below 2^(k+1).
        return new(dimensions, (d, k) => ((uint)CounterRandom.Keyed(0, "sobol", d, "initial direction numbers").Bits((uint)k) & ((1u << (k + 1)) - 1)) | 1);
    }

    /// <summary>Coordinate <paramref name="dimension"/> of point <paramref name="index"/> as 32 bits after the point; the index repeats after 2³².</summary>
    public uint Bits(long index, int dimension)
    {
        uint[] v = directions[dimension];
        uint result = 0;
        for (uint rest = (uint)index; rest != 0; rest &= rest - 1) result ^= v[BitOperations.TrailingZeroCount(rest)];
        return result;
    }

    /// <summary>The coordinate in [0, 1), a multiple of 2^-32.</summary>
    public double Point(long index, int dimension, uint shift = 0) => (Bits(index, dimension) ^ shift) * (1.0 / 4294967296.0);

    /// <summary>The coordinate in (0, 1): the middle of its cell, so that 0 never occurs.</summary>
    public double MiddleOfCell(long index, int dimension, uint shift = 0) => ((Bits(index, dimension) ^ shift) + 0.5) * (1.0 / 4294967296.0);

    private static SobolSequence OfTable(string numbers)
    {
        uint[][] table = [.. numbers.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split(',').Select(uint.Parse).ToArray())];
        return new(table.Length + 1, (d, k) => table[d - 1][k]);
    }

    private static uint[] DirectionNumbers((uint Coefficients, int Degree) polynomial, Func<int, uint> firstNumber)
    {
        var (coefficients, degree) = polynomial;
        var v = new uint[WordBits];
        for (int k = 0; k < degree; k++) v[k] = firstNumber(k) << (WordBits - 1 - k);
        for (int k = degree; k < WordBits; k++)
        {
            v[k] = v[k - degree] ^ (v[k - degree] >> degree);
            for (int j = 1; j < degree; j++)
                if (((coefficients >> (degree - j)) & 1) != 0) v[k] ^= v[k - j];
        }
        return v;
    }

    /// <summary>Polynomials over the field of two elements whose root generates all nonzero elements; bit k is the coefficient of x^k.</summary>
    private static IEnumerable<(uint Coefficients, int Degree)> PrimitivePolynomials()
    {
        for (int degree = 1; ; degree++)
            for (uint p = (1u << degree) | 1; p < 2u << degree; p += 2)
                if (IsPrimitive(p, degree)) yield return (p, degree);
    }

    private static bool IsPrimitive(uint polynomial, int degree)
    {
        // x must return to 1 after 2^degree − 1 steps and not before.
        uint period = (1u << degree) - 1, x = 1;
        for (uint step = 1; step <= period; step++)
        {
            x <<= 1;
            if ((x >> degree) != 0) x ^= polynomial;
            if (x == 1) return step == period;
        }
        return false;
    }
}
