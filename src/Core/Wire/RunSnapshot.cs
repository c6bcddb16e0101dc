using System.Buffers.Binary;
using System.IO.Hashing;
using ExampleMlFarm.Core.Runs;

namespace ExampleMlFarm.Core.Wire;

/// <summary>
/// A run machine as bytes: with the events that came after, it is as good as the whole journal. Its size follows ranges, not items; equal
/// states have equal bytes. The last 8 bytes are a checksum (XXH3) of those before.
/// </summary>
public static class RunSnapshot
{
    private const byte Version = 3;

    /// <summary>The machine as bytes.</summary>
    public static byte[] Encode(RunMachine machine)
    {
        var to = new WireWriter(4096);
        to.Byte(Version);
        to.Byte(Limits.Version);
        machine.Write(to);
        to.Int64((long)XxHash3.HashToUInt64(to.Written));
        return to.ToArray();
    }

    /// <summary>A machine in the state of these bytes; <see cref="FarmException"/> <c>wire.corrupt</c> when they are damaged.</summary>
    public static RunMachine Decode(ReadOnlySpan<byte> bytes)
    {
        var whole = new WireReader(bytes);
        if (bytes.Length < 10) throw whole.Corrupt("a snapshot has at least 10 bytes");
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[^8..]) != XxHash3.HashToUInt64(bytes[..^8])) throw whole.Corrupt("the checksum of the snapshot does not hold");
        var from = new WireReader(bytes[..^8]);
        from.Version(Version, "the snapshot");
        from.Version(Limits.Version, "the rules of the snapshot's run");
        var machine = RunMachine.Read(ref from);
        from.End("the snapshot");
        return machine;
    }
}
