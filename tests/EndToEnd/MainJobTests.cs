using System.Diagnostics;
using System.Security.Cryptography;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Tests.EndToEnd;

/// <summary>The promises, on the real program: same bytes whatever the farm, exact resume, damaged results found.</summary>
public class MainJobTests
{
    [Fact]
    public void Data_set_and_weights_do_not_depend_on_workers_or_batches()
    {
        Assert.SkipUnless(Farm.Missing is null, Farm.Missing ?? "");
        var (dataset, weights) = Cooked("auto", 1);
        foreach (var (batch, workers) in new[] { ("auto", 2), ("1", 2), ("64", 1) })
            Assert.Equal((dataset, weights), Cooked(batch, workers));
    }

    [Fact]
    public void Run_killed_again_and_again_ends_with_the_same_bytes_and_repeats_nothing_acknowledged()
    {
        Assert.SkipUnless(Farm.Missing is null, Farm.Missing ?? "");
        var (dataset, weights) = Cooked("auto", 2);
        using var farm = new Farm();
        farm.Write("small.yaml", Recipes.Limb());
        int kills = 0;
        string[] command = ["run", "small.yaml", "--workers", "2"];
        // Each time a little later, so that the kills meet every phase: start, simulation, merge, training.
        for (int delay = 1500; ; delay += 700)
        {
            using var process = farm.Start(command);
            if (process.WaitForExit(delay))
            {
                Assert.Equal(0, process.ExitCode);
                break;
            }
            Farm.KillTree(process);
            kills++;
            command = HasRun(farm) ? ["resume", "--workers", "2"] : command;
        }
        Assert.True(kills >= 3, $"the run was over after {kills} kills");
        Assert.Equal((dataset, weights), (farm.DatasetHash("small", 1), Results.WeightsOf(farm)));
        Assert.Empty(Results.CookedTwice(farm));
    }

    /// <summary>Takes minutes, so it runs when it is asked for: <c>-explicit only -method "*Shipped*"</c>.</summary>
    [Fact(Explicit = true)]
    public void Shipped_recipe_killed_25_times_at_random_ends_each_time_with_the_same_bytes()
    {
        Assert.SkipUnless(Farm.Missing is null, Farm.Missing ?? "");
        string[] command = ["run", "ml-deformer", "--workers", "2"];
        (string, string) expected;
        using (var unbroken = new Farm())
        {
            var (code, _, error) = unbroken.Run(command);
            Assert.True(code == 0, error);
            expected = (unbroken.DatasetHash("ml-deformer", 1), Results.WeightsOf(unbroken, "ml-deformer"));
        }
        // Seeded, so that a failure can be tried again; together the runs meet kills from the start of the program to the report.
        var random = ExampleMlFarm.Core.Randomness.CounterRandom.Keyed(1, "kills", 0, "");
        uint draw = 0;
        int kills = 0, runs = 0;
        for (; kills < 25; runs++)
        {
            using var farm = new Farm();
            while (true)
            {
                using var process = farm.Start(HasRun(farm) ? ["resume", "--workers", "2"] : command);
                if (process.WaitForExit((int)(500 + 9000 * random.Uniform(draw++))))
                {
                    Assert.Equal(0, process.ExitCode);
                    break;
                }
                Farm.KillTree(process);
                kills++;
            }
            Assert.Equal(expected, (farm.DatasetHash("ml-deformer", 1), Results.WeightsOf(farm, "ml-deformer")));
            Assert.Empty(Results.CookedTwice(farm));
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills over {runs} runs: data set, weights and journal as they must be each time.");
    }

    [Fact]
    public void Worker_killed_every_second_changes_nothing()
    {
        Assert.SkipUnless(Farm.Missing is null, Farm.Missing ?? "");
        var expected = Cooked("auto", 2);
        using var farm = new Farm();
        farm.Write("small.yaml", Recipes.Limb());
        using var process = farm.Start("run", "small.yaml", "--workers", "2");
        int killed = 0;
        // Few enough that no item is unlucky three times and counts as poison.
        while (!process.WaitForExit(2500) && killed < 4)
            if (ChildrenOf(process.Id).FirstOrDefault() is > 0 and var worker)
            {
                Process.GetProcessById(worker).Kill();
                killed++;
            }
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(3)));
        Assert.Equal(0, process.ExitCode);
        Assert.Equal(expected, (farm.DatasetHash("small", 1), Results.WeightsOf(farm)));
    }

    [Theory]
    [InlineData("truncated")]
    [InlineData("flipped")]
    [InlineData("deleted")]
    public void Damaged_segment_is_found_and_only_its_items_are_cooked_again(string damage)
    {
        Assert.SkipUnless(Farm.Missing is null, Farm.Missing ?? "");
        using var farm = new Farm();
        farm.Write("small.yaml", Recipes.Limb());
        Assert.Equal(0, farm.Run("run", "small.yaml").Code);
        string dataset = farm.DatasetHash("small", 1), weights = Results.WeightsOf(farm);
        var (segment, items) = SegmentOf(farm, "displacements");
        File.SetUnixFileMode(segment.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        switch (damage)
        {
            case "truncated": using (var file = segment.OpenWrite()) file.SetLength(segment.Length / 2); break;
            case "flipped":
                using (var file = segment.Open(FileMode.Open, FileAccess.ReadWrite))
                {
                    file.Position = segment.Length / 2;
                    int value = file.ReadByte();
                    file.Position--;
                    file.WriteByte((byte)(value ^ 1));
                }
                break;
            default: segment.Delete(); break;
        }
        var resumed = farm.Run("resume");
        Assert.Equal(0, resumed.Code);
        Assert.Contains($"{items} {(items == 1 ? "item is" : "items are")} cooked again", resumed.Error);
        Assert.Equal((dataset, weights), (farm.DatasetHash("small", 1), Results.WeightsOf(farm)));
    }

    [Fact]
    public void Script_edited_while_the_run_cooks_does_not_change_it_and_the_next_run_cooks_anew()
    {
        Assert.SkipUnless(Farm.Missing is null, Farm.Missing ?? "");
        using var farm = new Farm();
        string script = farm.Write("step.sh", "echo old > result.txt; [ $MLFARM_INDEX = 1 ] && [ $MLFARM_ATTEMPT = 1 ] && echo 'echo new > result.txt' > \"$1\"; true\n");
        farm.Write("edited.yaml", $$$"""
            recipe: 1
            name: edited
            nodes:
              steps: { generate: 4, max_parallel: 1, run: 'sh step.sh {{{script}}}', out: { result: result.txt }, retry: 1 }
            outputs: { results: "${{ nodes.steps }}" }
            """);
        string[] Results(int run) => [.. Directory.GetFiles(Path.Combine(farm.Folder, "out", $"edited-{run}", "results"), "*", SearchOption.AllDirectories).Order().Select(f => File.ReadAllText(f).Trim())];
        var first = farm.Run("run", "edited.yaml", "--workers", "1");
        Assert.True(first.Code == 0, first.Error);
        Assert.Equal("echo new > result.txt", File.ReadAllText(script).Trim());
        Assert.Equal(["old", "old", "old", "old"], Results(1));
        Assert.Equal(0, farm.Run("run", "edited.yaml", "--workers", "1").Code);
        Assert.Equal(["new", "new", "new", "new"], Results(2));
    }

    [Fact]
    public void Raised_count_cooks_only_the_new_items()
    {
        Assert.SkipUnless(Farm.Missing is null, Farm.Missing ?? "");
        using var farm = new Farm();
        farm.Write("small.yaml", Recipes.Limb());
        Assert.Equal(0, farm.Run("run", "small.yaml").Code);
        var second = farm.Run("run", "small.yaml", "-p", "poses=30");
        Assert.Equal(0, second.Code);
        using var store = FarmStore.Open(Path.Combine(farm.Folder, ".mlfarm", "farm.db"));
        var machine = Results.Replayed(store, new RunId(2));
        foreach (var name in new[] { "poses", "simulate", "displacements" })
        {
            var counts = machine.Counts(machine.Find(name)!.Value);
            Assert.Equal((24L, 6L), (counts.Cached, counts.Succeeded));
        }
    }

    internal static (string Dataset, string Weights) Cooked(string batch, int workers)
    {
        using var farm = new Farm();
        farm.Write("small.yaml", Recipes.Limb(batch));
        var (code, _, error) = farm.Run("run", "small.yaml", "--workers", $"{workers}");
        Assert.True(code == 0, error);
        return (farm.DatasetHash("small", 1), Results.WeightsOf(farm));
    }

    private static bool HasRun(Farm farm)
    {
        string database = Path.Combine(farm.Folder, ".mlfarm", "farm.db");
        if (!File.Exists(database)) return false;
        using var store = FarmStore.Open(database);
        return store.List(null, 1).Count > 0;
    }

    private static (FileInfo Segment, long Items) SegmentOf(Farm farm, string node)
    {
        using var store = FarmStore.Open(Path.Combine(farm.Folder, ".mlfarm", "farm.db"));
        var machine = Results.Replayed(store, new RunId(1));
        var id = machine.Find(node)!.Value;
        var uses = machine.Artifacts().Where(a => a.Node == id).ToList();
        var hash = uses[0].Output.Hash;
        long items = uses.Where(u => u.Output.Hash == hash).Sum(u => u.Items.Count);
        return (farm.Artifacts().Single(f => hash.ToString().EndsWith(f.Name, StringComparison.Ordinal)), items);
    }

    private static IEnumerable<int> ChildrenOf(int parent)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), out int pid) && File.Exists($"{folder}/stat"))
            {
                string stat;
                try { stat = File.ReadAllText($"{folder}/stat"); }
                catch (IOException) { continue; }
                if (stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == $"{parent}") yield return pid;
            }
    }
}
