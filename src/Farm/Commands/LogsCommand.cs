using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm logs</c>: what items printed, and what failed items failed with.</summary>
internal static class LogsCommand
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private static readonly Column<AttemptLine>[] Columns =
    [
        new("node", l => l.Node), new("index", l => l.Item), new("attempt", l => l.Attempt),
        new("time", l => l.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)), new("worker", l => l.Worker), new("line", l => l.Text),
    ];

    public static Command Create()
    {
        var address = LookOptions.Address("A run, a node, items or states: 142/simulate@failed; 17.2 is an attempt.");
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what is printed, until everything named is over." };
        var tail = new Option<int?>("--tail") { Description = "Only the last lines of each item." };
        var since = new Option<string?>("--since") { Description = "Only lines of the last 30s, 5m, 2h." };
        var grep = new Option<string?>("--grep") { Description = "Only lines that match this regular expression." };
        var attempt = new Option<int?>("--attempt") { Description = "Only this attempt." };
        var command = new Command("logs", "Prints what items printed, and what failed items failed with.\nExample: mlfarm logs last@failed --tail 20") { address, follow, tail, since, grep, attempt };
        command.SetAction(async (invocation, cancellation) =>
        {
            var asked = AddressArgument.Parse(invocation.Parsed.GetRequiredValue(address));
            using var look = Globals.LookFrom(invocation.Parsed);
            var feed = new RunFeed(look, look.NumberOf(asked));
            var selected = ItemSelection.Asked(look, feed.Shell, asked);
            var filter = new LineFilter(Pattern(invocation.Parsed.GetValue(grep)), invocation.Parsed.GetValue(since) is { } age ? invocation.Now - LookOptions.Age("--since", age) : null);
            var logs = new AttemptLogs(look, feed.Shell, selected, invocation.Parsed.GetValue(attempt) ?? asked.Attempt);
            var writer = new LogWriter(invocation, severalNodes: asked.Node is null);
            writer.Write(Tail(logs.New().Where(filter.Passes), invocation.Parsed.GetValue(tail)));
            while (invocation.Parsed.GetValue(follow) && !feed.IsOver(selected))
            {
                await Task.Delay(BetweenLooks, invocation.Time, cancellation);
                feed.Update();
                writer.Write(logs.New().Where(filter.Passes));
            }
            writer.Close();
            if (writer.Lines == 0) invocation.Hint("nothing was printed");
            return ExitCode.Success;
        });
        return command;
    }

    private static IEnumerable<AttemptLine> Tail(IEnumerable<AttemptLine> lines, int? most)
    {
        if (most is null) return lines;
        if (most < 0) throw new CliException(ExitCode.Usage, $"--tail is {most}; it must be 0 or more");
        return lines.GroupBy(l => (l.Node, l.Item)).SelectMany(g => g.TakeLast(most.Value));
    }

    private static Regex? Pattern(string? text)
    {
        try { return text is null ? null : new Regex(text, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking); }
        catch (Exception e) when (e is ArgumentException or NotSupportedException) { throw new CliException(ExitCode.Usage, $"--grep: {e.Message}"); }
    }

    private sealed record LineFilter(Regex? Pattern, DateTimeOffset? Since)
    {
        public bool Passes(AttemptLine line) => (Since is null || line.At >= Since) && (Pattern is null || Pattern.IsMatch(line.Text));
    }

    /// <summary>Lines as they come: with item and attempt in front for people, in the usual shapes for programs.</summary>
    private sealed class LogWriter(Invocation invocation, bool severalNodes)
    {
        private readonly List<JsonNode> json = [];
        private readonly OutputFormat format = invocation.Format == OutputFormat.Automatic ? invocation.Terminal.OutIsTerminal ? OutputFormat.Table : OutputFormat.Tsv : invocation.Format;

        public long Lines { get; private set; }

        public void Write(IEnumerable<AttemptLine> lines)
        {
            var to = invocation.Terminal.Out;
            foreach (var line in lines)
            {
                if (Lines++ == 0 && format == OutputFormat.Tsv) to.WriteLine(string.Join('\t', Columns.Select(c => c.Name)));
                switch (format)
                {
                    case OutputFormat.Json: json.Add(TableWriter.Json(Columns, line)); break;
                    case OutputFormat.Ndjson: to.WriteLine(TableWriter.Json(Columns, line).ToJsonString()); break;
                    case OutputFormat.Tsv: to.WriteLine(string.Join('\t', Columns.Select(c => c.Plain(line)))); break;
                    case OutputFormat.Name: to.WriteLine($"{line.Node}/{line.Item}.{line.Attempt}"); break;
                    default:
                        string item = $"{(severalNodes ? $"{line.Node}/" : "")}{line.Item}.{line.Attempt}";
                        to.WriteLine($"{item} {TimeZoneInfo.ConvertTime(line.At, invocation.Time.LocalTimeZone):HH:mm:ss} {ItemFields.Short(line.Worker)}  {line.Text}");
                        break;
                }
            }
            to.Flush();
        }

        public void Close()
        {
            if (format == OutputFormat.Json) invocation.Terminal.Out.WriteLine(new JsonArray([.. json]).ToJsonString());
        }
    }
}
