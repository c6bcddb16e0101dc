using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ExampleMlFarm.Geometry.Datasets;

/// <summary>
/// Keeps rows that came before their turn in a file: 40 bytes of memory per row, whatever its width. Slots are used again, so
/// the file is as large as the most rows that ever waited.
/// </summary>
internal sealed class RowSpool(string path, int rowFloats) : IDisposable
{
    private readonly Dictionary<long, (long Slot, long Group)> _slots = [];
    private readonly Stack<long> _free = [];
    private SafeFileHandle? _file;
    private long _slotCount;

    public int Count => _slots.Count;

    /// <summary>The keys that wait, ascending.</summary>
    public long[] Keys => [.. _slots.Keys.Order()];

    public bool Contains(long key) => _slots.ContainsKey(key);

    public void Put(long key, long group, ReadOnlySpan<float> row)
    {
        _file ??= File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        var slot = _free.Count > 0 ? _free.Pop() : _slotCount++;
        RandomAccess.Write(_file, MemoryMarshal.AsBytes(row), slot * rowFloats * sizeof(float));
        _slots.Add(key, (slot, group));
    }

    /// <summary>Takes a row out; false when none waits under the key.</summary>
    public bool TryTake(long key, Span<float> row, out long group)
    {
        group = 0;
        if (!_slots.Remove(key, out var place)) return false;
        group = place.Group;
        var bytes = MemoryMarshal.AsBytes(row);
        var offset = place.Slot * rowFloats * sizeof(float);
        while (!bytes.IsEmpty)
        {
            var count = RandomAccess.Read(_file!, bytes, offset);
            if (count == 0) throw new EndOfStreamException($"The spool '{path}' lost a row.");
            bytes = bytes[count..];
            offset += count;
        }
        _free.Push(place.Slot);
        return true;
    }

    public void Dispose()
    {
        _file?.Dispose();
        File.Delete(path);
    }
}
