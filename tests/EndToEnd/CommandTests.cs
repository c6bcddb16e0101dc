using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ExampleMlFarm.Tests.EndToEnd;

/// <summary>What people meet at the terminal while a farm lives, dies, pauses or does not answer. Items are commands that sleep.</summary>
public sealed class CommandTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Soon = TimeSpan.FromSeconds(15);
    private readonly Farm farm = new();

    public CommandTests() => Assert.SkipUnless(Farm.Missing is null, Farm.Missing ?? "");

    public void Dispose() => farm.Dispose();

    // Every item waits for a file of its name in "go", so that a test decides when it ends.
    private string Gated(int items = 2, string further = "") => farm.Write("gated.yaml", $$"""
        recipe: 1
        name: gated
        nodes:
          wait:
            generate: {{items}}
            batch: 1
            {{further}}
            run: echo "item ${{"{{"}} item.index {{"}}"}} begins"; mkdir -p {{farm.Folder}}/begun; touch {{farm.Folder}}/begun/${{"{{"}} item.index {{"}}"}}; while [ ! -e {{farm.Folder}}/go/${{"{{"}} item.index {{"}}"}} ]; do sleep 0.05; done; echo "item ${{"{{"}} item.index {{"}}"}} ends"
        """);

    private void Go(params int[] items)
    {
        Directory.CreateDirectory(Path.Combine(farm.Folder, "go"));
        foreach (int item in items) File.WriteAllText(Path.Combine(farm.Folder, "go", $"{item}"), "");
    }

    // None while the run is not there yet.
    private string[] States(string address) => farm.Run("items", address, "--json") is (0, var output, _) ? [.. JsonNode.Parse(output)!.AsArray().Select(i => (string)i!["state"]!)] : [];

    private async Task Until(Func<bool> holds, string what)
    {
        for (long begun = Stopwatch.GetTimestamp(); !holds(); await Task.Delay(100, TestContext.Current.CancellationToken))
            Assert.True(Stopwatch.GetElapsedTime(begun) < Patience, $"it did not come about that {what}");
    }

    private Task UntilBegun(int item) => Until(() => File.Exists(Path.Combine(farm.Folder, "begun", $"{item}")), $"item {item} begins");

    private static (int Code, string Out, string Error) End(Process process, TimeSpan within)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (process.WaitForExit(within)) return (process.ExitCode, output.Result, error.Result);
        Farm.KillTree(process);
        throw new TimeoutException($"it did not end within {within}; it said {error.Result}");
    }

    [Fact]
    public async Task Watcher_of_a_killed_farm_ends_within_seconds_and_says_how_to_go_on()
    {
        Gated();
        using var cooking = farm.Start("run", "gated.yaml", "--workers", "1");
        await UntilBegun(0);
        using var watching = farm.Start("resume", "1");
        Assert.Contains("cooks in the farm that already works", await watching.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) ?? "", StringComparison.Ordinal);
        Assert.False(watching.WaitForExit(1000));
        Farm.KillTree(cooking);
        long killed = Stopwatch.GetTimestamp();
        var (code, _, error) = End(watching, Soon);
        Assert.True(code == 20, $"{code}: {error}");
        Assert.True(Stopwatch.GetElapsedTime(killed).TotalSeconds < 8, $"{Stopwatch.GetElapsedTime(killed)}");
        Assert.Contains("mlfarm resume 1", error, StringComparison.Ordinal);
        Assert.DoesNotContain("bug", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Farm_that_does_not_answer_is_named_within_seconds()
    {
        Gated();
        using var cooking = farm.Start("run", "gated.yaml", "--workers", "1");
        await UntilBegun(0);
        try
        {
            Signal(cooking.Id, "STOP");
            var (code, _, error) = End(farm.Start("run", "gated.yaml"), Soon);
            Assert.True(code == 20, $"{code}: {error}");
            Assert.Contains($"process {cooking.Id} has the farm of {farm.Folder} open, but does not answer", error, StringComparison.Ordinal);
        }
        finally
        {
            Signal(cooking.Id, "CONT");
            Farm.KillTree(cooking);
        }
    }

    [Fact]
    public async Task Paused_run_finishes_what_cooks_and_then_leaves()
    {
        Gated(3);
        using var cooking = farm.Start("run", "gated.yaml", "--workers", "1");
        await UntilBegun(0);
        Assert.Equal(0, farm.Run("pause", "1").Code);
        Assert.False(cooking.WaitForExit(2500));
        Go(0);
        var (code, _, error) = End(cooking, Soon);
        Assert.True(code == 13, $"{code}: {error}");
        Assert.Contains("Run 1 is paused; 1 item finishes.", error, StringComparison.Ordinal);
        Assert.Contains("mlfarm resume 1", error, StringComparison.Ordinal);
        Assert.Equal(["done", "ready", "ready"], States("1/wait"));
        Go(1, 2);
        Assert.Equal(0, farm.Run("resume", "1").Code);
        Assert.Equal(["done", "done", "done"], States("1/wait"));
    }

    [Fact]
    public async Task Orders_reach_a_live_farm()
    {
        Gated(4);
        using var cooking = farm.Start("run", "gated.yaml", "--workers", "1");
        await UntilBegun(0);
        Assert.Contains("skip 1 item", farm.Run("skip", "1/wait/2").Out, StringComparison.Ordinal);
        Assert.Contains("cancel 1 item", farm.Run("cancel", "1/wait/0").Out, StringComparison.Ordinal);
        await UntilBegun(1);
        Assert.Equal(["cancelled", "running", "skipped", "ready"], States("1/wait"));
        Assert.Contains("retry 1 item", farm.Run("retry", "1/wait/0").Out, StringComparison.Ordinal);
        Assert.Equal("run 1: priority 7, was 0", farm.Run("set", "1", "priority=7").Out.Trim());
        Go(0, 1, 3);
        var (code, output, error) = End(cooking, Patience);
        Assert.True(code == 0, $"{code}: {output} {error}");
        Assert.Equal(["done", "done", "skipped", "done"], States("1/wait"));
    }

    [Fact]
    public async Task Followed_log_shows_lines_as_they_come_and_ends_with_its_item()
    {
        Gated(1);
        using var cooking = farm.Start("run", "gated.yaml", "--workers", "1");
        await UntilBegun(0);
        using var following = farm.Start("logs", "1/wait/0", "-f");
        var lines = new List<string>();
        while (await following.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken) is { } line)
        {
            lines.Add(line[(line.LastIndexOf('\t') + 1)..]);
            if (lines[^1].EndsWith("begins", StringComparison.Ordinal)) Go(0);
        }
        Assert.True(following.WaitForExit(Soon));
        Assert.Equal(["line", "item 0 begins", "item 0 ends"], lines);
        Assert.Equal(0, End(cooking, Patience).Code);
    }

    [Fact]
    public void Items_of_two_cores_cook_alone_on_as_many_workers_as_there_are_cores()
    {
        Assert.SkipUnless(Environment.ProcessorCount >= 2, "one core");
        farm.Write("wide.yaml", $$"""
            recipe: 1
            name: wide
            nodes:
              wide:
                generate: 3
                batch: 1
                resources: { cpu: {{Environment.ProcessorCount}} }
                pool: anywhere
                run: mkdir {{farm.Folder}}/alone && sleep 0.2 && rmdir {{farm.Folder}}/alone
            """);
        foreach (string workers in (string[])["1", $"{Environment.ProcessorCount}"])
        {
            var (code, _, error) = farm.Run("run", "wide.yaml", "--workers", workers, "--no-cache", "wide");
            Assert.True(code == 0, error);
        }
    }

    [Fact]
    public void Submitted_run_is_waited_for_by_node_and_whole()
    {
        Gated(1);
        var (code, output, error) = farm.Run("submit", "gated.yaml", "--workers", "1");
        Assert.True(code == 0, error);
        Assert.Equal("1", output.Trim());
        Assert.Equal(12, farm.Run("wait", "1", "--timeout", "1s").Code);
        Go(0);
        (code, output, error) = farm.Run("wait", "last", "--for", "node=wait", "--timeout", "60s");
        Assert.True(code == 0, error);
        Assert.Contains("1/wait\tdone\t1", output, StringComparison.Ordinal);
        Assert.Equal(0, farm.Run("wait", "--timeout", "60s").Code);
    }

    [Fact]
    public async Task Run_that_the_live_farm_could_never_cook_is_refused()
    {
        Gated();
        farm.Write("wide.yaml", "recipe: 1\nname: wide\nnodes:\n  wide:\n    resources: { gpu: 60 }\n    generate: 1\n    run: echo\n");
        using var cooking = farm.Start("run", "gated.yaml", "--workers", "1");
        await UntilBegun(0);
        var (code, _, error) = farm.Run("run", "wide.yaml");
        Assert.True(code == 3, $"{code}: {error}");
        Assert.Contains("node \"wide\" asks for gpu: 60, and each worker of the farm that works here offers", error, StringComparison.Ordinal);
        Go(0, 1);
        Assert.Equal(0, End(cooking, Patience).Code);
    }

    [Fact]
    public async Task Farm_stays_for_runs_that_others_gave_it()
    {
        Gated(1);
        farm.Write("quick.yaml", "recipe: 1\nname: quick\nnodes:\n  one:\n    generate: 1\n    run: echo\n");
        using var first = farm.Start("run", "quick.yaml", "--workers", "1");
        // Whichever comes first has the farm; the other one must not end with it.
        await Until(() => File.Exists(Path.Combine(farm.Folder, ".mlfarm", "farm.json")) || first.HasExited, "a farm works");
        using var second = farm.Start("run", "gated.yaml", "--workers", "1");
        await UntilBegun(0);
        await Task.Delay(2000, TestContext.Current.CancellationToken);
        Go(0);
        var (code, _, error) = End(second, Patience);
        Assert.True(code == 0, $"{code}: {error}");
        Assert.Equal(0, End(first, Patience).Code);
    }

    [Fact]
    public void Hidden_items_are_counted_nowhere_and_only_cooks_a_part()
    {
        farm.Write("found.yaml", """
            recipe: 1
            name: found
            nodes:
              find:
                generate: 3
                run: "echo 'mlfarm: {\"metric\": \"n\", \"value\": ${{ item.index }}}'"
              frames:
                from: { node: find, where: "${{ metrics.n > 0.5 }}" }
                run: echo
              last:
                collect: frames
                run: echo
            """);
        var (code, output, error) = farm.Run("run", "found.yaml", "--only", "frames");
        Assert.True(code == 0, error);
        Assert.DoesNotContain("last", farm.Run("show", "1", "-o", "table").Out, StringComparison.Ordinal);
        long visible = JsonNode.Parse(farm.Run("show", "1", "--json").Out)!["nodes"]!.AsArray().Sum(n => (long)n!["items"]!);
        Assert.Contains($"{visible} cooked", output, StringComparison.Ordinal);
        Assert.Equal(visible, (long)JsonNode.Parse(farm.Run("runs", "--json").Out)!.AsArray()[0]!["items"]!);
        Assert.Equal(5, visible);
        // The whole recipe finds the results of its part.
        (code, output, error) = farm.Run("run", "found.yaml");
        Assert.True(code == 0, error);
        Assert.Contains("1 cooked, 5 cached", output, StringComparison.Ordinal);
        Assert.Contains("3 cooked", farm.Run("run", "found.yaml", "--only", "find", "--no-cache", "find").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_without_the_right_to_write_can_be_looked_at()
    {
        farm.Write("quick.yaml", "recipe: 1\nname: quick\nnodes:\n  one:\n    generate: 2\n    run: echo said\n");
        Assert.Equal(0, farm.Run("run", "quick.yaml").Code);
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/usr/bin/setpriv"), "only root can become somebody else for a moment");
        foreach (string path in Directory.EnumerateFileSystemEntries(farm.Folder, "*", SearchOption.AllDirectories).Append(farm.Folder))
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        foreach (string[] words in (string[][])[["runs"], ["show", "1"], ["items", "1"], ["logs", "1"], ["explain", "1/one/0"]])
        {
            var (code, output, error) = farm.RunAsNobody(words);
            Assert.True(code == 0 && output.Length > 0, $"{string.Join(' ', words)}: {error}");
        }
    }

    private static void Signal(int process, string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{process}"]);
        kill.WaitForExit();
    }
}
