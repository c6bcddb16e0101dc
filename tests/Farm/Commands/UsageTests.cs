using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Tests.Farm.World;

namespace ExampleMlFarm.Tests.Farm.Commands;

public class UsageTests(FakeProject project) : IClassFixture<FakeProject>
{
    [Theory]
    [InlineData(ExitCode.Usage, "item")]
    [InlineData(ExitCode.Usage, "dataset")]
    [InlineData(ExitCode.Usage, "items", "--limit", "-1")]
    [InlineData(ExitCode.Usage, "items", "1/simulate@tired")]
    [InlineData(ExitCode.Usage, "items", "1/simulate?colour>1")]
    [InlineData(ExitCode.Usage, "items", "1", "--sort", "colour")]
    [InlineData(ExitCode.Usage, "items", "1", "--where", "radius")]
    [InlineData(ExitCode.Usage, "logs", "1", "--grep", "(")]
    [InlineData(ExitCode.Usage, "logs", "1", "--since", "yesterday")]
    [InlineData(ExitCode.Usage, "compare", "1")]
    [InlineData(ExitCode.Usage, "show", "1/simulate/0-3")]
    [InlineData(ExitCode.Usage, "pause", "1/simulate")]
    [InlineData(ExitCode.Usage, "schema", "colours")]
    [InlineData(ExitCode.NotFound, "show", "77")]
    [InlineData(ExitCode.NotFound, "items", "1/drape")]
    [InlineData(ExitCode.NotFound, "items", "1/simulate/600")]
    [InlineData(ExitCode.NotFound, "dataset", "show", "2")]
    [InlineData(ExitCode.NotFound, "dataset", "show", "nowhere")]
    [InlineData(ExitCode.NotFound, "model", "show", "2")]
    [InlineData(ExitCode.NotFound, "node", "show", "pcaa")]
    [InlineData(ExitCode.NotFound, "help", "colours")]
    [InlineData(ExitCode.NotFound, "init", "--from", "nothing")]
    [InlineData(ExitCode.NotFound, "artifacts", "get", "1/train", "--name", "glb")]
    public void Wrong_words_end_with_the_right_status_and_say_what_to_do(ExitCode expected, params string[] words)
    {
        var printed = project.Run(words);
        Assert.Equal(expected, (ExitCode)printed.Code);
        Assert.Empty(printed.Out);
        Assert.NotEmpty(printed.Error);
    }

    [Fact]
    public void Error_in_json_mode_is_one_object_on_standard_error()
    {
        var printed = project.Run("show", "77", "--json");
        var error = JsonNode.Parse(printed.Error)!["error"]!;
        Assert.Empty(printed.Out);
        Assert.Equal("NotFound", (string?)error["code"]);
        Assert.Equal("there is no run 77; the newest is 2", (string?)error["message"]);
        Assert.Equal("mlfarm runs lists them", (string?)error["hint"]);
    }

    [Fact]
    public void Slip_of_the_pen_is_met_with_the_command_that_was_meant()
        => Assert.Contains("did you mean items?", project.Run("itesm").Error, StringComparison.Ordinal);

    [Fact]
    public void Query_with_an_unknown_name_lists_the_names_there_are()
        => Assert.Contains("radius", project.Run("items", "1/simulate?colour>1").Error, StringComparison.Ordinal);

    [Fact]
    public void Cut_list_says_how_many_there_are() => Assert.Contains("2 of 6 items shown", project.Run("items", "1/simulate", "--limit", "2").Error, StringComparison.Ordinal);

    [Fact]
    public async Task Folder_without_runs_says_how_to_start()
    {
        string folder = Directory.CreateTempSubdirectory("mlfarm-empty-").FullName;
        try
        {
            StringWriter output = new(), error = new();
            var terminal = new Terminal(output, error, false, false, 80, false);
            int code = await ExampleMlFarm.Farm.Commands.Root.Run(["runs", "-C", folder], new ExampleMlFarm.Farm.Commands.Surroundings { Terminal = terminal }, TestContext.Current.CancellationToken);
            Assert.Equal(ExitCode.NotFound, (ExitCode)code);
            Assert.Contains("mlfarm run ml-deformer", error.ToString(), StringComparison.Ordinal);
        }
        finally { Directory.Delete(folder, recursive: true); }
    }
}
