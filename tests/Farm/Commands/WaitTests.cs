using System.Text.Json.Nodes;
using ExampleMlFarm.Tests.Farm.World;

namespace ExampleMlFarm.Tests.Farm.Commands;

/// <summary>Waiting for what is over, what never will be, and what cannot be meant. Run 1 is done but for an allowed failure, run 2 is open.</summary>
public sealed class WaitTests(FakeProject project) : IClassFixture<FakeProject>
{
    [Theory]
    [InlineData("1", 0, "succeeded")]
    [InlineData("1/simulate", 0, "done")]
    [InlineData("1/simulate/0", 0, "done")]
    public void What_is_over_is_told_at_once_and_by_the_exit_status(string address, int code, string word)
    {
        var printed = project.Run("wait", address, "--json");
        Assert.Equal(code, printed.Code);
        var row = Assert.Single(JsonNode.Parse(printed.Out)!.AsArray())!;
        Assert.Equal((address, word), ((string?)row["address"], (string?)row["state"]));
    }

    [Fact]
    public void Failed_item_fails_the_wait_for_it_though_its_node_may_lose_some()
    {
        long failed = (long)JsonNode.Parse(project.Run("items", "1@failed", "--json").Out)![0]!["index"]!;
        var printed = project.Run("wait", $"1/simulate/{failed}", "--json");
        Assert.Equal(10, printed.Code);
        Assert.Equal("failed", (string?)JsonNode.Parse(printed.Out)![0]!["state"]);
        Assert.Equal(0, project.Run("wait", "1", "--for", "node=simulate").Code);
        Assert.Equal(10, project.Run("wait", "1@failed").Code);
    }

    [Fact]
    public void Time_out_leaves_what_is_open()
    {
        var printed = project.Run("wait", "1", "2", "--timeout", "0s");
        Assert.Equal(12, printed.Code);
        Assert.Contains("not over after 0 s: 2; what is open goes on", printed.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no age", "wait", "1", "--timeout", "soon")]
    [InlineData("no age", "wait", "1", "--timeout", "")]
    [InlineData("must be done or node=NAME", "wait", "1", "--for", "train")]
    [InlineData("run 1 has no node", "wait", "1", "--for", "node=trian")]
    [InlineData("there is no run 99", "wait", "99")]
    [InlineData("1/cases is about node cases", "wait", "1/cases", "--for", "node=simulate")]
    public void What_cannot_be_meant_is_said(string said, params string[] words)
    {
        var printed = project.Run(words);
        Assert.True(printed.Code is 2 or 5, $"{printed.Code}");
        Assert.Contains(said, printed.Error, StringComparison.Ordinal);
    }
}
