using System.Globalization;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Serving.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Looks;

/// <summary>What can be looked at: runs, nodes, items, logs, metrics, reasons. Each is a look command of the program, answered in JSON.</summary>
internal static class LookEndpoints
{
    private const int MostRows = 100_000;

    private static readonly (string, string) Node = ("node", "name of a node"), Item = ("item", "items: 17, 10-40:2"), State = ("state", "words with commas: failed,lost");

    /// <summary>Adds the endpoints.</summary>
    public static void Map(RouteGroupBuilder api, ServedFarm farm)
    {
        Look("/runs", "Runs, newest first.", q => ["runs", Limit(q, 100), .. Option(q, "before")], ("limit", "most rows, 100 unless given"), ("before", "only runs with a smaller number: the next page"));
        Look("/runs/{run:long}", "Counters per node and state, outputs, failures.", q => ["show", q.Address()]);
        Look("/runs/{run:long}/nodes/{node}", "A node.", q => ["show", q.Address()]);
        Look("/runs/{run:long}/items", "Items with state, attributes and metrics.",
            q => ["items", q.Address(), Limit(q, 1000), .. Option(q, "fields"), .. Option(q, "sort"), .. Options(q, "where"), .. Option(q, "skip")],
            Node, State, ("where", "as width>32; several are and"), ("sort", "a field; -field is downwards"), ("fields", "names, with commas"), ("limit", "most rows, 1000 unless given"), ("skip", "rows to leave out: the next page"));
        Look("/items/{run:long}/{node}/{item:long}", "An item: why, attributes, metrics, inputs, outputs, history.", q => ["show", q.Address()]);
        Look("/runs/{run:long}/log", "What items printed.", q => ["logs", q.Address(), .. Option(q, "tail"), .. Option(q, "since"), .. Option(q, "grep"), .. Option(q, "attempt")],
            Node, Item, State, ("tail", "last lines of each attempt"), ("since", "as 5m"), ("grep", "a regular expression"), ("attempt", "of this attempt alone"));
        Look("/runs/{run:long}/explain", "Why items wait, failed, were cached or ran again.", q => ["explain", q.Address()], Node, Item, State);
        Look("/runs/{run:long}/metrics", "Training curves.",
            q => ["metrics", q.Address(), .. Option(q, "name"), .. Option(q, "every"), .. Option(q, "from"), .. Option(q, "to"), .. Option(q, "points", "at-most"), "--points"],
            Node, Item, State, ("name", "a regular expression"), ("from", "first step"), ("to", "last step"), ("points", "most points of each curve, extremes among them"), ("every", "every n-th point"));
        Look("/runs/{run:long}/artifacts", "Outputs.", q => ["artifacts", "ls", q.Address(), .. Option(q, "name")], Node, Item, State, ("name", "of the output"));
        Look("/compare", "Two or more items or runs side by side.", q => ["compare", .. q.All("address").Select(Checked)], ("address", "several times: 142/train/3"));
        Look("/datasets", "Data sets of the newest runs.", _ => ["dataset", "ls"]);
        Look("/models", "Models of the newest runs.", _ => ["model", "ls"]);
        Look("/nodes", "The catalogue of node types.", _ => ["node", "ls"]);
        Look("/nodes/{type}", "A node type with its options.", q => ["node", "show", q.Value("type") is { } t && t.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? t : "?"]);
        Look("/schema/recipe.json", "JSON Schema of recipes.", _ => ["schema", "recipe"]);

        void Look(string path, string summary, Func<Query, string[]> words, params (string Name, string Text)[] query) => api.MapGet(path, (HttpContext context, CancellationToken gone)
            => InProcess.Answer(farm, Callers.NameOf(context), words(new(context)), gone)).WithSummary(summary).WithQuery(query);
    }

    /// <summary>What was asked: values of the path first, then of the query.</summary>
    internal readonly record struct Query(HttpContext Context)
    {
        public string? Value(string name) => Context.Request.RouteValues.TryGetValue(name, out var value) && value is not null
            ? Convert.ToString(value, CultureInfo.InvariantCulture) : Context.Request.Query.TryGetValue(name, out var given) ? given[^1] : null;

        public IEnumerable<string> All(string name) => Context.Request.Query.TryGetValue(name, out var given) ? given.OfType<string>() : [];

        /// <summary>The address that path and query make: run, node, item or items, states.</summary>
        public string Address()
        {
            string text = Value("run")!;
            if (Value("node") is { Length: > 0 } node) text += $"/{node}";
            if (Value("item") is { Length: > 0 } item) text += $"/{item}";
            if (Value("state") is { Length: > 0 } state) text += $"@{state}";
            return Checked(text);
        }
    }

    // Numbers and names only become an address here: nothing of a request is ever taken for an option of a command.
    private static string Checked(string text) => AddressParser.TryParse(text, out _, out string? error) && !text.StartsWith('-')
        ? text : throw new Output.CliException(Output.ExitCode.Usage, error ?? $"\"{text}\" is no address", "write for example 142, 142/simulate or 142/simulate/10-40@failed");

    private static string Limit(Query q, int standard)
    {
        if (q.Value("limit") is not { } text) return $"--limit={standard}";
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit is >= 1 and <= MostRows
            ? $"--limit={limit}" : throw new Output.CliException(Output.ExitCode.Usage, $"limit is {text}; it must be 1 to {MostRows}", "read further pages with skip or before");
    }

    private static string[] Option(Query q, string name, string? option = null) => q.Value(name) is { } value ? [$"--{option ?? name}={value}"] : [];

    private static IEnumerable<string> Options(Query q, string name) => q.All(name).Select(v => $"--{name}={v}");
}
