using ExampleMlFarm.Core.Randomness;

namespace ExampleMlFarm.Recipes.Attributes;

/// <summary>
/// One column of a Latin hypercube: n items fall one each into n equal strata, in an order drawn from the seed. The strata depend on n, so unlike every
/// other distribution a larger count changes all items.
/// </summary>
/// <remarks>
/// The order is a bijection worked out per item (a Feistel network over Philox that walks its cycle until it lands below n), so nothing of size n is kept.
/// Source of the design: McKay, Beckman, Conover, Technometrics 21, 1979.
/// </remarks>
public static class LatinHypercube
{
    private const int Rounds = 6;

    /// <summary>The sample of item <paramref name="index"/> of <paramref name="count"/>, in (0, 1).</summary>
    /// <param name="column">The generator of the column, at index 0.</param>
    /// <param name="index">0 … count − 1.</param>
    /// <param name="count">Number of items, 1 or more.</param>
    public static double Point(CounterRandom column, long index, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (index < 0 || index >= count) throw new ArgumentOutOfRangeException(nameof(index), index, $"must lie in 0 … {count - 1}");
        double within = (column.At(index + 1).Bits(0) >> 11) * (1.0 / (1UL << 53));
        return (Permuted(column, index, count) + Math.Max(within, 1e-9)) / count;
    }

    /// <summary>Where <paramref name="index"/> lands in a permutation of 0 … count − 1.</summary>
    public static long Permuted(CounterRandom column, long index, long count)
    {
        int half = 1;
        while (half < 31 && (1L << (2 * half)) < count) half++;
        ulong mask = (1UL << half) - 1;
        ulong x = (ulong)index;
        do
        {
            ulong left = x >> half, right = x & mask;
            for (uint round = 0; round < Rounds; round++)
                (left, right) = (right, left ^ (column.At((long)(right | ((ulong)(round + 1) << 40))).Bits(1) & mask));
            x = (left << half) | right;
        }
        while (x >= (ulong)count);
        return (long)x;
    }
}
