using System.Text.Json.Nodes;
using ExampleMlFarm.Tests.Farm.World;

namespace ExampleMlFarm.Tests.Farm.Commands;

/// <summary>Run 2 of the project is open and no farm works on it: nothing of it runs, whatever its journal says.</summary>
public sealed class StoppedRunTests(FakeProject project) : IClassFixture<FakeProject>
{
    [Fact]
    public void Show_counts_nothing_as_running()
    {
        Assert.DoesNotContain("RUNNING", project.InTerminal(100, "show", "2").Out, StringComparison.Ordinal);
        var nodes = JsonNode.Parse(project.Run("show", "2", "--json").Out)!["nodes"]!.AsArray();
        Assert.All(nodes, n => Assert.Equal(0, (int)n!["running"]!));
        Assert.Equal(1, nodes.Sum(n => (int)n!["stopped"]!));
        Assert.Contains("1 stopped", project.Run("show", "2/simulate").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Items_and_explain_say_stopped()
    {
        var items = JsonNode.Parse(project.Run("items", "2@running", "--json").Out)!.AsArray();
        Assert.Equal("stopped", (string?)Assert.Single(items)!["state"]);
        Assert.Contains("was stopped with the farm", project.Run("explain", "2/simulate/3").Out, StringComparison.Ordinal);
        Assert.Contains("stopped", project.Run("show", "2/simulate/3").Out, StringComparison.Ordinal);
        Assert.Single(JsonNode.Parse(project.Run("items", "2@stopped", "--json").Out)!.AsArray());
    }
}
