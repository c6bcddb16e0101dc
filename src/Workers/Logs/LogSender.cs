using System.Globalization;
using System.IO.Compression;
using System.Text;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Workers.Links;
using ExampleMlFarm.Workers.Links.Http;

namespace ExampleMlFarm.Workers.Logs;

/// <summary>
/// Sends what is new in a worker's log files to the farm, in order. The files themselves are the memory of what is not sent yet: a connection that breaks loses nothing,
/// and a server that has less of a file than was sent to another gets it from its beginning.
/// </summary>
/// <remarks>One caller at a time.</remarks>
/// <param name="client">The way to the farm.</param>
/// <param name="session">Whose logs they are: files whose names begin with this worker's.</param>
/// <param name="root">Folder of all logs.</param>
public sealed class LogSender(FarmClient client, SessionWords session, string root)
{
    private readonly Dictionary<string, long> sent = new(StringComparer.Ordinal);

    /// <summary>Sends once all that is there; false when something is left because the farm could not be reached.</summary>
    public async Task<bool> Send(CancellationToken cancellation)
    {
        if (!Directory.Exists(root)) return true;
        bool all = true;
        foreach (var run in Directory.EnumerateDirectories(root))
        {
            if (!long.TryParse(Path.GetFileName(run), NumberStyles.None, CultureInfo.InvariantCulture, out long number)) continue;
            foreach (var node in Directory.EnumerateDirectories(run))
                foreach (var index in Directory.GetFiles(node, $"{session.Worker}-*.idx").Order(StringComparer.Ordinal))
                {
                    // What the index speaks of up to here is in the log by now, and goes first.
                    long indexed = LengthOf(index);
                    all &= await Send(new(number), node, Path.ChangeExtension(index, ".log"), long.MaxValue, cancellation) && await Send(new(number), node, index, indexed, cancellation);
                }
        }
        return all;
    }

    /// <summary>Sends again and again until it is told to stop; what is left then goes with one last <see cref="Send(CancellationToken)"/>.</summary>
    public async Task Run(TimeProvider time, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Limits.LogSendSeconds), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop)) await Send(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
    }

    private async Task<bool> Send(RunId run, string nodeFolder, string path, long upTo, CancellationToken cancellation)
    {
        long there = sent.GetValueOrDefault(path);
        try
        {
            for (int again = 0; ;)
            {
                long end = Math.Min(upTo, LengthOf(path));
                if (there >= end) return true;
                var piece = Piece(path, there, end);
                var answer = await client.Post(string.Create(CultureInfo.InvariantCulture, $"worker/runs/{run}/logs/{Path.GetFileName(path)}?node={Uri.EscapeDataString(Path.GetFileName(nodeFolder))}&offset={there}"),
                    Packed(piece), session, run, cancellation, "gzip");
                long now = long.Parse(Encoding.ASCII.GetString(answer), CultureInfo.InvariantCulture);
                // The file has its greatest length over there, or is not ours: nothing more can be done for it.
                if (now != there + piece.Length && ++again > 2) return true;
                sent[path] = there = now;
            }
        }
        catch (RunGoneException) { return true; }
        catch (FarmException) { return true; }
        catch (FarmUnreachableException) { return false; }
    }

    private static byte[] Piece(string path, long from, long end)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        file.Position = from;
        var bytes = new byte[Math.Min(end - from, Limits.LogPieceBytes)];
        int read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return bytes.AsSpan(0, read).ToArray();
    }

    private static byte[] Packed(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var pack = new GZipStream(memory, CompressionLevel.Fastest)) pack.Write(bytes);
        return memory.ToArray();
    }

    private static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;
}
