using CsCheck;
using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Workers;
using ExampleMlFarm.Workers.Children;
using ExampleMlFarm.Workers.Cooking;
using ExampleMlFarm.Workers.Logs;

namespace ExampleMlFarm.Tests.Workers.Children;

public sealed class ProgramLinesTests
{
    [Fact]
    public void No_line_a_program_can_print_does_more_than_stand_in_the_log()
    {
        var folder = Directory.CreateTempSubdirectory("mlfarm-lines-").FullName;
        try
        {
            var folders = new WorkerFolders(folder, new("w"));
            using var cache = new InputCache();
            using var host = new SlotHost(folders, new ArtifactStore(folders.Artifacts), cache, new KeptFiles(new ArtifactStore(folders.Artifacts), folders.Kept), new AttemptLog(folders.Logs, "w-0", TimeProvider.System), 0);
            host.AttemptLog.Begin(new(1), "a", 0, 1);
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
        finally { Directory.Delete(folder, recursive: true); }
    }
}
