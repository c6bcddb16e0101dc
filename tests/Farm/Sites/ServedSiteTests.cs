using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Tests.Farm.Commands;
using ExampleMlFarm.Tests.Farm.World;

namespace ExampleMlFarm.Tests.Farm.Sites;

/// <summary>Commands print the same whether the farm is that of the folder or behind an address.</summary>
public class ServedSiteTests(ServedProject served) : IClassFixture<ServedProject>
{
    public static TheoryData<string> Names => GoldenTests.Names;

    [Theory, MemberData(nameof(Names))]
    public void Command_prints_the_same_over_http(string name)
    {
        string[] words = GoldenTests.WordsOf(name);
        var here = served.Project.Run([.. words, "--json"]);
        var there = served.Project.Run([.. words, "--json", "--url", served.Url]);
        Assert.Equal(here.Out, there.Out);
        Assert.Equal(here.Code, there.Code);
    }

    [Fact]
    public void Address_where_nobody_answers_is_an_error_with_the_next_step()
    {
        var printed = served.Project.Run("runs", "--url", "http://127.0.0.1:9");
        Assert.Equal(ExitCode.Unreachable, (ExitCode)printed.Code);
        Assert.Contains("the farm at http://127.0.0.1:9/ cannot be reached", printed.Error, StringComparison.Ordinal);
        Assert.Contains("MLFARM_URL", printed.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("farm:8470"), InlineData("ftp://farm"), InlineData("farm")]
    public void Url_that_is_none_is_wrong_usage(string url) => Assert.Equal(ExitCode.Usage, (ExitCode)served.Project.Run("runs", "--url", url).Code);

    [Fact]
    public void Run_that_is_not_there_is_not_found() => Assert.Equal(ExitCode.NotFound, (ExitCode)served.Project.Run("show", "77", "--url", served.Url).Code);
}
