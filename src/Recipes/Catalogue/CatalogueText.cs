using System.Text;
using System.Text.Json.Nodes;

namespace ExampleMlFarm.Recipes.Catalogue;

/// <summary>What <c>mlfarm node show</c> prints and the docs page of a node type holds.</summary>
public static class CatalogueText
{
    /// <summary>A node type with every option, as plain text.</summary>
    public static string Show(NodeDescriptor type)
    {
        ArgumentNullException.ThrowIfNull(type);
        var text = new StringBuilder();
        text.Append(type.Name).Append(" (version ").Append(type.Version).Append(')').Append('\n').Append(type.Summary).Append("\n\n");
        text.Append($"  takes    {Word(type.Input)}{(type.NeedsInput ? "" : " (optional)")}\n  gives    {Word(type.Output)}\n");
        if (type.IsOperator) text.Append("  operator may be a step of a chain\n");
        if (type.HoudiniNames.Count > 0) text.Append($"  Houdini  {string.Join(", ", type.HoudiniNames)}\n");
        foreach (var metric in type.Metrics) text.Append($"  metric   {metric.Name}: {metric.Doc}\n");
        foreach (var attribute in type.DynamicAttributes) text.Append($"  sets     item.{attribute.Name} ({attribute.Type}): {attribute.Doc}\n");
        if (type.Options.Count > 0) text.Append("\nOptions\n");
        WriteOptions(text, type.Options, "  ");
        if (type.Example.Length > 0) text.Append("\nExample\n").Append(string.Join('\n', type.Example.TrimEnd().Split('\n').Select(line => "  " + line))).Append('\n');
        return text.ToString();
    }

    /// <summary>The same as Markdown.</summary>
    public static string Markdown(NodeDescriptor type)
    {
        ArgumentNullException.ThrowIfNull(type);
        var text = new StringBuilder($"# {type.Name}\n\n{type.Summary}\n\nTakes {Word(type.Input)}{(type.NeedsInput ? "" : " (optional)")}, gives {Word(type.Output)}. Version {type.Version}.");
        if (type.HoudiniNames.Count > 0) text.Append($" In Houdini: {string.Join(", ", type.HoudiniNames)}.");
        text.Append("\n\n| option | type | default | |\n|---|---|---|---|\n");
        Rows(type.Options, "");
        foreach (var metric in type.Metrics) text.Append($"\nMetric `{metric.Name}`: {metric.Doc}\n");
        if (type.Example.Length > 0) text.Append($"\n```yaml\n{type.Example.TrimEnd()}\n```\n");
        return text.ToString();

        void Rows(IReadOnlyList<OptionDescriptor> options, string prefix)
        {
            foreach (var o in options)
            {
                text.Append($"| `{prefix}{o.Name}` | {(o.Type is OptionType.Fields ? "mapping" : o.Type.Describe().Replace("|", "\\|", StringComparison.Ordinal))} | {(o.Type is OptionType.Fields ? "" : DefaultOf(o))} | {o.Doc}{Extra(o)} |\n");
                if (o.Type is OptionType.Fields f) Rows(f.Options, $"{prefix}{o.Name}.");
            }
        }
    }

    private static void WriteOptions(StringBuilder text, IReadOnlyList<OptionDescriptor> options, string indent)
    {
        foreach (var o in options)
        {
            bool nested = o.Type is OptionType.Fields;
            text.Append(indent).Append(o.Name).Append("  ").Append(nested ? "mapping" : o.Type.Describe());
            if (!nested) text.Append(o.Required ? ", required" : $" = {DefaultOf(o)}");
            text.Append('\n').Append(indent).Append("    ").Append(o.Doc).Append(Extra(o)).Append('\n');
            if (o.Type is OptionType.Fields f) WriteOptions(text, f.Options, indent + "    ");
        }
    }

    private static string Extra(OptionDescriptor o)
    {
        string range = o.DescribeRange(), unit = o.Unit == "fraction" ? "fraction or percentage" : o.Unit;
        string[] parts = [.. new[] { range, unit }.Where(p => p.Length > 0)];
        return parts.Length == 0 ? "" : $" ({string.Join(", ", parts)})";
    }

    private static string DefaultOf(OptionDescriptor o) => o.Required ? "required" : o.Default switch
    {
        null => "none",
        JsonArray { Count: 0 } => "none",
        JsonValue v when v.TryGetValue(out string? s) => s.Length == 0 ? "\"\"" : s,
        var other => other.ToJsonString(),
    };

    private static string Word(DataKind kind) => kind.ToString().ToLowerInvariant();
}
