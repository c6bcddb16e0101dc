using System.Globalization;
using System.Text;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Workers.Logs;

/// <summary>One line of an attempt's log.</summary>
/// <param name="Offset">Time since the attempt started.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The line.</param>
public readonly record struct LogLine(TimeSpan Offset, LogLineKind Kind, string Text);

/// <summary>A point of a training curve.</summary>
public readonly record struct CurvePoint(string Name, long Step, double Value, TimeSpan Offset);

/// <summary>Where the log of one attempt lies.</summary>
/// <param name="Path">The file that holds it.</param>
/// <param name="Index">Its place in there.</param>
/// <param name="IsOpen">True when the attempt has not ended, or its worker died.</param>
public sealed record AttemptLogPlace(string Path, LogIndex Index, bool IsOpen);

/// <summary>
/// Finds and reads logs that <see cref="AttemptLog"/> wrote, while they are written too. Opens the index files of one node (as many as
/// there were slots) and the one file that holds the attempt. Broken records are skipped.
/// </summary>
public static class LogReader
{
    /// <summary>The folder with the logs of a node's attempts: pairs of files, <c>.log</c> and <c>.idx</c>, that only grow.</summary>
    public static string FolderOf(string root, RunId run, string node) => Path.Combine(root, run.ToString(), AttemptLog.FileName(node));

    /// <summary>Attempts of an item that printed something, first to last.</summary>
    public static IReadOnlyList<AttemptLogPlace> Find(string root, RunId run, string node, long item)
    {
        var places = new List<AttemptLogPlace>();
        foreach (var (path, record, open) in Records(root, run, node))
            if (record.Item == item) places.Add(new(path, record, open));
        return [.. places.OrderBy(p => p.Index.Attempt).ThenBy(p => p.Index.StartedUnixMilliseconds)];
    }

    /// <summary>Every attempt of a node that printed something, in the order of items.</summary>
    public static IReadOnlyList<AttemptLogPlace> All(string root, RunId run, string node) =>
        [.. Records(root, run, node).Select(r => new AttemptLogPlace(r.Path, r.Record, r.Open)).OrderBy(p => p.Index.Item).ThenBy(p => p.Index.Attempt)];

    /// <summary>
    /// Lines of an attempt. For one that still cooks, those written so far; go on with <paramref name="from"/> = the position the last call
    /// returned.
    /// </summary>
    /// <param name="place">The attempt.</param>
    /// <param name="from">Bytes of it that were read before.</param>
    /// <param name="lines">Receives the lines.</param>
    /// <returns>Bytes read so far; whole lines only.</returns>
    public static long Read(AttemptLogPlace place, long from, ICollection<LogLine> lines)
    {
        if (!File.Exists(place.Path)) return from;
        using var stream = new FileStream(place.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
        long start = place.Index.Offset, end = place.IsOpen ? stream.Length : Math.Min(stream.Length, start + place.Index.LengthBytes);
        // An attempt can be no longer than its limit; a damaged index must not make us read more.
        end = Math.Min(end, start + Limits.AttemptLogBytes + Limits.LogLineBytes);
        if (start + from >= end) return from;
        stream.Position = start + from;
        var bytes = new byte[end - start - from];
        int got = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false), at = 0;
        while (at < got)
        {
            int length = bytes.AsSpan(at, got - at).IndexOf((byte)'\n');
            if (length < 0) break;
            if (Parse(bytes.AsSpan(at, length)) is { } line) lines.Add(line);
            at += length + 1;
        }
        return from + at;
    }

    /// <summary>The curves of an attempt.</summary>
    public static IReadOnlyList<CurvePoint> Curves(AttemptLogPlace place)
    {
        var lines = new List<LogLine>();
        Read(place, 0, lines);
        return [.. lines.Where(l => l.Kind == LogLineKind.Metric).Select(Point).OfType<CurvePoint>()];
    }

    /// <summary>A metric line as a point; null when it is none.</summary>
    public static CurvePoint? Point(LogLine line)
    {
        // Step and value stand first: a name may hold anything.
        var parts = line.Text.Split(' ', 3);
        return line.Kind == LogLineKind.Metric && parts.Length == 3
            && long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long step)
            && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? new(parts[2], step, value, line.Offset) : null;
    }

    private static LogLine? Parse(ReadOnlySpan<byte> line)
    {
        int tab = line.IndexOf((byte)'\t');
        if (tab < 1 || line.Length < tab + 3 || line[tab + 2] != (byte)'\t') return null;
        if (!long.TryParse(line[..tab], NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds) || milliseconds > 1L << 50) return null;
        var kind = (LogLineKind)line[tab + 1];
        return Enum.IsDefined(kind) ? new(TimeSpan.FromMilliseconds(milliseconds), kind, Encoding.UTF8.GetString(line[(tab + 3)..])) : null;
    }

    private static IEnumerable<(string Path, LogIndex Record, bool Open)> Records(string root, RunId run, string node)
    {
        var folder = FolderOf(root, run, node);
        if (!Directory.Exists(folder)) yield break;
        foreach (var file in Directory.GetFiles(folder, "*.idx").Order(StringComparer.Ordinal))
        {
            byte[] bytes;
            using (var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
            {
                bytes = new byte[stream.Length];
                int got = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
                if (got < bytes.Length) Array.Resize(ref bytes, got);
            }
            var path = Path.ChangeExtension(file, ".log");
            LogIndex? begun = null;
            for (int at = 0; at + LogIndex.RecordBytes <= bytes.Length; at += LogIndex.RecordBytes)
            {
                if (LogIndex.Read(bytes.AsSpan(at, LogIndex.RecordBytes)) is not { } record) continue;
                // A slot cooks one item at a time, so a start that is followed by another start belongs to an attempt that was cut off.
                if (begun is { } before && before.Offset != record.Offset)
                    yield return (path, before with { LengthBytes = Math.Max(0, record.Offset - before.Offset) }, false);
                begun = record.LengthBytes < 0 ? record : null;
                if (record.LengthBytes >= 0) yield return (path, record, false);
            }
            if (begun is { } last) yield return (path, last, true);
        }
    }
}
