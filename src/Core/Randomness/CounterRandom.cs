using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Text;

namespace ExampleMlFarm.Core.Randomness;

/// <summary>
/// The random numbers of one name: keyed by (seed, node, index, name), each draw addressed by a number. Two machines that
/// ask for the same draw get the same bits, whatever they drew before; raising an item count changes no earlier item.
/// </summary>
/// <remarks>A value of 24 bytes; safe to copy and to share between threads.</remarks>
public readonly struct CounterRandom : IEquatable<CounterRandom>
{
    private readonly ulong key;
    private readonly ulong stream;
    private readonly ulong index;

    private CounterRandom(ulong key, ulong stream, ulong index) => (this.key, this.stream, this.index) = (key, stream, index);

    /// <summary>The generator of one name. Equal arguments give equal draws, on any machine and in any version.</summary>
    public static CounterRandom Keyed(ulong seed, string node, long index, string name)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(name);
        return new(Mix(seed, Hash(node)), Hash(name), (ulong)index);
    }

    /// <summary>The same name at another index: cheaper than hashing the names again.</summary>
    public CounterRandom At(long otherIndex) => new(key, stream, (ulong)otherIndex);

    /// <summary>64 random bits: draw number <paramref name="draw"/>.</summary>
    public ulong Bits(uint draw)
    {
        // Counter = (index, stream + block number): two 64-bit draws come from each 128-bit block.
        var (x0, x1, x2, x3) = Philox.Block(key, index, stream + (draw >> 1));
        return (draw & 1) == 0 ? x0 | ((ulong)x1 << 32) : x2 | ((ulong)x3 << 32);
    }

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double Uniform(uint draw) => (Bits(draw) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Standard normal (mean 0, deviation 1), by the inverse distribution function: one draw each, monotone in it.</summary>
    public double Normal(uint draw) => NormalDistribution.Quantile(((Bits(draw) >> 11) + 0.5) * (1.0 / (1UL << 53)));

    /// <summary>Uniform in {0, …, count − 1}, without modulo bias worth naming (64-bit multiply-high).</summary>
    public long Integer(uint draw, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return (long)Math.BigMul(Bits(draw), (ulong)count, out _);
    }

    /// <summary>A permutation of 0 … count − 1 (Fisher–Yates). At most 2^31 − 1 entries.</summary>
    public int[] Permutation(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var order = new int[count];
        for (int i = 0; i < count; i++) order[i] = i;
        for (int i = count - 1; i > 0; i--)
        {
            int j = (int)Integer((uint)i, i + 1L);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }

    /// <inheritdoc/>
    public bool Equals(CounterRandom other) => key == other.key && stream == other.stream && index == other.index;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CounterRandom other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(key, stream, index);

    /// <summary>Same name, same index.</summary>
    public static bool operator ==(CounterRandom left, CounterRandom right) => left.Equals(right);

    /// <summary>Another name or index.</summary>
    public static bool operator !=(CounterRandom left, CounterRandom right) => !left.Equals(right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong a, ulong b)
    {
        // SplitMix64's finaliser over a combination that is not symmetric in its arguments.
        ulong z = a * 0x9E3779B97F4A7C15 + b;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static ulong Hash(string text) => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(text));
}
