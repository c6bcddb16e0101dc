using System.CommandLine;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;

namespace ExampleMlFarm.Farm.Commands;

/// <summary>What a command is given: what was typed, where to write, what time it is.</summary>
/// <param name="Parsed">What was typed.</param>
/// <param name="Terminal">Where to write.</param>
/// <param name="Format">Shape of results.</param>
/// <param name="Time">Clock.</param>
internal sealed record Invocation(ParseResult Parsed, Terminal Terminal, OutputFormat Format, TimeProvider Time)
{
    public DateTimeOffset Now => Time.GetUtcNow();
    public bool IsQuiet => Parsed.GetValue(Globals.Quiet);
    public bool ShowsProgress => !IsQuiet && !Parsed.GetValue(Globals.NoProgress);

    /// <summary>A hint for people: to standard error, and not with <c>-q</c>.</summary>
    public void Hint(string text)
    {
        if (!IsQuiet) Terminal.Error.WriteLine(text);
    }
}

/// <summary>What a command runs in, where that is not this process's own terminal and clock.</summary>
internal sealed class Surroundings : InvocationConfiguration
{
    public Terminal? Terminal { get; init; }
    public TimeProvider? Time { get; init; }

    /// <summary>The farm that commands are about, where the command line does not choose it.</summary>
    public Func<RunLook>? Look { get; init; }
}

/// <summary>Runs commands: the one place where failures become messages and exit codes.</summary>
internal static class Action
{
    public static void SetAction(this Command command, Func<Invocation, CancellationToken, Task<ExitCode>> act) =>
        command.SetAction(async (parsed, cancellation) => (int)await Guarded(parsed, invocation => act(invocation, cancellation)));

    public static void SetAction(this Command command, Func<Invocation, ExitCode> act) =>
        command.SetAction(async (parsed, _) => (int)await Guarded(parsed, invocation => Task.FromResult(act(invocation))));

    private static async Task<ExitCode> Guarded(ParseResult parsed, Func<Invocation, Task<ExitCode>> act)
    {
        var surroundings = parsed.InvocationConfiguration as Surroundings;
        var terminal = surroundings?.Terminal ?? Terminal.OfProcess(!parsed.GetValue(Globals.NoColour));
        var invocation = new Invocation(parsed, terminal, Globals.FormatOf(parsed), surroundings?.Time ?? TimeProvider.System);
        try
        {
            return await act(invocation);
        }
        catch (CliException e)
        {
            Say(invocation, e.Code.ToString(), e.Message, e.Hint, e.At);
            return e.Code;
        }
        catch (FarmException e)
        {
            Say(invocation, e.Failure.Code, e.Failure.Message, e.Failure.Detail, null);
            return e.Failure.Code switch
            {
                "farm.unreachable" or "farm.locked" => ExitCode.Unreachable,
                _ when e.Failure.Class == FailureClass.InvalidInput => ExitCode.Invalid,
                _ => ExitCode.Unexpected,
            };
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Left;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Say(invocation, "io", e.Message, null, null);
            return ExitCode.Unexpected;
        }
        catch (Exception e)
        {
            Say(invocation, "bug", $"this is a bug of mlfarm: {e.Message}", null, null);
            terminal.Error.WriteLine(e);
            return ExitCode.Unexpected;
        }
    }

    private static void Say(Invocation invocation, string code, string message, string? hint, string? at)
    {
        if (invocation.Format is OutputFormat.Json or OutputFormat.Ndjson)
        {
            var error = new JsonObject { ["code"] = code, ["message"] = message, ["hint"] = hint, ["at"] = at };
            invocation.Terminal.Error.WriteLine(new JsonObject { ["error"] = error }.ToJsonString());
            return;
        }
        int width = invocation.Terminal.ErrorIsTerminal ? invocation.Terminal.Width : int.MaxValue;
        foreach (string line in Wrapping.Lines("mlfarm: ", $"{(at is null ? "" : $"{at}: ")}{message}", width)) invocation.Terminal.Error.WriteLine(line);
        foreach (string part in hint?.Split('\n') ?? [])
            foreach (string line in Wrapping.Lines("        ", part, width)) invocation.Terminal.Error.WriteLine(line);
    }
}
