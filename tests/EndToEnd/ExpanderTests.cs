using System.Globalization;
using System.Security.Cryptography;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Tests.EndToEnd;

/// <summary>Nodes whose items are found while the run goes on, or follow each other: killed in the middle and resumed, they end with the same results.</summary>
public class ExpanderTests
{
    // Items after the first of each recipe wait for the file GATE: the test says when they may go on, not the clock.

    // Each frame adds its number to what the frame before put out; the first begins with the attribute of its case.
    private const string Frames = """
        recipe: 1
        name: chain
        nodes:
          cases: { generate: 2, attributes: { start: "${{ (item.index + 1) * 1000 }}" } }
          sim:
            from: cases
            frames: { start: 1, end: 8 }
            run: |
              [ "$MLFARM_FRAME" -le 1 ] || until [ -e "GATE" ]; do sleep 0.05; done
              before=$(sed -n 's/.*"previous":.*"path":"\([^"]*\)".*/\1/p' "$MLFARM_ITEM")
              if [ -n "$before" ]; then value=$(cat "$before"); else value=$MLFARM_START; fi
              echo $((value + MLFARM_FRAME)) > state.txt
            out: { state: state.txt }
        outputs: { results: "${{ nodes.sim }}" }
        """;

    private const string Each = """
        recipe: 1
        name: parts
        nodes:
          limits: { uses: configure_joint_limits, with: { character: "builtin:limb" } }
          poses: { generate: 8, uses: ml_pose_generate, with: { limits: "${{ nodes.limits }}", seed: 3 } }
          examples: { from: poses, steps: [ml_example] }
          part: { each: examples, run: '[ $MLFARM_INDEX -lt 2 ] || until [ -e "GATE" ]; do sleep 0.05; done; echo part $MLFARM_INDEX > part.txt', out: { part: part.txt } }
        outputs: { results: "${{ nodes.part }}" }
        """;

    private const string Top = """
        recipe: 1
        name: best
        nodes:
          tries:
            generate: 16
            attributes: { x: "uniform(0, 1)" }
            run: "echo \"mlfarm: {\\\"metric\\\": \\\"score\\\", \\\"value\\\": $MLFARM_X}\""
          best: { from: { node: tries, where: "${{ item.x > 0.2 }}", top: 5, by: score, goal: maximize }, run: '[ $MLFARM_INDEX -lt 2 ] || until [ -e "GATE" ]; do sleep 0.05; done; echo $MLFARM_X > best.txt', out: { best: best.txt } }
        outputs: { results: "${{ nodes.best }}" }
        """;

    [Theory]
    [InlineData("chain", Frames, "sim", 16)]
    [InlineData("parts", Each, "part", 8)]
    [InlineData("best", Top, "best", 5)]
    public void Run_killed_between_its_items_is_resumed_to_the_same_results(string name, string recipe, string node, int items)
    {
        Assert.SkipUnless(Farm.Missing is null, Farm.Missing ?? "");
        using var whole = new Farm();
        whole.Write("gate", "");
        whole.Write("recipe.yaml", recipe.Replace("GATE", Path.Combine(whole.Folder, "gate")));
        var (code, _, error) = whole.Run("run", "recipe.yaml", "--workers", "2");
        Assert.True(code == 0, error);
        var expected = Results(whole, name);
        Assert.Equal(items, expected.Count);
        if (name == "chain") Assert.Equal("1036", File.ReadAllText(Directory.GetFiles(Path.Combine(whole.Folder, "out", "chain-1", "results", "7")).Single()).Trim());

        using var farm = new Farm();
        farm.Write("recipe.yaml", recipe.Replace("GATE", Path.Combine(farm.Folder, "gate")));
        using (var process = farm.Start("run", "recipe.yaml", "--workers", "2"))
        {
            // Some items of the node are done then, and others are not.
            Assert.True(SpinWait.SpinUntil(() => process.HasExited || Done(farm, node) >= 2, TimeSpan.FromMinutes(2)), "two items are done");
            Assert.False(process.HasExited, process.HasExited ? $"it ended with {process.ExitCode} before it could be killed: {process.StandardError.ReadToEnd()}" : "");
            Farm.KillTree(process);
        }
        int kept = Done(farm, node);
        Assert.InRange(kept, 2, items - 1);
        farm.Write("gate", "");
        var resumed = farm.Run("resume", "--workers", "2");
        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.Equal(expected, Results(farm, name));
    }

    [Fact]
    public void Chosen_items_have_the_attributes_of_whom_they_were_chosen_from_whatever_the_batch()
    {
        Assert.SkipUnless(Farm.Missing is null, Farm.Missing ?? "");
        const string Recipe = """
            recipe: 1
            name: best
            nodes:
              tries:
                generate: 40
                attributes: { x: "uniform(0, 1)", kind: "${{ item.index % 7 }}" }
                run: "echo \"mlfarm: {\\\"metric\\\": \\\"score\\\", \\\"value\\\": $MLFARM_X}\""
              best: { from: { node: tries, top: 9, by: score, goal: maximize }, batch: BATCH, run: "echo $MLFARM_X > best.txt", out: { best: best.txt } }
              # Which kinds there are is known when the best are.
              kinds: { collect: { node: best, by: kind }, batch: BATCH, run: "echo $MLFARM_KIND > kind.txt", out: { kind: kind.txt } }
            outputs: { results: "${{ nodes.best }}", kinds: "${{ nodes.kinds }}" }
            """;
        using var farm = new Farm();
        var read = new List<double[]>();
        var kinds = new List<string>();
        foreach (var batch in new[] { "1", "4", "64", "auto" })
        {
            farm.Write("recipe.yaml", Recipe.Replace("BATCH", batch));
            var (code, _, error) = farm.Run("run", "recipe.yaml", "--workers", "2");
            Assert.True(code == 0, error);
            string results = Path.Combine(farm.Folder, "out", $"best-{read.Count + 1}", "results");
            read.Add([.. Enumerable.Range(0, 9).Select(i => double.Parse(File.ReadAllText(Directory.GetFiles(Path.Combine(results, $"{i}")).Single()), CultureInfo.InvariantCulture))]);
            string[] folders = Directory.GetDirectories(Path.Combine(farm.Folder, "out", $"best-{read.Count}", "kinds"));
            kinds.Add(string.Join(' ', folders.Order(StringComparer.Ordinal).Select(f => File.ReadAllText(Directory.GetFiles(f).Single()).Trim())));
        }
        var metrics = farm.Run("items", "1/tries", "--fields", "score", "-o", "tsv");
        var scores = metrics.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => double.Parse(l, CultureInfo.InvariantCulture)).OrderDescending().Take(9).ToArray();
        Assert.Equal(scores.Order(), read[0].Order());
        foreach (var other in read.Skip(1)) Assert.Equal(read[0], other);
        Assert.True(kinds[0].Split(' ') is { Length: > 2 } some && some.Distinct().Count() == some.Length, $"one item for each kind: {kinds[0]}");
        Assert.All(kinds, k => Assert.Equal(kinds[0], k));
    }

    private static int Done(Farm farm, string node)
    {
        if (!File.Exists(Path.Combine(farm.Folder, ".mlfarm", "farm.db"))) return 0;
        try
        {
            using var store = FarmStore.Open(Path.Combine(farm.Folder, ".mlfarm", "farm.db"));
            if (store.List(null, 1).Count == 0) return 0;
            var machine = new RunMachine();
            foreach (var stored in store.Events(new RunId(1), 0)) machine.Replay(EventCodec.Decode(stored.Payload.Span));
            return machine.Find(node) is { } id ? (int)machine.Counts(id).Succeeded : 0;
        }
        // The database is being made this moment.
        catch (Core.FarmException) { return 0; }
    }

    private static SortedDictionary<string, string> Results(Farm farm, string recipe)
    {
        string root = Path.Combine(farm.Folder, "out", $"{recipe}-1", "results");
        var results = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(root, "*", SearchOption.AllDirectories))
            results[Path.GetRelativePath(root, file)] = Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));
        return results;
    }
}
