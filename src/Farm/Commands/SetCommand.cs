using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm set</c>: changes of a run that is submitted already. A run is frozen; only its place in the queue is not part of it.</summary>
internal static class SetCommand
{
    private static readonly string[] Frozen = ["max_parallel", "max_failed", "allow_failed", "retry", "timeout", "resources", "pool"];

    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "The run." };
        var values = new Argument<string[]>("name=value") { Description = "priority=N: greater goes first, 0 unless set.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("set", "Changes the priority of a run.\nExample: mlfarm set 142 priority=80") { run, values };
        command.SetAction(async (invocation, cancellation) =>
        {
            int priority = Read(invocation.Parsed.GetRequiredValue(values));
            using var look = Globals.LookFrom(invocation.Parsed);
            var id = look.NumberOf(AddressArgument.Parse(invocation.Parsed.GetRequiredValue(run)));
            int before = look.Runs.Find(id)!.Priority;
            await look.Site.SetPriority(id, priority, cancellation);
            if (invocation.Format is OutputFormat.Json or OutputFormat.Ndjson) invocation.Terminal.Out.WriteLine(new JsonObject { ["run"] = id.Value, ["priority"] = priority, ["before"] = before }.ToJsonString());
            else invocation.Terminal.Out.WriteLine($"run {id}: priority {priority}{(before == priority ? " as before" : $", was {before}")}");
            return ExitCode.Success;
        });
        return command;
    }

    private static int Read(IReadOnlyList<string> given)
    {
        int? priority = null;
        foreach (string text in given)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new CliException(ExitCode.Usage, $"\"{text}\" is not name=value", "write for example: mlfarm set 142 priority=80");
            string name = text[..equals], value = text[(equals + 1)..];
            if (Frozen.Contains(name))
                throw new CliException(ExitCode.Usage, $"{name} belongs to the recipe, which was frozen with the run", "change the recipe and run it again: what is cooked comes from the cache");
            if (name != "priority") throw new CliException(ExitCode.Usage, $"a run has no \"{name}\" that could be set; it has: priority");
            if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) || number is < -1000 or > 1000)
                throw new CliException(ExitCode.Usage, $"priority is {value}; it must be a number from -1000 to 1000");
            priority = number;
        }
        return priority!.Value;
    }
}
