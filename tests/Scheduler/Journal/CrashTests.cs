using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Tests.Scheduler.Journal;

/// <summary>What is acknowledged survives: a killed process, and a log that was cut anywhere.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task Every_acknowledged_event_of_a_killed_process_is_there()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("farm.db");
        long first = 0;
        for (int life = 0; life < 4; life++)
        {
            int enough = 40 + 60 * life;
            long acknowledged = await AppendUntilKilled(path, first, enough);
            Assert.InRange(acknowledged, first + enough - 1, long.MaxValue);
            using var store = FarmStore.Open(path);
            var events = store.Load(new(1)).Tail.Skip(1).ToList();
            Assert.InRange(events.Count, acknowledged, long.MaxValue);
            Assert.All(events, e => Assert.Equal(FarmStoreContract.Bytes((int)(e.Sequence % 500) + 1), e.Payload.ToArray()));
            first = events.Count;
        }
    }

    [Fact]
    public async Task Log_cut_anywhere_leaves_a_prefix_of_whole_appends()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("farm.db");
        using var store = FarmStore.Open(path);
        var run = await store.Create(FarmStoreContract.Run("a"));
        for (int i = 0; i < 30; i++) await store.Append(run, new(3 * i + 1, [Payload(3 * i), Payload(3 * i + 1), Payload(3 * i + 2)], []));
        byte[] database = File.ReadAllBytes(path), log = ReadShared(path + "-wal");

        var random = CounterRandom.Keyed(1, "journal", 0, "cut");
        long longest = 0;
        for (int cut = 0; cut < 40; cut++)
        {
            string copy = folder.File($"cut{cut}.db");
            int length = cut == 0 ? log.Length : (int)random.Integer((uint)cut, log.Length);
            File.WriteAllBytes(copy, database);
            File.WriteAllBytes(copy + "-wal", log.AsSpan(0, length));
            using var after = FarmStore.Open(copy);
            if (after.Find(run) is null) continue;
            var events = after.Load(run).Tail.Skip(1).ToList();
            Assert.Equal(0, events.Count % 3);
            for (int i = 0; i < events.Count; i++) Assert.Equal(Payload(i), events[i].Payload.ToArray());
            await after.Append(run, new(events.Count + 1, [Payload(0)], []));
            longest = Math.Max(longest, events.Count);
        }
        Assert.Equal(90, longest);
    }

    private static byte[] Payload(int sequence) => FarmStoreContract.Bytes(sequence % 500 + 1);

    private static byte[] ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static async Task<long> AppendUntilKilled(string path, long first, int enough)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "ExampleMlFarm.Tests.Scheduler")) { RedirectStandardOutput = true };
        start.Environment[JournalWriterProcess.Variable] = path;
        using var process = Process.Start(start)!;
        long last = 0;
        while (last < first + enough && await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            last = long.Parse(line, CultureInfo.InvariantCulture);
        process.Kill();
        // What it had said before it died counts too.
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && long.TryParse(line, CultureInfo.InvariantCulture, out long said)) last = said;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        // The numbers count the first event as well, which is there before the process says anything.
        return last;
    }
}

/// <summary>
/// With the variable set, the test program is a process that appends events for ever and says each number once it was told that it is durable.
/// </summary>
internal static class JournalWriterProcess
{
    public const string Variable = "MLFARM_TEST_JOURNAL_WRITER";

#pragma warning disable CA2255 // The test program's entry point is generated, so this is the only place to become another program.
    [ModuleInitializer]
    internal static void RunWhenAsked()
#pragma warning restore CA2255
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } path) return;
        // A test whose process is gone must not leave this one behind.
        using var limit = new Timer(_ => Environment.Exit(3), null, 20_000, Timeout.Infinite);
        Append(path);
    }

    // Nothing is awaited here: a continuation on another thread would wait for this very initializer to end.
    private static void Append(string path)
    {
        var store = FarmStore.Open(path);
        var run = store.Find(new(1))?.Id ?? store.Create(FarmStoreContract.Run("a")).GetAwaiter().GetResult();
        long next = store.Load(run).Tail.Count();
        while (true)
        {
            var appends = new List<(long Last, Task Done)>();
            for (int i = 0; i < 5; i++, next += 2)
                appends.Add((next + 1, store.Append(run, new(next, [FarmStoreContract.Bytes((int)(next % 500) + 1), FarmStoreContract.Bytes((int)((next + 1) % 500) + 1)], []))));
            foreach (var (last, done) in appends)
            {
                done.GetAwaiter().GetResult();
                Console.Out.WriteLine(last.ToString(CultureInfo.InvariantCulture));
                Console.Out.Flush();
            }
        }
    }
}
