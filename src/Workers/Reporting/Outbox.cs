using System.Buffers.Binary;
using System.IO.Hashing;
using ExampleMlFarm.Core.Items;
using Microsoft.Win32.SafeHandles;

namespace ExampleMlFarm.Workers.Reporting;

/// <summary>A report that no run has acknowledged yet, as the bytes that are sent.</summary>
public sealed record PendingReport(RunId Run, long Sequence, byte[] Message);

/// <summary>
/// The reports of one worker process that are not acknowledged: a file that only grows until all of them are. What it names (artifacts) is
/// durable before a report is put in here.
/// </summary>
/// <remarks>
/// Records are length, checksum, run, sequence, bytes; reading stops at the first that is torn. The file is not forced to disk: it survives the death of
/// the process, which is what it is for; after a power cut its items are cooked again, and nobody was told that they are stored.
/// Safe for several threads.
/// </remarks>
public sealed class Outbox : IDisposable
{
    private const int HeaderBytes = 4 + 8 + 8 + 8;
    private const int LargestReportBytes = 1 << 30;
    private readonly Lock gate = new();
    private readonly SafeFileHandle file;
    private readonly Dictionary<RunId, Queue<PendingReport>> pending = [];
    private long length;
    private int count;

    /// <summary>Opens or makes the file; reports that lie in it are pending.</summary>
    public Outbox(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        foreach (var report in Read(path)) Add(report);
        length = RandomAccess.GetLength(file);
    }

    /// <summary>How many reports wait.</summary>
    public int Count
    {
        get { lock (gate) return count; }
    }

    /// <summary>Keeps a report until it is acknowledged. Sequences of a run only grow.</summary>
    public void Append(PendingReport report)
    {
        var record = new byte[HeaderBytes + report.Message.Length];
        BinaryPrimitives.WriteInt32LittleEndian(record, report.Message.Length);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(12), report.Run.Value);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(20), report.Sequence);
        report.Message.CopyTo(record.AsSpan(HeaderBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(4), XxHash64.HashToUInt64(record.AsSpan(12)));
        lock (gate)
        {
            RandomAccess.Write(file, record, length);
            length += record.Length;
            Add(report);
        }
    }

    /// <summary>Forgets the reports of a run up to this sequence.</summary>
    public void Acknowledge(RunId run, long sequence)
    {
        lock (gate)
        {
            if (!pending.TryGetValue(run, out var queue)) return;
            while (queue.TryPeek(out var first) && first.Sequence <= sequence)
            {
                queue.Dequeue();
                count--;
            }
            if (queue.Count == 0) pending.Remove(run);
            TrimLocked();
        }
    }

    /// <summary>Forgets all reports of a run: it has ended, or it no longer knows this worker.</summary>
    public void Drop(RunId run) => Acknowledge(run, long.MaxValue);

    /// <summary>Reports of a run that wait, oldest first, up to a size.</summary>
    public IReadOnlyList<PendingReport> Pending(RunId run, long mostBytes = 16 << 20)
    {
        lock (gate)
        {
            if (!pending.TryGetValue(run, out var queue)) return [];
            var list = new List<PendingReport>();
            long bytes = 0;
            foreach (var report in queue)
            {
                if (list.Count > 0 && bytes + report.Message.Length > mostBytes) break;
                list.Add(report);
                bytes += report.Message.Length;
            }
            return list;
        }
    }

    /// <summary>Reads what a process left behind: whole records up to the first torn one.</summary>
    public static IReadOnlyList<PendingReport> Read(string path)
    {
        var reports = new List<PendingReport>();
        if (!File.Exists(path)) return reports;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var header = new byte[HeaderBytes];
        while (stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) == HeaderBytes)
        {
            int size = BinaryPrimitives.ReadInt32LittleEndian(header);
            if (size < 0 || size > LargestReportBytes || size > stream.Length - stream.Position) break;
            var record = new byte[16 + size];
            header.AsSpan(12).CopyTo(record);
            stream.ReadExactly(record.AsSpan(16));
            if (XxHash64.HashToUInt64(record) != BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(4))) break;
            reports.Add(new(new(BinaryPrimitives.ReadInt64LittleEndian(record)), BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(8)), record[16..]));
        }
        return reports;
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private void Add(PendingReport report)
    {
        if (!pending.TryGetValue(report.Run, out var queue)) pending[report.Run] = queue = new();
        queue.Enqueue(report);
        count++;
    }

    private void TrimLocked()
    {
        // Almost always everything is acknowledged at once, and the file starts over.
        if (count == 0 && length > 0)
        {
            RandomAccess.SetLength(file, 0);
            length = 0;
        }
    }
}
