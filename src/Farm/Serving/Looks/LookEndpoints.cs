using System.Globalization;
using ExampleMlFarm.Farm.Addresses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Looks;

/// <summary>What can be looked at: runs, nodes, items, logs, metrics, reasons. Each is a look command of the program, answered in JSON.</summary>
internal static class LookEndpoints
{
    private const int MostRows = 100_000;

    /// <summary>Adds the endpoints.</summary>
    public static void Map(RouteGroupBuilder api, ServedFarm farm)
    {
        Look("/runs", "Runs, newest first; those below before.", q => ["runs", Limit(q, 100), .. Option(q, "before")]);
        Look("/runs/{run:long}", "Counters per node and state, outputs, failures.", q => ["show", q.Address()]);
        Look("/runs/{run:long}/nodes/{node}", "A node.", q => ["show", q.Address()]);
        Look("/runs/{run:long}/items", "Items with state, attributes and metrics: of a node, in states, that fit where, sorted, with these fields; after skips rows.",
            q => ["items", q.Address(), Limit(q, 1000), .. Option(q, "fields"), .. Option(q, "sort"), .. Options(q, "where"), .. Option(q, "skip")]);
        Look("/items/{run:long}/{node}/{item:long}", "An item: why, attributes, metrics, inputs, outputs, history.", q => ["show", q.Address()]);
        Look("/runs/{run:long}/log", "What items printed.", q => ["logs", q.Address(), .. Option(q, "tail"), .. Option(q, "since"), .. Option(q, "grep"), .. Option(q, "attempt")]);
        Look("/runs/{run:long}/explain", "Why items wait, failed, were cached or ran again.", q => ["explain", q.Address()]);
        Look("/runs/{run:long}/metrics", "Points of training curves.", q => ["metrics", q.Address(), .. Option(q, "name"), .. Option(q, "every"), "--points"]);
        Look("/runs/{run:long}/artifacts", "Outputs.", q => ["artifacts", "ls", q.Address(), .. Option(q, "name")]);
        Look("/compare", "Two or more items or runs side by side.", q => ["compare", .. q.All("address").Select(Checked)]);
        Look("/datasets", "Data sets of the newest runs.", _ => ["dataset", "ls"]);
        Look("/models", "Models of the newest runs.", _ => ["model", "ls"]);
        Look("/nodes", "The catalogue of node types.", _ => ["node", "ls"]);
        Look("/nodes/{type}", "A node type with its options.", q => ["node", "show", q.Value("type") is { } t && t.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? t : "?"]);
        Look("/schema/recipe.json", "JSON Schema of recipes.", _ => ["schema", "recipe"]);

        void Look(string path, string summary, Func<Query, string[]> words) => api.MapGet(path, (HttpContext context, CancellationToken gone)
            => InProcess.Answer(farm, Callers.NameOf(context), words(new(context)), gone)).WithSummary(summary);
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

    private static string[] Option(Query q, string name) => q.Value(name) is { } value ? [$"--{name}={value}"] : [];

    private static IEnumerable<string> Options(Query q, string name) => q.All(name).Select(v => $"--{name}={v}");
}
