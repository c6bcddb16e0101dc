using System.Buffers;
using System.Buffers.Binary;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Farm.Serving.Journals;

/// <summary>
/// Events on their way: for each its number (8 bytes), its length (4 bytes), both little-endian, and its payload in the bytes of <c>EventCodec</c>. A frame that is cut off
/// is left out by the reader, which asks again from there.
/// </summary>
internal static class JournalFrames
{
    /// <summary>Media type.</summary>
    public const string MediaType = "application/vnd.mlfarm.journal";

    /// <summary>Bytes before the payload.</summary>
    public const int HeadBytes = 12;

    /// <summary>The longest payload that is believed: a frame that claims more is damage.</summary>
    public const int MostPayloadBytes = 1 << 28;

    /// <summary>Adds an event.</summary>
    public static void Write(IBufferWriter<byte> to, StoredEvent stored)
    {
        var head = to.GetSpan(HeadBytes);
        BinaryPrimitives.WriteInt64LittleEndian(head, stored.Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], stored.Payload.Length);
        to.Advance(HeadBytes);
        to.Write(stored.Payload.Span);
    }

    /// <summary>The whole frames of some bytes.</summary>
    /// <exception cref="InvalidDataException">A length that cannot be, or a number that does not follow.</exception>
    public static IEnumerable<StoredEvent> Read(ReadOnlyMemory<byte> bytes, long expected)
    {
        for (int at = 0; bytes.Length - at >= HeadBytes; expected++)
        {
            var head = bytes.Slice(at, HeadBytes).Span;
            long sequence = BinaryPrimitives.ReadInt64LittleEndian(head);
            int length = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
            if (sequence != expected) throw new InvalidDataException($"event {sequence} came where event {expected} was due");
            if (length is < 0 or > MostPayloadBytes) throw new InvalidDataException($"event {sequence} claims {length} bytes");
            if (bytes.Length - at - HeadBytes < length) yield break;
            yield return new(sequence, bytes.Slice(at + HeadBytes, length));
            at += HeadBytes + length;
        }
    }
}
