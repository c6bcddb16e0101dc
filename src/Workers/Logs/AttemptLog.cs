using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using ExampleMlFarm.Core.Items;
using Microsoft.Win32.SafeHandles;

namespace ExampleMlFarm.Workers.Logs;

/// <summary>What a line of an attempt's log says.</summary>
public enum LogLineKind : byte
{
    /// <summary>Printed by the item.</summary>
    Text = (byte)'o',
    /// <summary>A point of a curve: name, step, value.</summary>
    Metric = (byte)'m',
    /// <summary>How far the item is.</summary>
    Progress = (byte)'p',
}

/// <summary>
/// The log of one slot: all attempts it cooks append to one file per run and node, and an index says where each attempt's lines lie. An
/// attempt that prints nothing leaves no trace. Curves and progress stand among the lines, so that they can be read while the item cooks.
/// </summary>
/// <remarks>
/// <c>logs/RUN/NODE/WORKER-SLOT.N.log</c> holds lines <c>milliseconds TAB kind TAB text</c>; the <c>.idx</c> beside it holds records of
/// <see cref="LogIndex.RecordBytes"/>, one when an attempt prints its first line and one when it ends. The files are not forced to disk: after a power
/// cut the newest lines may be missing. Safe for two threads: the one that cooks and the watch that flushes.
/// </remarks>
public sealed class AttemptLog : IDisposable
{
    private readonly string root, writer;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly byte[] buffer = new byte[64 << 10];
    private readonly Dictionary<(long, string), int> fileNumbers = [];
    private SafeFileHandle? log, index;
    private string openNode = "";
    private RunId openRun;
    private long length, indexLength, attemptStart, attemptLength, startedAt;
    private int buffered;
    private long dropped;
    private long item;
    private int attempt;
    private bool begun, cut;

    /// <summary>A log below a folder.</summary>
    /// <param name="root">Such as <c>.mlfarm/logs</c>.</param>
    /// <param name="writer">Name of this slot among all slots of all time, fit for a file name.</param>
    /// <param name="time">For the times of lines.</param>
    public AttemptLog(string root, string writer, TimeProvider time)
    {
        this.root = root;
        this.writer = writer;
        this.time = time;
    }

    /// <summary>The next lines are of this attempt. Costs nothing until there is one.</summary>
    public void Begin(RunId run, string node, long item, int attempt)
    {
        lock (gate)
        {
            this.item = item;
            this.attempt = attempt;
            attemptLength = 0;
            begun = cut = false;
            startedAt = time.GetTimestamp();
            if (log is not null && (openRun != run || openNode != node)) Close();
            openRun = run;
            openNode = node;
        }
    }

    /// <summary>Adds a line, or several when the text has line breaks.</summary>
    public void Write(LogLineKind kind, ReadOnlySpan<char> text)
    {
        Span<byte> small = stackalloc byte[1024];
        foreach (var line in text.EnumerateLines())
        {
            int most = Encoding.UTF8.GetMaxByteCount(line.Length);
            Span<byte> utf8 = most <= small.Length ? small : new byte[most];
            Write(kind, utf8[..Encoding.UTF8.GetBytes(line, utf8)]);
        }
    }

    /// <summary>Adds a line in UTF-8 without line breaks.</summary>
    public void Write(LogLineKind kind, ReadOnlySpan<byte> line)
    {
        lock (gate)
        {
            if (cut) return;
            if (line.Length > Limits.LogLineBytes - 64) line = line[..(Limits.LogLineBytes - 64)];
            if (attemptLength + line.Length + 32 > Limits.AttemptLogBytes)
            {
                cut = true;
                kind = LogLineKind.Text;
                line = "mlfarm: the log of this attempt has reached its limit; further lines are dropped"u8;
            }
            if (!begun && !TryStart()) return;
            long milliseconds = (long)time.GetElapsedTime(startedAt).TotalMilliseconds;
            if (buffered + line.Length + 32 > buffer.Length) FlushLocked();
            int at = buffered;
            _ = milliseconds.TryFormat(buffer.AsSpan(at), out int digits, default, CultureInfo.InvariantCulture);
            at += digits;
            buffer[at++] = (byte)'\t';
            buffer[at++] = (byte)kind;
            buffer[at++] = (byte)'\t';
            line.CopyTo(buffer.AsSpan(at));
            // A stray line break or zero would make two records of one.
            buffer.AsSpan(at, line.Length).Replace((byte)'\n', (byte)' ');
            at += line.Length;
            buffer[at++] = (byte)'\n';
            attemptLength += at - buffered;
            buffered = at;
        }
    }

    /// <summary>The attempt has ended: what it printed can be found from now on as a whole.</summary>
    public void End()
    {
        lock (gate)
        {
            if (!begun) return;
            FlushLocked();
            // Without its last record the attempt looks as if it were still going on; its lines can be read.
            try { AppendIndex(attemptLength); }
            catch (IOException) { }
            begun = false;
            if (length > Limits.LogFileBytes)
            {
                fileNumbers[(openRun.Value, openNode)] = fileNumbers.GetValueOrDefault((openRun.Value, openNode)) + 1;
                Close();
            }
        }
    }

    /// <summary>Makes what was printed so far readable by others.</summary>
    public void Flush()
    {
        lock (gate) FlushLocked();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            FlushLocked();
            Close();
        }
    }

    // A log is no result: what the disk does not take is dropped, and cooking goes on.
    private bool TryStart()
    {
        try
        {
            Start();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Close();
            begun = false;
            return false;
        }
    }

    private void Start()
    {
        if (log is null)
        {
            var folder = Path.Combine(root, openRun.ToString(), FileName(openNode));
            Directory.CreateDirectory(folder);
            var path = Path.Combine(folder, $"{writer}.{fileNumbers.GetValueOrDefault((openRun.Value, openNode))}");
            log = File.OpenHandle(path + ".log", FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
            index = File.OpenHandle(path + ".idx", FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
            length = RandomAccess.GetLength(log);
            indexLength = RandomAccess.GetLength(index) / LogIndex.RecordBytes * LogIndex.RecordBytes;
        }
        attemptStart = length + buffered;
        begun = true;
        AppendIndex(-1);
    }

    private void AppendIndex(long attemptBytes)
    {
        Span<byte> record = stackalloc byte[LogIndex.RecordBytes];
        var elapsed = time.GetElapsedTime(startedAt);
        new LogIndex(item, attempt, attemptStart, attemptBytes, (time.GetUtcNow() - elapsed).ToUnixTimeMilliseconds(), (long)elapsed.TotalMilliseconds).WriteTo(record);
        RandomAccess.Write(index!, record, indexLength);
        indexLength += record.Length;
    }

    private void FlushLocked()
    {
        if (buffered == 0 || log is null) return;
        try
        {
            if (dropped > 0)
            {
                var word = System.Text.Encoding.UTF8.GetBytes($"0\to\tmlfarm: {dropped} bytes of this log could not be written\n");
                RandomAccess.Write(log, word, length);
                length += word.Length;
                attemptLength += word.Length;
                dropped = 0;
            }
            RandomAccess.Write(log, buffer.AsSpan(0, buffered), length);
            length += buffered;
        }
        catch (IOException)
        {
            dropped += buffered;
            attemptLength -= buffered;
        }
        buffered = 0;
    }

    private void Close()
    {
        log?.Dispose();
        index?.Dispose();
        log = index = null;
    }

    /// <summary>Node names of recipes are file names already; the question mark of an expander is kept readable.</summary>
    internal static string FileName(string node) => node.Replace("?", ".expand", StringComparison.Ordinal).Replace('/', '_');
}

/// <summary>One record of a log's index.</summary>
/// <param name="Item">Index of the item.</param>
/// <param name="Attempt">Number of the attempt.</param>
/// <param name="Offset">Where its first line starts.</param>
/// <param name="LengthBytes">How many bytes its lines take; −1 in the record that is written when it starts.</param>
/// <param name="StartedUnixMilliseconds">When the attempt started.</param>
/// <param name="ElapsedMilliseconds">How long it had run when the record was written.</param>
public readonly record struct LogIndex(long Item, int Attempt, long Offset, long LengthBytes, long StartedUnixMilliseconds, long ElapsedMilliseconds)
{
    /// <summary>Size of a record.</summary>
    public const int RecordBytes = 48;
    private const int Mark = 0x4C474931; // "1IGL": a torn or foreign record does not carry it.

    internal void WriteTo(Span<byte> record)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record, Mark);
        BinaryPrimitives.WriteInt32LittleEndian(record[4..], Attempt);
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], Item);
        BinaryPrimitives.WriteInt64LittleEndian(record[16..], Offset);
        BinaryPrimitives.WriteInt64LittleEndian(record[24..], LengthBytes);
        BinaryPrimitives.WriteInt64LittleEndian(record[32..], StartedUnixMilliseconds);
        BinaryPrimitives.WriteInt64LittleEndian(record[40..], ElapsedMilliseconds);
    }

    internal static LogIndex? Read(ReadOnlySpan<byte> record)
    {
        if (record.Length < RecordBytes || BinaryPrimitives.ReadInt32LittleEndian(record) != Mark) return null;
        var read = new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(record[8..]), BinaryPrimitives.ReadInt32LittleEndian(record[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(record[16..]), BinaryPrimitives.ReadInt64LittleEndian(record[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(record[32..]), BinaryPrimitives.ReadInt64LittleEndian(record[40..]));
        return read.Item < 0 || read.Attempt < 1 || read.Offset < 0 || read.LengthBytes < -1 ? null : read;
    }
}
