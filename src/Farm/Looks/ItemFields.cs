using System.Globalization;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>Fields of items by name, for <c>--fields</c>, <c>--sort</c>, <c>--where</c> and queries: fixed ones, then attributes, then metrics.</summary>
/// <remarks><c>item.x</c> names an attribute and <c>metrics.x</c> a metric where a fixed field has the same name.</remarks>
internal static class ItemFields
{
    private static readonly Column<ItemLine>[] Fixed =
    [
        new("address", l => l.Address),
        new("run", l => l.Of.Shell.Id.Value, RightAligned: true),
        new("node", l => l.Node.Plan.Name),
        new("index", l => l.View.Index, RightAligned: true, Heading: "ITEM"),
        new("state", l => RunJson.Word(l.View.State, l.Of.FarmIsLive), l => $"{RunJson.Glyph(l.View.State, l.Of.FarmIsLive)} {RunJson.Word(l.View.State, l.Of.FarmIsLive)}"),
        new("attempts", l => l.View.Attempts, l => l.View.Attempts > 1 ? $"{l.View.Attempts}" : "", RightAligned: true),
        new("losses", l => l.View.Losses, RightAligned: true),
        new("worker", l => l.Worker, l => Short(l.Worker)),
        new("seconds", l => l.Seconds, l => l.View.State == ItemState.Cached ? "-" : l.Seconds is { } s ? Format.Duration(s) : "", RightAligned: true, Heading: "RAN"),
        new("retry_at", l => l.View.RetryAt),
        new("reason", l => l.Of.Shell.Machine.Explain(l.Node.Id, l.View.Index).ToString(), GivesWay: true),
        new("failure_code", l => l.View.LastFailure?.Code),
        new("failure", l => l.View.LastFailure?.Message, GivesWay: true),
        new("key", l => l.View.Result is { } r && r.KeyBase != default ? $"{r.KeyBase}:{r.KeyIndex}" : null),
        new("last_line", l => l.LastLine, GivesWay: true),
    ];

    /// <summary>Names of the fixed ones.</summary>
    public static IEnumerable<string> Names => Fixed.Select(c => c.Name);

    /// <summary>Names of an item's attributes and metrics.</summary>
    public static IEnumerable<string> NamesOf(ItemLine line) => line.Attributes.Keys.Concat(line.Metrics.Select(m => m.Name));

    /// <summary>The value of a field; null when the item has none of that name.</summary>
    public static object? Of(ItemLine line, string name)
    {
        foreach (var column in Fixed)
            if (column.Name == name) return column.Value(line);
        if (name.StartsWith("item.", StringComparison.Ordinal)) return Attribute(line, name[5..]);
        return name.StartsWith("metrics.", StringComparison.Ordinal) ? Metric(line, name[8..]) : Attribute(line, name) ?? (object?)Metric(line, name);
    }

    /// <summary>A column for a field.</summary>
    public static Column<ItemLine> Column(string name)
    {
        foreach (var column in Fixed)
            if (column.Name == name) return column;
        return new(name, l => Of(l, name), l => People(Of(l, name)));
    }

    /// <summary>The columns when none are asked for.</summary>
    /// <param name="lines">The rows: of attributes and metrics those appear that are not the same for all of them.</param>
    /// <param name="severalNodes">True when rows of several nodes stand together.</param>
    /// <param name="all">True for every attribute and metric, as JSON has them.</param>
    public static IReadOnlyList<Column<ItemLine>> Default(IReadOnlyList<ItemLine> lines, bool severalNodes, bool all)
    {
        var columns = new List<Column<ItemLine>>();
        if (severalNodes || all) columns.Add(Column("node"));
        foreach (string name in (string[])["index", "state", "attempts", "worker", "seconds", "last_line"]) columns.Add(Column(name));
        var further = new List<string>();
        foreach (string name in lines.SelectMany(l => l.Attributes.Keys).Distinct().Order(StringComparer.Ordinal).Concat(lines.SelectMany(l => l.Metrics.Select(m => m.Name)).Distinct()))
            if (all || Varies(lines, name)) further.Add(name);
        // What varies says more than the last line of a log, so it stands before it.
        columns.InsertRange(columns.Count - (all ? 0 : 1), further.Distinct().Where(n => !Names.Contains(n)).Select(name => Column(name) with { RightAligned = lines.All(l => Of(l, name) is null or double || double.TryParse(Plain(Of(l, name)), NumberStyles.Float, CultureInfo.InvariantCulture, out _)) }));
        if (!all && lines.All(l => l.LastLine.Length == 0)) columns.RemoveAt(columns.Count - 1);
        return columns;
    }

    /// <summary>Which columns matter most where not all have room: what item, how it stands, what it was given, what it is judged by, the rest.</summary>
    public static Func<Column<ItemLine>, int> Urgency(IReadOnlyList<ItemLine> lines)
    {
        var attributes = lines.SelectMany(l => l.Attributes.Keys).ToHashSet(StringComparer.Ordinal);
        var goals = lines.Select(l => l.Of.Program[l.Node.Id].Metric?.Name).ToHashSet();
        return column => column.Name switch
        {
            "node" or "index" or "state" => 0,
            "seconds" => 3,
            "attempts" or "worker" => 5,
            "last_line" => lines.Any(l => l.View.State == ItemState.Failed) ? 1 : 6,
            var name => attributes.Contains(name) ? 1 : goals.Contains(name) ? 2 : 4,
        };
    }

    /// <summary>A value in full.</summary>
    public static string? Plain(object? value) => value switch
    {
        null => null,
        JsonValue v when v.TryGetValue(out string? text) => text,
        JsonNode node => node.ToJsonString(),
        double d => Format.Full(d),
        IFormattable f => f.ToString(value is float ? "R" : null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    /// <summary>A value as people read it.</summary>
    public static string People(object? value) => value switch
    {
        double d => Format.Number(d),
        JsonValue v when v.GetValueKind() == System.Text.Json.JsonValueKind.Number && v.ToJsonString() is var text => long.TryParse(text, out _) ? text : Format.Number(double.Parse(text, CultureInfo.InvariantCulture)),
        _ => Plain(value) ?? "",
    };

    /// <summary>A worker as people tell it from others: host and process.</summary>
    public static string Short(string? worker)
    {
        var parts = worker?.Split('-') ?? [];
        return parts.Length >= 3 ? string.Join('-', parts[..^1]) : worker ?? "";
    }

    private static bool Varies(IReadOnlyList<ItemLine> lines, string name)
    {
        if (lines.Count == 1) return true;
        string? first = Plain(Of(lines[0], name));
        return lines.Any(l => Plain(Of(l, name)) != first);
    }

    private static JsonNode? Attribute(ItemLine line, string name) => line.Attributes.TryGetValue(name, out var json) ? json : null;

    private static double? Metric(ItemLine line, string name)
    {
        foreach (var metric in line.Metrics)
            if (metric.Name == name) return metric.Value;
        return null;
    }
}
