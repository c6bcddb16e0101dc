using ExampleMlFarm.Core;
using ExampleMlFarm.Workers.Children;

namespace ExampleMlFarm.Tests.Workers.Children;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("true", "true")]
    [InlineData("echo 'a b' \"c d\" e''f", "echo|a b|c d|ef")]
    [InlineData("  echo   x ", "echo|x")]
    public void Plain_words_are_started_without_a_shell(string text, string words)
    {
        var command = CommandLine.Parse(text, "/usr/bin:/bin");
        Assert.NotEqual("/bin/sh", command.Program);
        Assert.Equal(words.Split('|'), command.Arguments);
    }

    [Theory]
    [InlineData("a | b")]
    [InlineData("echo $HOME")]
    [InlineData("echo \"$HOME\"")]
    [InlineData("A=1 env")]
    [InlineData("cd /tmp")]
    [InlineData("ls *.txt")]
    [InlineData("echo 'unclosed")]
    [InlineData("a\nb")]
    public void Anything_of_the_shell_goes_to_the_shell(string text)
    {
        var command = CommandLine.Parse(text, "/usr/bin:/bin");
        Assert.Equal(("/bin/sh", text), (command.Program, command.Arguments[2]));
    }

    [Fact]
    public void A_program_that_is_not_there_is_named_before_anything_starts()
    {
        var e = Assert.Throws<FarmException>(() => CommandLine.Parse("no-such-program --fast", "/usr/bin:/bin"));
        Assert.Equal("command.not_found", e.Failure.Code);
        Assert.Contains("no-such-program", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public void An_empty_command_is_refused(string text) => Assert.Equal("command.empty", Assert.Throws<FarmException>(() => CommandLine.Parse(text, "/bin")).Failure.Code);
}
