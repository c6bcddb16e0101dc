using System.Numerics;
using ExampleMlFarm.Core.Randomness;

namespace ExampleMlFarm.Recipes.Attributes;

/// <summary>
/// The Sobol low-discrepancy sequence: every block of 2^k points starting at a multiple of 2^k puts one point into each of 2^k equal intervals, in every
/// dimension. A digital shift drawn from the seed moves the points without losing that.
/// </summary>
/// <remarks>
/// Source: Bratley and Fox, "Algorithm 659", 1988, with the direction numbers of Joe and Kuo, "Constructing Sobol sequences with better two-dimensional
/// projections", SIAM J. Sci. Comput. 30, 2008. Points count in natural order (not Gray code), so point i does not depend on how many there are.
/// </remarks>
public static class SobolSequence
{
    /// <summary>How many dimensions there are numbers for.</summary>
    public const int Dimensions = 64;

    // Primitive polynomial (bits, leading and trailing one included) and the first odd numbers m_1, m_2, … of each dimension after the first.
    private const string Numbers = """
        3:1 7:1,3 11:1,3,1 13:1,1,1 19:1,1,3,3 25:1,3,5,13
        37:1,1,5,5,17 41:1,1,5,5,5 47:1,1,7,11,19 55:1,1,5,1,1 59:1,1,1,3,11 61:1,3,5,5,31
        67:1,3,3,9,7,49 91:1,1,1,15,21,21 97:1,3,1,13,27,49 103:1,1,1,15,7,5 109:1,3,1,15,13,25 115:1,1,5,5,19,61
        131:1,3,7,11,23,15,103 137:1,3,7,13,13,15,69 143:1,1,3,13,7,35,63 145:1,3,5,9,1,25,53 157:1,3,1,13,9,35,107 167:1,3,1,5,27,61,31
        171:1,1,5,11,19,41,61 185:1,3,5,3,3,13,69 191:1,1,7,13,1,19,1 193:1,3,7,5,13,19,59 203:1,1,3,9,25,29,41 211:1,3,5,13,23,1,55
        213:1,3,7,3,13,59,17 229:1,3,1,3,5,53,69 239:1,1,5,5,23,33,13 241:1,1,7,7,1,61,123 247:1,1,7,9,13,61,49 253:1,3,3,5,3,55,33
        285:1,3,1,15,31,13,49,245 299:1,3,5,15,31,59,63,97 301:1,3,1,11,11,11,77,249 333:1,3,1,11,27,43,71,9 351:1,1,7,15,21,11,81,45 355:1,3,7,3,25,31,65,79
        357:1,3,1,1,19,11,3,205 361:1,1,5,9,19,21,29,157 369:1,3,7,11,1,33,89,185 391:1,3,3,3,15,9,79,71 397:1,3,7,11,15,39,119,27 425:1,1,3,1,11,31,97,225
        451:1,1,1,3,23,43,57,177 463:1,3,7,7,17,17,37,71 487:1,3,1,5,27,63,123,213 501:1,1,3,5,11,43,53,133 529:1,3,5,5,29,17,47,173,479 539:1,3,3,11,3,1,109,9,69
        545:1,1,1,5,17,39,23,5,343 557:1,3,1,5,25,15,31,103,499 563:1,1,1,11,11,17,63,105,183 601:1,1,5,11,9,29,97,231,363 607:1,1,5,15,19,45,41,7,383 617:1,3,7,7,31,19,83,137,221
        623:1,1,1,3,23,15,111,223,83 631:1,1,5,13,31,15,55,25,161 637:1,1,3,13,25,47,39,87,257
        """;

    private static readonly uint[][] Directions = CreateDirections();

    /// <summary>Coordinate <paramref name="dimension"/> (0 … 63) of point <paramref name="index"/> without a shift, in [0, 1).</summary>
    public static double Point(long index, int dimension) => Bits(index, dimension) * (1.0 / 4294967296.0);

    /// <summary>The same, shifted by bits drawn from <paramref name="shift"/> and moved to the middle of its cell, so that 0 never occurs.</summary>
    public static double Point(long index, int dimension, CounterRandom shift) => ((Bits(index, dimension) ^ (uint)shift.Bits(0)) + 0.5) * (1.0 / 4294967296.0);

    private static uint Bits(long index, int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)dimension, (uint)Dimensions, nameof(dimension));
        uint[] directions = Directions[dimension];
        uint result = 0;
        for (uint rest = (uint)index; rest != 0; rest &= rest - 1) result ^= directions[BitOperations.TrailingZeroCount(rest)];
        return result;
    }

    private static uint[][] CreateDirections()
    {
        var all = new List<uint[]> { Enumerable.Range(0, 32).Select(k => 1u << (31 - k)).ToArray() };
        foreach (string entry in Numbers.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            string[] halves = entry.Split(':');
            uint polynomial = uint.Parse(halves[0]);
            uint[] m = [.. halves[1].Split(',').Select(uint.Parse)];
            int degree = m.Length;
            var v = new uint[32];
            for (int k = 0; k < degree; k++) v[k] = m[k] << (31 - k);
            for (int k = degree; k < 32; k++)
            {
                v[k] = v[k - degree] ^ (v[k - degree] >> degree);
                for (int j = 1; j < degree; j++)
                    if (((polynomial >> (degree - j)) & 1) != 0) v[k] ^= v[k - j];
            }
            all.Add(v);
        }
        return [.. all];
    }
}
