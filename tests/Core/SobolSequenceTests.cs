using System.Buffers.Binary;
using System.Security.Cryptography;
using ExampleMlFarm.Core.Randomness;

namespace ExampleMlFarm.Tests.Core;

public class SobolSequenceTests
{
    [Fact]
    public void Bits_never_change()
    {
        // A changed bit here changes every cached result that drew from it: sobol attributes and wedges, and sobol poses.
        Assert.Equal("fc177a24303e68a1", Fingerprint(SobolSequence.JoeKuo));
        Assert.Equal("8529efcb803811ae", Fingerprint(SobolSequence.Drawn(300)));
    }

    private static string Fingerprint(SobolSequence sequence)
    {
        long[] indices = [0, 1, 2, 3, 77, 1023, 65537, 1234567, uint.MaxValue];
        byte[] bytes = [.. Enumerable.Range(0, sequence.Dimensions).SelectMany(d => indices.SelectMany(i =>
        {
            var word = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(word, sequence.Bits(i, d));
            return word;
        }))];
        return Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
    }

    [Fact]
    public void Fewer_dimensions_are_the_first_of_more()
    {
        var (few, many) = (SobolSequence.Drawn(3), SobolSequence.Drawn(SobolSequence.MaxDimensions));
        Assert.All(Enumerable.Range(0, 3), d => Assert.Equal(many.Bits(12345, d), few.Bits(12345, d)));
        Assert.Throws<ArgumentOutOfRangeException>(() => SobolSequence.Drawn(SobolSequence.MaxDimensions + 1));
    }

    [Fact]
    public void Pairs_of_early_drawn_dimensions_fill_the_square()
    {
        var sobol = SobolSequence.Drawn(12);
        for (int a = 0; a < 12; a++)
            for (int b = 0; b < a; b++)
                Assert.Equal(64, Enumerable.Range(0, 1024).Select(i => ((int)(sobol.Point(i, a, 0x9e3779b9) * 8), (int)(sobol.Point(i, b, 0x7f4a7c15) * 8))).Distinct().Count());
    }

    [Fact]
    public void First_powers_of_two_fall_one_into_each_equal_part_in_every_drawn_dimension()
    {
        var sobol = SobolSequence.Drawn(80);
        for (int d = 0; d < 80; d++)
            for (int k = 0; k <= 10; k += 5)
                Assert.Equal(1 << k, Enumerable.Range(0, 1 << k).Select(i => (int)(sobol.Point(i, d, 0x9e3779b9) * (1 << k))).Distinct().Count());
    }

    [Fact]
    public void Sobol_puts_one_point_into_every_dyadic_interval_of_every_dimension()
    {
        for (int d = 0; d < SobolSequence.JoeKuoDimensions; d++)
        {
            for (int block = 0; block < 3; block++)
            {
                Assert.Equal(256, Enumerable.Range(block * 256, 256).Select(i => (int)(SobolSequence.JoeKuo.Point(i, d) * 256)).Distinct().Count());
                uint shift = (uint)CounterRandom.Keyed(9, "n", 0, $"{d}").Bits(0);
                Assert.Equal(256, Enumerable.Range(block * 256, 256).Select(i => (int)(SobolSequence.JoeKuo.MiddleOfCell(i, d, shift) * 256)).Distinct().Count());
            }
        }
    }

    [Fact]
    public void First_two_sobol_dimensions_are_a_net_and_all_pairs_beat_random_points()
    {
        // Dimensions 1 and 2 are a (0, 8, 2)-net: one point in each of 256 boxes, however the 8 bits are shared.
        for (int k = 0; k <= 8; k++)
            Assert.Equal(256, Enumerable.Range(0, 256).Select(i => ((int)(SobolSequence.JoeKuo.Point(i, 0) * (1 << k)), (int)(SobolSequence.JoeKuo.Point(i, 1) * (1 << (8 - k))))).Distinct().Count());
        var random = CounterRandom.Keyed(5, "n", 0, "x");
        double chance = Discrepancy(Enumerable.Range(0, 1024).Select(i => (random.At(i).Uniform(0), random.At(i).Uniform(2))));
        for (int d = 1; d < 12; d++) Assert.InRange(Discrepancy(Enumerable.Range(0, 1024).Select(i => (SobolSequence.JoeKuo.Point(i, d - 1), SobolSequence.JoeKuo.Point(i, d)))), 0, chance / 3);
    }

    /// <summary>L2 star discrepancy in two dimensions (Warnock's formula).</summary>
    private static double Discrepancy(IEnumerable<(double X, double Y)> points)
    {
        var p = points.ToArray();
        double cross = p.Sum(a => (1 - a.X * a.X) * (1 - a.Y * a.Y)) / 2, pairs = 0;
        foreach (var a in p)
            foreach (var b in p) pairs += (1 - Math.Max(a.X, b.X)) * (1 - Math.Max(a.Y, b.Y));
        return Math.Sqrt(1.0 / 9 - cross / p.Length + pairs / p.Length / p.Length);
    }
}
