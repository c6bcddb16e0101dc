using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Tests.Core;

public sealed class CodecTests
{
    private delegate object Decode(ReadOnlySpan<byte> bytes);

    [Fact]
    public void The_bytes_of_every_event_are_as_they_were()
    {
        // A journal written yesterday must be read tomorrow. Never edit a line; a new format has a new version and new lines.
        string[] golden = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Golden", "events-v1.txt"));
        string[] actual = Samples.Events.Select(e => $"{e.GetType().Name} {Convert.ToHexStringLower(EventCodec.Encode(e))}").ToArray();
        Assert.Equal(golden, actual);
        Assert.Equal(typeof(RunEvent).Assembly.GetTypes().Count(t => t.BaseType == typeof(RunEvent)), Samples.Events.Select(e => e.GetType()).Distinct().Count());
    }

    [Fact]
    public void What_is_read_back_has_the_same_bytes()
    {
        foreach (var happened in Samples.Events)
        {
            byte[] bytes = EventCodec.Encode(happened);
            var read = EventCodec.Decode(bytes);
            Assert.Equal(happened.GetType(), read.GetType());
            Assert.Equal(happened.At, read.At);
            Assert.Equal(bytes, EventCodec.Encode(read));
        }
        Assert.Equal(PlanCodec.Encode(Samples.Plan), PlanCodec.Encode(PlanCodec.Decode(PlanCodec.Encode(Samples.Plan))));
        Assert.Equal(MessageCodec.Encode(Samples.Message), MessageCodec.Encode(MessageCodec.DecodeMessage(MessageCodec.Encode(Samples.Message))));
        Assert.Equal(MessageCodec.Encode(Samples.Reply), MessageCodec.Encode(MessageCodec.DecodeReply(MessageCodec.Encode(Samples.Reply))));
        var result = ((ResultsReported)EventCodec.Decode(EventCodec.Encode(Samples.Events[5]))).Report.Results[1];
        Assert.Equal(Samples.FullResult.Outputs, result.Outputs);
        Assert.Equal(Samples.FullResult.Failure, result.Failure);
        Assert.Equal(Samples.FullResult.Metrics, result.Metrics);
        Assert.Equal(Samples.FullResult.Expansion!.Members, result.Expansion!.Members);
        Assert.Equal((Samples.FullResult.Attributes, Samples.FullResult.KeyBase, Samples.FullResult.KeyIndex, Samples.FullResult.Seconds), (result.Attributes, result.KeyBase, result.KeyIndex, result.Seconds));
        var node = PlanCodec.Decode(PlanCodec.Encode(Samples.Plan)).Nodes[0];
        Assert.Equal((Samples.Plan.Nodes[0].Resources, Samples.Plan.Nodes[0].Retry, Samples.Plan.Nodes[0].AllowFailed, Samples.Plan.Nodes[0].Pool, Samples.Plan.Nodes[0].Priority), (node.Resources, node.Retry, node.AllowFailed, node.Pool, node.Priority));
    }

    [Fact]
    public void Damaged_bytes_are_a_typed_error_and_cost_little_memory()
    {
        var samples = Samples.Events.Select(e => (Bytes: EventCodec.Encode(e), Read: (Decode)(b => EventCodec.Decode(b)))).ToList();
        samples.Add((PlanCodec.Encode(Samples.Plan), b => PlanCodec.Decode(b)));
        samples.Add((MessageCodec.Encode(Samples.Message), b => MessageCodec.DecodeMessage(b)));
        samples.Add((MessageCodec.Encode(Samples.Reply), b => MessageCodec.DecodeReply(b)));
        samples.Add((RunSnapshot.Encode(BusyMachine()), b => RunSnapshot.Decode(b)));
        Gen.Select(Gen.Int[0, samples.Count - 1], Gen.Int[0, 4], Gen.Int[0, 1 << 20], Gen.Byte, Gen.Byte.Array[1, 9]).Sample((which, kind, at, value, more) =>
        {
            byte[] bytes = Mutate(samples[which].Bytes, kind, at, value, more);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                samples[which].Read(bytes);
            }
            catch (FarmException e)
            {
                Assert.Equal("wire.corrupt", e.Failure.Code);
            }
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < 200_000 + 200L * bytes.Length, $"{allocated} bytes were allocated for {bytes.Length} bytes");
        }, iter: 20_000, threads: 1);
    }

    [Fact]
    public void Every_truncation_is_noticed()
    {
        foreach (var happened in Samples.Events)
        {
            byte[] bytes = EventCodec.Encode(happened);
            for (int length = 0; length < bytes.Length; length++)
                Assert.Equal("wire.corrupt", Assert.Throws<FarmException>(() => EventCodec.Decode(bytes.AsSpan(0, length))).Failure.Code);
            Assert.Throws<FarmException>(() => EventCodec.Decode([.. bytes, 0]));
        }
    }

    [Fact]
    public void Any_flipped_bit_of_a_snapshot_is_noticed()
    {
        byte[] bytes = RunSnapshot.Encode(BusyMachine());
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Int[0, 7]).Sample((at, bit) =>
        {
            byte[] damaged = [.. bytes];
            damaged[at] ^= (byte)(1 << bit);
            Assert.Equal("wire.corrupt", Assert.Throws<FarmException>(() => RunSnapshot.Decode(damaged)).Failure.Code);
        }, iter: 2000);
    }

    [Fact]
    public void Numbers_have_one_form()
    {
        foreach (byte[] bytes in (byte[][])[[0x80, 0x00], [0xFF, 0x00], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]])
            Assert.Throws<FarmException>(() => new WireReader(bytes).Count());
        Gen.Long[0, long.MaxValue].Sample(value =>
        {
            var to = new WireWriter();
            to.Count(value);
            var from = new WireReader(to.Written);
            return from.Count() == value && from.Left == 0;
        });
    }

    internal static RunMachine BusyMachine() => Scenario.Play(
        Given.Items("a", 9, n => n with { Retry = new(3, 10, [FailureClass.Transient]), AllowFailed = new(2, 0) }).Each("b", "a").Expand("d", "a").Collect("c", "b", acceptsFailures: true), """
        join w1 2 gpu
        join w2 2
        lease w1 1
        fail L1 0 transient
        fail L1 1 permanent
        ok L1 2-5 2 seg
        lost w1 crashed
        invalidate a 2
        lease w2 1
        cancel a 8
        skip b 3
        """).Machine;

    private static byte[] Mutate(byte[] bytes, int kind, int at, byte value, byte[] more)
    {
        at %= bytes.Length;
        switch (kind)
        {
            case 0:
                byte[] changed = [.. bytes];
                changed[at] = value;
                return changed;
            case 1: return bytes[..at];
            case 2: return [.. bytes[..at], .. more, .. bytes[at..]];
            case 3: return [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + 1 + value % 5)..]];
            default:
                // A number blown up to its largest.
                byte[] blown = [.. bytes[..at], 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, .. bytes[Math.Min(bytes.Length, at + 1)..]];
                return blown;
        }
    }
}
