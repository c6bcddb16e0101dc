using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Workers.Reporting;

/// <summary>What one slot was doing.</summary>
/// <param name="Lease">The lease, or 0.</param>
/// <param name="Items">Its items.</param>
/// <param name="Current">The item that was cooking, or −1 between items.</param>
public readonly record struct SlotNote(RunId Run, LeaseId Lease, ItemRange Items, long Current);

/// <summary>
/// What each slot cooks at this moment, in memory shared with a file, so that it can be read after the process was killed: then it is
/// known which item was cooking, and only that one is suspected. Writing a note is five stores and no system call.
/// </summary>
/// <remarks>Each slot writes its own place. Not forced to disk: a power cut is no item's fault.</remarks>
public sealed unsafe class SlotBoard : IDisposable
{
    private const int NoteBytes = 64;
    private const long Mark = 0x31_54_4F_4C_53_4D; // "MSLOT1"
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* start;

    /// <summary>Makes the file, with a place for each slot.</summary>
    public SlotBoard(string path, int slots)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Written, not only made long: a page for which a full disk has no place would end the process at the first store.
        File.WriteAllBytes(path, new byte[slots * NoteBytes]);
        file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, slots * NoteBytes);
        view = file.CreateViewAccessor();
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        for (int slot = 0; slot < slots; slot++) Unsafe.WriteUnaligned(start + slot * NoteBytes, Mark);
    }

    /// <summary>The slot turns to a lease.</summary>
    public void Begin(int slot, RunId run, LeaseId lease, ItemRange items)
    {
        var note = (long*)(start + slot * NoteBytes);
        Volatile.Write(ref note[5], -1);
        note[1] = run.Value;
        note[3] = items.Start;
        note[4] = items.End;
        Volatile.Write(ref note[2], lease.Value);
    }

    /// <summary>The slot turns to an item; −1 = to none.</summary>
    public void Cook(int slot, long item) => Volatile.Write(ref ((long*)(start + slot * NoteBytes))[5], item);

    /// <summary>The slot is done with its lease.</summary>
    public void End(int slot) => Volatile.Write(ref ((long*)(start + slot * NoteBytes))[2], 0);

    /// <summary>What the slots of a process that is gone were doing; nothing when there is no such file.</summary>
    public static IReadOnlyList<SlotNote> Read(string path)
    {
        if (!File.Exists(path)) return [];
        var notes = new List<SlotNote>();
        var bytes = File.ReadAllBytes(path);
        for (int at = 0; at + NoteBytes <= bytes.Length; at += NoteBytes)
        {
            var note = MemoryMarshal.Cast<byte, long>(bytes.AsSpan(at, NoteBytes));
            if (note[0] == Mark && note[2] > 0 && note[3] >= 0 && note[4] > note[3])
                notes.Add(new(new(note[1]), new(note[2]), new(note[3], note[4]), note[5]));
        }
        return notes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
    }
}
