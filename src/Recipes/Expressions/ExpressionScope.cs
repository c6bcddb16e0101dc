using ExampleMlFarm.Recipes.Checking;

namespace ExampleMlFarm.Recipes.Expressions;

/// <summary>The names that exist where an expression stands. A root that is null does not exist there.</summary>
public sealed record ExpressionScope
{
    /// <summary>Parameters with their values.</summary>
    public IReadOnlyDictionary<string, Value> Parameters { get; init; } = new Dictionary<string, Value>();

    /// <summary><c>run.name</c> and <c>run.seed</c>.</summary>
    public IReadOnlyDictionary<string, Value> Run { get; init; } = new Dictionary<string, Value>();

    /// <summary>Attributes of the item.</summary>
    public IReadOnlyDictionary<string, StaticType>? Item { get; init; }

    /// <summary>True when the item may carry more attributes than can be listed.</summary>
    public bool ItemIsOpen { get; init; }

    /// <summary>Whose item it is.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Nodes of the recipe.</summary>
    public IReadOnlyCollection<string>? Nodes { get; init; }

    /// <summary>Metrics the item reports.</summary>
    public IReadOnlyCollection<string>? Metrics { get; init; }

    /// <summary>True when it may report more metrics than can be listed.</summary>
    public bool MetricsAreOpen { get; init; }

    /// <summary>Files of <c>out:</c>.</summary>
    public IReadOnlyCollection<string>? Outputs { get; init; }

    /// <summary>The same place before there are items.</summary>
    public ExpressionScope WithoutItems => this with { Item = null, Nodes = null, Metrics = null, Outputs = null };
}

/// <summary>Names that only an item has, when an expression is evaluated for it.</summary>
public interface IExpressionNames
{
    /// <summary>An attribute of the item; null when it has none of that name.</summary>
    Value? Attribute(string name);

    /// <summary>A metric of the item; null when it reported none of that name.</summary>
    double? Metric(string name);

    /// <summary>A file of <c>out:</c>; null when there is none of that name.</summary>
    string? Output(string name);
}

/// <summary>Nothing but constants.</summary>
public sealed class NoNames : IExpressionNames
{
    /// <summary>The one instance.</summary>
    public static NoNames Instance { get; } = new();

    /// <inheritdoc/>
    public Value? Attribute(string name) => null;
    /// <inheritdoc/>
    public double? Metric(string name) => null;
    /// <inheritdoc/>
    public string? Output(string name) => null;
}

/// <summary>The roots of names.</summary>
internal static class Roots
{
    public static readonly string[] All = ["params", "item", "nodes", "metrics", "run", "out"];

    public static string Absent(string root) => root switch
    {
        "item" => "item is not known here: this is worked out before there are items",
        "metrics" => "metrics are not known here: only \"require\", \"where\" and \"by\" stand after the cook",
        "nodes" => "nodes cannot be named here; \"with\", \"steps\", \"run\" and \"outputs\" may",
        "out" => "out is known in \"run\" alone",
        _ => $"{root} is not known here",
    };

    /// <summary>Root and name of <c>root.name</c> or <c>root["name"]</c>; null for anything else.</summary>
    public static (string Root, string Name, int At)? Reference(Expression e) => e switch
    {
        Expression.Member { Of: Expression.Name root } m when Array.IndexOf(All, root.Text) >= 0 => (root.Text, m.Text, m.At),
        Expression.Index { Of: Expression.Name root, Position: Expression.Literal { Value: Value.Text t } } i when Array.IndexOf(All, root.Text) >= 0 => (root.Text, t.Characters, i.Position.At),
        _ => null,
    };

    public static string Missing(string what, string name, IEnumerable<string> allowed) => $"{what}{NearestName.Hint(name, [.. allowed])}";
}
