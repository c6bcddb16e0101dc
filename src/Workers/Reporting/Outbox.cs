using System.Buffers.Binary;
using System.IO.Hashing;
using ExampleMlFarm.Core.Items;
using Microsoft.Win32.SafeHandles;

namespace ExampleMlFarm.Workers.Reporting;

/// <summary>A report that no run has acknowledged, as it lies in an outbox.</summary>
public sealed record OutboxReport(RunId Run, long Sequence, byte[] Report);

/// <summary>
/// The reports of one worker process that are not acknowledged yet: a file that grows until all of them are, and then starts over. What a
/// report names (artifacts) is durable before it is put in here.
/// </summary>
/// <remarks>
/// Records are length, checksum, run, sequence, bytes; reading stops at the first that is torn. The file is not forced to disk: it
/// survives the death of the process, which is what it is for; after a power cut its items are cooked again, and nobody was told that
/// they are stored. Safe for several threads.
/// </remarks>
public sealed class Outbox : IDisposable
{
    private const int HeaderBytes = 4 + 8 + 8 + 8;
    private const int LargestReportBytes = 1 << 30;
    private readonly Lock gate = new();
    private readonly SafeFileHandle file;
    private readonly Dictionary<RunId, Queue<long>> waiting = [];
    private long length;

    /// <summary>Makes the file.</summary>
    public Outbox(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.Read);
    }

    /// <summary>Keeps a report until it is acknowledged. The sequences of a run only grow.</summary>
    public void Append(RunId run, long sequence, ReadOnlySpan<byte> report)
    {
        var record = new byte[HeaderBytes + report.Length];
        BinaryPrimitives.WriteInt32LittleEndian(record, report.Length);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(12), run.Value);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(20), sequence);
        report.CopyTo(record.AsSpan(HeaderBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(4), XxHash64.HashToUInt64(record.AsSpan(12)));
        lock (gate)
        {
            // What does not fit on the disk is not lost while this process lives: it is sent all the same. Should the process die, its items are cooked again.
            try
            {
                RandomAccess.Write(file, record, length);
                length += record.Length;
            }
            catch (IOException) { }
            if (!waiting.TryGetValue(run, out var sequences)) waiting[run] = sequences = new();
            sequences.Enqueue(sequence);
        }
    }

    /// <summary>The run has the reports up to this sequence.</summary>
    public void Acknowledge(RunId run, long sequence)
    {
        lock (gate)
        {
            if (!waiting.TryGetValue(run, out var sequences)) return;
            while (sequences.TryPeek(out long first) && first <= sequence) sequences.Dequeue();
            if (sequences.Count == 0) waiting.Remove(run);
            if (waiting.Count > 0 || length == 0) return;
            RandomAccess.SetLength(file, 0);
            length = 0;
        }
    }

    /// <summary>Reads what a process left behind: whole records up to the first torn one; nothing when there is no file.</summary>
    public static IReadOnlyList<OutboxReport> Read(string path)
    {
        var reports = new List<OutboxReport>();
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
}
