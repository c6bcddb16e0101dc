using CsCheck;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Workers.Logs;
using Microsoft.Extensions.Time.Testing;

namespace ExampleMlFarm.Tests.Workers.Logs;

public sealed class AttemptLogTests : IDisposable
{
    private static readonly RunId Run = new(142);
    private readonly string root = Directory.CreateTempSubdirectory("mlfarm-logs-").FullName;
    private readonly FakeTimeProvider time = new();

    public void Dispose() => Directory.Delete(root, recursive: true);

    private static string[] Lines(AttemptLogPlace place)
    {
        var lines = new List<LogLine>();
        LogReader.Read(place, 0, lines);
        return [.. lines.Select(l => $"{l.Offset.TotalMilliseconds:0} {l.Text}")];
    }

    [Fact]
    public void One_attempt_s_lines_are_found_among_those_of_thousands()
    {
        using (var log = new AttemptLog(root, "w-0", time))
            for (int item = 0; item < 5000; item++)
                for (int attempt = 1; attempt <= 2; attempt++)
                {
                    log.Begin(Run, "simulate", item, attempt);
                    if (item % 7 == 0)
                    {
                        log.Write(LogLineKind.Text, $"start {item}");
                        time.Advance(TimeSpan.FromMilliseconds(12));
                        log.Write(LogLineKind.Text, $"attempt {attempt}\nsecond line");
                    }
                    log.End();
                }
        var places = LogReader.Find(root, Run, "simulate", 700);
        Assert.Equal([1, 2], places.Select(p => p.Index.Attempt));
        Assert.Equal(["0 start 700", "12 attempt 2", "12 second line"], Lines(places[1]));
        Assert.Empty(LogReader.Find(root, Run, "simulate", 701));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(root, "142", "simulate")).Length);
    }

    [Fact]
    public void Lines_of_an_attempt_that_still_cooks_can_be_followed()
    {
        using var log = new AttemptLog(root, "w-0", time);
        log.Begin(Run, "train", 3, 1);
        log.Write(LogLineKind.Text, "one");
        log.Flush();
        var place = Assert.Single(LogReader.Find(root, Run, "train", 3));
        Assert.True(place.IsOpen);
        var lines = new List<LogLine>();
        long at = LogReader.Read(place, 0, lines);
        log.Write(LogLineKind.Text, "two");
        log.Flush();
        LogReader.Read(place, at, lines);
        Assert.Equal(["one", "two"], lines.Select(l => l.Text));
        log.End();
        Assert.False(Assert.Single(LogReader.Find(root, Run, "train", 3)).IsOpen);
    }

    [Fact]
    public void The_log_of_a_killed_worker_ends_where_its_successor_begins()
    {
        var dead = new AttemptLog(root, "w-0", time);
        dead.Begin(Run, "a", 1, 1);
        dead.Write(LogLineKind.Text, "cut off");
        dead.Flush();
        using var next = new AttemptLog(root, "w-0", time);
        next.Begin(Run, "a", 1, 2);
        next.Write(LogLineKind.Text, "again");
        next.End();
        var places = LogReader.Find(root, Run, "a", 1);
        Assert.Equal(["0 cut off"], Lines(places[0]));
        Assert.Equal(["0 again"], Lines(places[1]));
        dead.Dispose();
    }

    [Fact]
    public void Curves_are_kept_beside_the_lines()
    {
        using (var log = new AttemptLog(root, "w-0", time))
        {
            log.Begin(Run, "train", 0, 1);
            log.Write(LogLineKind.Metric, "0 1.5 validation/loss");
            log.Write(LogLineKind.Text, "epoch 0");
            log.Write(LogLineKind.Metric, "1 0.25 name with spaces");
            log.End();
        }
        var points = LogReader.Curves(Assert.Single(LogReader.Find(root, Run, "train", 0)));
        Assert.Equal([("validation/loss", 0L, 1.5), ("name with spaces", 1L, 0.25)], points.Select(p => (p.Name, p.Step, p.Value)));
    }

    [Fact]
    public void An_attempt_that_prints_without_end_is_cut_at_the_limit()
    {
        using var log = new AttemptLog(root, "w-0", time);
        log.Begin(Run, "a", 0, 1);
        var line = new byte[60_000];
        Array.Fill(line, (byte)'x');
        for (int i = 0; i < 1300; i++) log.Write(LogLineKind.Text, (ReadOnlySpan<byte>)line);
        log.End();
        var lines = new List<LogLine>();
        LogReader.Read(LogReader.Find(root, Run, "a", 0).Single(), 0, lines);
        Assert.Contains("limit", lines[^1].Text, StringComparison.Ordinal);
        Assert.True(new FileInfo(Directory.GetFiles(root, "*.log", SearchOption.AllDirectories).Single()).Length <= ExampleMlFarm.Workers.Limits.AttemptLogBytes + 4096);
    }

    [Fact]
    public void Damaged_files_give_fewer_lines_and_never_throw()
    {
        using (var log = new AttemptLog(root, "w-0", time))
            for (int item = 0; item < 20; item++)
            {
                log.Begin(Run, "a", item, 1);
                log.Write(LogLineKind.Text, $"line of {item}");
                log.End();
            }
        var files = Directory.GetFiles(root, "*", SearchOption.AllDirectories);
        var whole = files.ToDictionary(f => f, File.ReadAllBytes);
        Gen.Select(Gen.Int[0, files.Length - 1], Gen.Double[0, 1], Gen.Byte, Gen.Double[0, 1]).Sample((file, at, value, length) =>
        {
            var bytes = whole[files[file]][..(int)(length * whole[files[file]].Length)];
            if (bytes.Length > 0) bytes[(int)(at * (bytes.Length - 1))] = value;
            File.WriteAllBytes(files[file], bytes);
            foreach (var place in LogReader.All(root, Run, "a")) Lines(place);
            File.WriteAllBytes(files[file], whole[files[file]]);
        }, iter: 200, threads: 1);
    }
}
