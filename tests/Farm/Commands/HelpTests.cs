using System.CommandLine;
using ExampleMlFarm.Farm.Commands;
using ExampleMlFarm.Tests.Farm.World;

namespace ExampleMlFarm.Tests.Farm.Commands;

public class HelpTests(FakeProject project) : IClassFixture<FakeProject>
{
    public static TheoryData<string> Commands => [.. All(Root.Create(), "")];

    private static IEnumerable<string> All(Command command, string path)
        => command.Subcommands.Where(c => !c.Hidden).SelectMany(c => All(c, $"{path} {c.Name}".Trim()).Prepend($"{path} {c.Name}".Trim()));

    [Theory, MemberData(nameof(Commands))]
    public void Help_of_every_command_fits_a_screen_and_has_an_example(string command)
    {
        var printed = project.InTerminal(80, [.. command.Split(' '), "--help"]);
        Assert.Equal(0, printed.Code);
        var lines = printed.Out.TrimEnd('\n').Split('\n');
        Assert.True(lines.Length <= 24, $"{lines.Length} lines");
        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
        Assert.Contains("\nExample: ", printed.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit-codes"), InlineData("addresses"), InlineData("expressions"), InlineData("environment"), InlineData("recipes")]
    public void Help_pages_are_there(string topic) => Golden.Check($"help-{topic}.txt", project.InTerminal(100, "help", topic).Out);

    [Fact]
    public void Root_help_lists_every_command_in_groups() => Golden.Check("help.txt", project.InTerminal(80, "--help").Out);

    [Fact]
    public void Help_on_a_command_is_its_own_help() => Assert.Equal(project.Run("dataset", "export", "--help").Out, project.Run("help", "dataset", "export").Out);

    [Theory]
    [InlineData("bash", "complete -o default -F _mlfarm mlfarm"), InlineData("zsh", "compdef _mlfarm mlfarm"), InlineData("fish", "complete -c mlfarm"), InlineData("pwsh", "Register-ArgumentCompleter")]
    public void Completion_scripts_ask_the_command_tree(string shell, string registers)
    {
        string script = project.Run("completion", shell).Out;
        Assert.Contains(registers, script, StringComparison.Ordinal);
        Assert.Contains("[suggest:", script, StringComparison.Ordinal);
    }

    [Fact]
    public void Exit_codes_page_names_every_code()
        => Assert.All(Enum.GetValues<ExampleMlFarm.Farm.Output.ExitCode>(), code => Assert.Contains($" {(int)code,2}   ", project.Run("help", "exit-codes").Out, StringComparison.Ordinal));
}
