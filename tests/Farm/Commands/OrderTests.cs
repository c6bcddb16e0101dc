using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Tests.Farm.World;

namespace ExampleMlFarm.Tests.Farm.Commands;

/// <summary>Orders change the project, so each test has one of its own.</summary>
public sealed class OrderTests : IDisposable
{
    private readonly FakeProject project = new();

    public void Dispose() => project.Dispose();

    private string States(string address) => string.Join(' ', JsonNode.Parse(project.Run("items", address, "--json").Out)!.AsArray().Select(i => (string?)i!["state"]));

    [Fact]
    public void Dry_run_says_what_would_be_touched_and_touches_nothing()
    {
        string before = States("1");
        Assert.Equal("would retry 1 item of run 1 (simulate/4) and then rebuild dataset (1 item), train (2 items)\n", project.Run("retry", "1/simulate@failed", "--dry-run").Out);
        Assert.Equal(before, States("1"));
    }

    [Fact]
    public void Retry_of_a_run_means_its_failed_items()
    {
        Assert.StartsWith("retry 1 item of run 2 (simulate/2)", project.Run("retry", "2", "--reason", "new solver").Out, StringComparison.Ordinal);
        Assert.DoesNotContain("failed", States("2"), StringComparison.Ordinal);
        Assert.Contains("WHO: retry simulate/2 (new solver)", project.Run("explain", "2/simulate/2").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Retry_of_a_run_without_failures_says_so_and_is_no_error()
    {
        project.Run("retry", "2");
        var printed = project.Run("retry", "2");
        Assert.Equal(0, printed.Code);
        Assert.Equal("nothing to retry: no item of 2 is failed\n", printed.Error);
    }

    [Fact]
    public void Retry_tells_how_to_go_on_when_no_farm_works() => Assert.Contains("mlfarm resume 2", project.Run("retry", "2").Error, StringComparison.Ordinal);

    [Fact]
    public void Skipping_several_items_in_a_pipe_wants_yes()
    {
        string before = States("2");
        var printed = project.Run("skip", "2/simulate/2-4");
        Assert.Equal(ExitCode.Usage, (ExitCode)printed.Code);
        Assert.Contains("--yes is required", printed.Error, StringComparison.Ordinal);
        Assert.Equal(before, States("2"));
    }

    [Fact]
    public void Skipping_one_item_asks_nobody()
    {
        Assert.Equal(0, project.Run("skip", "2/simulate/2").Code);
        Assert.Equal("skipped", States("2/simulate/2"));
    }

    [Fact]
    public void Answer_no_changes_nothing()
    {
        string before = States("2");
        var printed = project.Answering("n", "skip", "2/simulate/2-5");
        Assert.Contains("[y/N]", printed.Error, StringComparison.Ordinal);
        Assert.Equal(before, States("2"));
    }

    [Fact]
    public void Answer_yes_skips_them()
    {
        project.Answering("y", "skip", "2/simulate/2,4");
        Assert.Equal("skipped skipped", States("2/simulate/2,4"));
    }

    [Fact]
    public void Cancelled_run_can_be_seen_and_ended_only_once()
    {
        Assert.Contains("open items", project.Run("cancel", "2", "--yes").Out, StringComparison.Ordinal);
        Assert.Contains("cancelled", project.Run("runs").Out, StringComparison.Ordinal);
        Assert.Contains("nothing was changed: run 2 is over (cancelled)", project.Run("cancel", "2", "--yes").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Pause_holds_what_is_ready()
    {
        project.Run("pause", "2");
        Assert.Contains("The run is paused.", project.Run("explain", "2/simulate/4").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Orders_in_json_tell_counts_and_consequences()
    {
        var json = JsonNode.Parse(project.Run("retry", "1@failed", "--dry-run", "--json").Out)!;
        Assert.Equal(1, (int)json["items"]!);
        Assert.Equal("dataset", (string?)json["then"]![0]!["node"]);
    }

    [Fact]
    public void Removed_artifact_is_gone_and_the_count_names_every_item_that_lies_in_it()
    {
        Assert.Contains("would remove 1 file", project.Run("artifacts", "rm", "1/train/0", "--dry-run").Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, (ExitCode)project.Run("artifacts", "rm", "1/train/0").Code);
        Assert.Equal(0, project.Run("artifacts", "rm", "1/train/0", "--yes").Code);
        Assert.Contains("GONE", project.InTerminal(100, "artifacts", "ls", "1/train/0").Out, StringComparison.Ordinal);
    }
}
