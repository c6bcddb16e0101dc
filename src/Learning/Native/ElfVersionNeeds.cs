using System.Buffers.Binary;
using System.Text;

namespace ExampleMlFarm.Learning.Native;

/// <summary>
/// The symbol versions a shared library asks of others (ELF section SHT_GNU_verneed), and how to make one of them
/// optional. Knows 64-bit little-endian ELF alone; says nothing about whether the symbol itself is there.
/// </summary>
/// <remarks>Source: System V ABI, Linux Standard Base, "Symbol Versioning".</remarks>
public static class ElfVersionNeeds
{
    private const uint VersionNeedSection = 0x6ffffffe;
    private const ushort WeakFlag = 2;

    /// <summary>
    /// Marks the need for <paramref name="version"/> as weak, so that a loader without it goes on. Returns how many entries changed.
    /// </summary>
    /// <exception cref="InvalidDataException">The bytes are not a well-formed 64-bit little-endian ELF file.</exception>
    public static int MarkWeak(Span<byte> file, string version)
    {
        ArgumentNullException.ThrowIfNull(version);
        if (file.Length < 64 || !file[..6].SequenceEqual((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1]))
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        try
        {
            return Mark(file, Encoding.ASCII.GetBytes(version));
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("the ELF section or version table points outside the file", e);
        }
    }

    private static int Mark(Span<byte> file, ReadOnlySpan<byte> version)
    {
        int table = checked((int)U64(file, 0x28)), size = U16(file, 0x3A), sections = U16(file, 0x3C), changed = 0;
        for (int i = 0; i < sections; i++)
        {
            int section = checked(table + i * size);
            if (U32(file, section + 4) != VersionNeedSection) continue;
            int need = checked((int)U64(file, section + 0x18));
            int strings = checked((int)U64(file, table + checked((int)U32(file, section + 0x28)) * size + 0x18));
            uint entries = U32(file, section + 0x2C);
            for (uint e = 0; e < entries; e++)
            {
                int auxiliary = checked(need + (int)U32(file, need + 8));
                for (int a = U16(file, need + 2); a > 0; a--)
                {
                    ushort flags = U16(file, auxiliary + 4);
                    int name = checked(strings + (int)U32(file, auxiliary + 8));
                    int length = file[name..].IndexOf((byte)0);
                    if (length >= 0 && file.Slice(name, length).SequenceEqual(version) && (flags & WeakFlag) == 0)
                    {
                        BinaryPrimitives.WriteUInt16LittleEndian(file[(auxiliary + 4)..], (ushort)(flags | WeakFlag));
                        changed++;
                    }
                    auxiliary = checked(auxiliary + (int)U32(file, auxiliary + 12));
                }
                uint next = U32(file, need + 12);
                if (next == 0) break;
                need = checked(need + (int)next);
            }
        }
        return changed;
    }

    private static ulong U64(ReadOnlySpan<byte> s, int at) => BinaryPrimitives.ReadUInt64LittleEndian(s[at..]);
    private static uint U32(ReadOnlySpan<byte> s, int at) => BinaryPrimitives.ReadUInt32LittleEndian(s[at..]);
    private static ushort U16(ReadOnlySpan<byte> s, int at) => BinaryPrimitives.ReadUInt16LittleEndian(s[at..]);
}
