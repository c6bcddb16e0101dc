using CsCheck;
using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Workers;
using ExampleMlFarm.Workers.Children;
using ExampleMlFarm.Workers.Cooking;
using ExampleMlFarm.Workers.Logs;

namespace ExampleMlFarm.Tests.Workers.Children;

public sealed class ProgramLinesTests
{
    [Theory]
    [InlineData("Traceback (most recent call last):|  File \"a.py\", line 1|ValueError: no such radius||Error: script failed, exiting.", "ValueError: no such radius")]
    [InlineData("reading|ERROR: solver diverged at step 118|cleaning up", "ERROR: solver diverged at step 118")]
    [InlineData("sh: 1: blend: not found", "sh: 1: blend: not found")]
    [InlineData("one|two||", "two")]
    [InlineData("", null)]
    [InlineData("my.pkg.Terror: none|bpy.types.SolverException: stiff|errors: 0", "bpy.types.SolverException: stiff")]
    public void Reason_of_a_failed_program_is_the_line_a_person_would_point_at(string printed, string? reason)
    {
        var lines = new ProgramLines();
        using var host = new SlotHostOfTest();
        foreach (var line in printed.Split('|')) lines.Take(System.Text.Encoding.UTF8.GetBytes(line), host.Host);
        Assert.Equal(reason, lines.Culprit());
    }

    [Fact]
    public void No_line_a_program_can_print_does_more_than_stand_in_the_log()
    {
        using var its = new SlotHostOfTest();
        var host = its.Host;
        var lines = new ProgramLines();
        var seeds = new[]
        {
            "mlfarm: {\"metric\": \"loss\", \"step\": 12, \"value\": 0.31}", "mlfarm: {\"attributes\": {\"a\": [1, {\"b\": null}]}}",
            "mlfarm: {\"progress\": 1e999, \"status\": 3}", "openjd_progress: 40", "openjd_fail: x",
        };
        Gen.Select(Gen.Int[0, seeds.Length - 1].Select(i => seeds[i]), Gen.Int[0, 60], Gen.Byte, Gen.Int[0, 80]).Sample((seed, at, value, length) =>
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(seed)[..Math.Min(length, seed.Length)];
            if (at < bytes.Length) bytes[at] = value;
            try { lines.Take(bytes, host); }
            catch (Core.FarmException e) when (e.Failure.Code == "item.too_many_metrics") { host.Outputs.Clear(); }
        }, iter: 3000, threads: 1);
    }

    /// <summary>A slot's host in a folder of its own.</summary>
    private sealed class SlotHostOfTest : IDisposable
    {
        private readonly string folder = Directory.CreateTempSubdirectory("mlfarm-lines-").FullName;
        private readonly InputCache cache = new();

        public SlotHostOfTest()
        {
            var folders = new WorkerFolders(folder, new("w"));
            var store = new ArtifactStore(folders.Artifacts);
            Host = new(folders, store, cache, new(store, folders.Kept), new AttemptLog(folders.Logs, "w-0", TimeProvider.System), 0);
            Host.AttemptLog.Begin(new(1), "a", 0, 1);
        }

        public SlotHost Host { get; }

        public void Dispose()
        {
            Host.Dispose();
            cache.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }
}
