using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Randomness;

namespace ExampleMlFarm.Tests.Geometry;

/// <summary>Truncates and mutates bytes, and holds a reader to answering with a typed failure or a value.</summary>
internal static class Damage
{
    public static void OnlyTypedFailures(byte[] good, Action<byte[]> read, int rounds = 2000)
    {
        var failed = 0;
        for (var round = 0; round < rounds; round++)
        {
            var bytes = Mutated(good, round);
            try
            {
                read(bytes);
            }
            catch (FarmException e)
            {
                failed++;
                Assert.NotEqual("", e.Failure.Code);
                Assert.NotEqual("", e.Failure.Message);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Round {round} ended in {e.GetType().Name}: {e.Message}", e);
            }
        }
        Assert.True(failed > rounds / 4, $"Only {failed} of {rounds} damaged files were noticed.");
    }

    public static byte[] Mutated(byte[] good, int round)
    {
        var random = CounterRandom.Keyed(7, "damage", round, "bytes");
        if (round % 4 == 0) return good[..(int)random.Integer(0, good.Length)];
        var bytes = good.ToArray();
        var edits = 1 + (int)random.Integer(1, 4);
        for (uint e = 0; e < edits; e++)
        {
            var at = (int)random.Integer(2 + 2 * e, bytes.Length);
            var bits = random.Bits(3 + 2 * e);
            // Extreme bytes find more than random ones: they make huge counts and negative lengths.
            if (bits % 3 == 0) bytes.AsSpan(at, Math.Min(4, bytes.Length - at)).Fill((byte)(bits % 2 == 0 ? 0xFF : 0x7F));
            else bytes[at] = (byte)(bits >> 8);
        }
        return round % 11 == 0 ? [.. bytes, .. bytes[..(int)random.Integer(0, 40)]] : bytes;
    }
}
