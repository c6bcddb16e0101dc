using System.Runtime.InteropServices;
using System.Text;

namespace ExampleMlFarm.Workers.Children;

/// <summary>
/// A null-terminated array of null-terminated UTF-8 strings in native memory: what exec calls want for arguments and environment. Keeps a
/// front part between uses, so that an item writes only what is its own.
/// </summary>
/// <remarks>Not safe for several threads. Pointers are good until the next change.</remarks>
public sealed unsafe class NativeStrings : IDisposable
{
    private readonly List<int> offsets = [];
    private byte* text;
    private byte** pointers;
    private int used, capacity, pointerCapacity;

    /// <summary>How many strings it holds.</summary>
    public int Count => offsets.Count;

    /// <summary>Adds a string.</summary>
    public void Add(ReadOnlySpan<char> value)
    {
        offsets.Add(used);
        Append(value);
        End();
    }

    /// <summary>Adds <c>name=value</c>.</summary>
    public void Add(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        offsets.Add(used);
        Append(name);
        Append("=");
        Append(value);
        End();
    }

    /// <summary>Drops all but the first <paramref name="count"/> strings.</summary>
    public void Truncate(int count)
    {
        if (count >= offsets.Count) return;
        used = offsets[count];
        offsets.RemoveRange(count, offsets.Count - count);
    }

    /// <summary>The array, with a null behind its last string.</summary>
    internal byte** Pointers()
    {
        if (offsets.Count + 1 > pointerCapacity)
        {
            pointerCapacity = (offsets.Count + 1) * 2;
            pointers = (byte**)NativeMemory.Realloc(pointers, (nuint)pointerCapacity * (nuint)sizeof(byte*));
        }
        for (int i = 0; i < offsets.Count; i++) pointers[i] = text + offsets[i];
        pointers[offsets.Count] = null;
        return pointers;
    }

    private void Append(ReadOnlySpan<char> value)
    {
        int most = Encoding.UTF8.GetMaxByteCount(value.Length) + 1;
        if (used + most > capacity)
        {
            capacity = Math.Max(256, (used + most) * 2);
            text = (byte*)NativeMemory.Realloc(text, (nuint)capacity);
        }
        int written = Encoding.UTF8.GetBytes(value, new(text + used, capacity - used));
        // A zero inside would end the string early and change what the program is told.
        if (new ReadOnlySpan<byte>(text + used, written).Contains((byte)0)) throw new ArgumentException("a zero character cannot be handed to a program", nameof(value));
        used += written;
    }

    private void End() => text[used++] = 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(text);
        NativeMemory.Free(pointers);
        text = null;
        pointers = null;
    }
}
