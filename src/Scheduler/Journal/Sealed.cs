using System.Buffers.Binary;
using System.IO.Hashing;

namespace ExampleMlFarm.Scheduler.Journal;

/// <summary>
/// Payloads as they lie in the database: SQLite does not check its pages, so each carries eight bytes of XXH3 at its end.
/// </summary>
internal static class Sealed
{
    /// <summary>The payload with its checksum.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> payload)
    {
        var stored = new byte[payload.Length + 8];
        payload.CopyTo(stored);
        BinaryPrimitives.WriteUInt64LittleEndian(stored.AsSpan(payload.Length), XxHash3.HashToUInt64(payload));
        return stored;
    }

    /// <summary>The payload without its checksum; false when it does not match.</summary>
    public static bool TryOpen(byte[] stored, out ReadOnlyMemory<byte> payload)
    {
        payload = default;
        if (stored.Length < 8) return false;
        var content = stored.AsSpan(..^8);
        if (BinaryPrimitives.ReadUInt64LittleEndian(stored.AsSpan(content.Length)) != XxHash3.HashToUInt64(content)) return false;
        payload = stored.AsMemory(..^8);
        return true;
    }
}
