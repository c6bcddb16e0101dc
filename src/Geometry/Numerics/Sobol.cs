using ExampleMlFarm.Core.Randomness;

namespace ExampleMlFarm.Geometry.Numerics;

/// <summary>
/// A Sobol sequence: points of the unit cube that fill it more evenly than random ones. In each dimension the first 2^k points
/// fall one into each of 2^k equal parts. A digital shift keyed by the seed makes different sequences of the same evenness.
/// </summary>
/// <remarks>
/// Sobol 1967, in the form of Bratley and Fox 1988. Primitive polynomials are searched in order of degree; the free initial
/// direction numbers are drawn once from a fixed key, not taken from a table. Point i is computed directly, in any order.
/// </remarks>
public sealed class Sobol
{
    public const int MaxDimensions = 2048;

    private const int Bits = 32;

    private readonly uint[][] directions;
    private readonly uint[] shift;

    /// <param name="dimensions">1 to <see cref="MaxDimensions"/>.</param>
    /// <param name="seed">Of the digital shift.</param>
    public Sobol(int dimensions, ulong seed)
    {
        if (dimensions is < 1 or > MaxDimensions)
            throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions, $"A Sobol sequence has 1 to {MaxDimensions} dimensions here.");
        directions = new uint[dimensions][];
        shift = new uint[dimensions];
        var shifts = CounterRandom.Keyed(seed, "sobol", 0, "shift");
        // Dimension 0 is the van der Corput sequence; each further one has a primitive polynomial of its own.
        directions[0] = [.. Enumerable.Range(0, Bits).Select(b => 1u << (Bits - 1 - b))];
        using var polynomials = PrimitivePolynomials().GetEnumerator();
        for (var d = 1; d < dimensions; d++)
        {
            polynomials.MoveNext();
            directions[d] = DirectionNumbers(polynomials.Current, d);
        }
        for (var d = 0; d < dimensions; d++) shift[d] = (uint)shifts.Bits((uint)d);
    }

    /// <summary>Coordinate <paramref name="dimension"/> of point <paramref name="index"/>, in [0, 1); the index repeats after 2³².</summary>
    public double At(long index, int dimension)
    {
        var bits = shift[dimension];
        var v = directions[dimension];
        for (var (n, b) = ((uint)index, 0); n != 0; n >>= 1, b++)
            if ((n & 1) != 0) bits ^= v[b];
        return bits * (1.0 / 4294967296.0);
    }

    private static uint[] DirectionNumbers((uint Coefficients, int Degree) polynomial, int dimension)
    {
        var (coefficients, degree) = polynomial;
        var draws = CounterRandom.Keyed(0, "sobol", dimension, "initial direction numbers");
        var m = new uint[Bits];
        for (var i = 0; i < Bits; i++)
        {
            if (i < degree)
            {
                // Odd and below 2^(i+1).
                m[i] = ((uint)draws.Bits((uint)i) & ((1u << (i + 1)) - 1)) | 1;
                continue;
            }
            m[i] = m[i - degree] ^ (m[i - degree] << degree);
            for (var k = 1; k < degree; k++)
                if (((coefficients >> (degree - k)) & 1) != 0) m[i] ^= m[i - k] << k;
        }
        for (var i = 0; i < Bits; i++) m[i] <<= Bits - 1 - i;
        return m;
    }

    /// <summary>Polynomials over the field of two elements whose root generates all nonzero elements; bit k is the coefficient of x^k.</summary>
    private static IEnumerable<(uint Coefficients, int Degree)> PrimitivePolynomials()
    {
        for (var degree = 1; ; degree++)
            for (var p = (1u << degree) | 1; p < 2u << degree; p += 2)
                if (IsPrimitive(p, degree)) yield return (p, degree);
    }

    private static bool IsPrimitive(uint polynomial, int degree)
    {
        // x must return to 1 after 2^degree − 1 steps and not before.
        var period = (1u << degree) - 1;
        var x = 1u;
        for (var step = 1u; step <= period; step++)
        {
            x <<= 1;
            if ((x >> degree) != 0) x ^= polynomial;
            if (x == 1) return step == period;
        }
        return false;
    }
}
