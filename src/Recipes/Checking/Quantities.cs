using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Recipes.Yaml;

namespace ExampleMlFarm.Recipes.Checking;

/// <summary>Reads amounts with units: durations, memory, percentages, and the policies made of them.</summary>
internal static class Quantities
{
    private static readonly (string Suffix, double Seconds)[] Durations = [("ms", 1e-3), ("s", 1), ("sec", 1), ("m", 60), ("min", 60), ("h", 3600), ("d", 86_400)];
    private static readonly (string Suffix, double Bytes)[] Sizes =
        [("B", 1), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1L << 40)];

    public static double? Seconds(PlanValues values, YamlNode node, string what, double most)
        => Amount(values, node, what, Durations, 0, most, $"a duration such as 30s, 10m or 2h, at most {(most >= 86_400 ? $"{most / 86_400:0.##}d" : $"{most / 60:0.##}m")}");

    public static long? Bytes(PlanValues values, YamlNode node, string what)
        => Amount(values, node, what, Sizes, 0, Limits.MemoryBytes, "an amount such as 512 MB or 8 GB, at most 16 TiB") is { } bytes ? (long)bytes : null;

    /// <summary>Seconds of a text such as <c>10m</c>; null when it is none, or negative.</summary>
    public static double? Seconds(string text) => Parse(text, Durations) is >= 0 and var seconds ? seconds : null;

    /// <summary>Bytes of a text such as <c>8 GB</c>; null when it is none, or negative.</summary>
    public static double? Bytes(string text) => (Parse(text, Sizes) ?? Parse(text + "B", Sizes)) is >= 0 and var bytes ? bytes : null;

    private static double? Amount(PlanValues values, YamlNode node, string what, (string Suffix, double Factor)[] units, double min, double max, string allowed)
    {
        var value = values.Of(node, what);
        double? amount = value switch
        {
            null => null,
            Value.Int i => i.Number,
            Value.Float f => f.Number,
            Value.Text t => Parse(t.Characters, units),
            _ => double.NaN,
        };
        if (amount is null && value is null) return null;
        if (amount is { } a && a >= min && a <= max) return a;
        values.Wrong(node.Mark, $"\"{what}\" is {OptionConversion.Shown(value!)}; allowed is {allowed}");
        return null;
    }

    private static double? Parse(string text, (string Suffix, double Factor)[] units)
    {
        text = text.Trim();
        int end = text.Length;
        while (end > 0 && char.IsAsciiLetter(text[end - 1])) end--;
        string suffix = text[end..];
        foreach (var (name, factor) in units)
        {
            if (!string.Equals(name, suffix, StringComparison.OrdinalIgnoreCase)) continue;
            return ScalarTyping.Number(text[..end].Trim()) switch
            {
                Value.Int i => i.Number * factor,
                Value.Float f => f.Number * factor,
                _ => null,
            };
        }
        return null;
    }

    public static Resources? Resources(PlanValues values, YamlNode node)
    {
        if (node is not YamlMapping map)
        {
            values.Wrong(node.Mark, $"\"resources\" must be a mapping such as {{cpu: 2, memory: 4 GB}}, not {node.Kind}");
            return null;
        }
        double cpu = 1, gpu = 0;
        long memory = 0;
        var custom = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (key, value) in map.Entries)
        {
            switch (key.Text)
            {
                case "cpu":
                    cpu = values.Number(value, "cpu", 0, Limits.Cpu) ?? cpu;
                    break;
                case "gpu":
                    gpu = values.Number(value, "gpu", 0, Limits.Gpu) ?? gpu;
                    break;
                case "memory":
                    memory = Bytes(values, value, "memory") ?? memory;
                    break;
                default:
                    if (NearestName.Of(key.Text, ["cpu", "gpu", "memory"]) is { } near && key.Text.Length > 2)
                        values.Diagnostics.Note(key.Mark, $"resource \"{key.Text}\" is one of your own; if you mean \"{near}\", correct it");
                    if (values.Number(value, key.Text, 0, 1e9) is { } amount) custom[key.Text] = amount;
                    break;
            }
        }
        return new(cpu, gpu, memory, [.. custom]);
    }

    private static readonly string[] RetryWords = ["transient", "out_of_memory", "timed_out", "invalid_input", "permanent"];
    private static readonly FailureClass[] RetryClasses = [FailureClass.Transient, FailureClass.OutOfMemory, FailureClass.TimedOut, FailureClass.InvalidInput, FailureClass.Permanent];

    /// <summary><c>retry: 2</c> is two more attempts after the first; by default after failures that may go away.</summary>
    public static RetryPolicy? Retry(PlanValues values, YamlNode node)
    {
        FailureClass[] usual = [FailureClass.Transient, FailureClass.OutOfMemory, FailureClass.TimedOut];
        if (node is not YamlMapping) return values.Int(node, "retry", 0, Limits.Attempts - 1) is { } more ? more == 0 ? RetryPolicy.Once : new((int)more + 1, 1, usual) : null;
        var map = values.Mapping(node, "retry", ["attempts", "backoff", "on"])!;
        int attempts = (int)(map.Find("attempts") is { } a ? values.Int(a, "attempts", 1, Limits.Attempts) ?? 2 : 2);
        double backoff = map.Find("backoff") is { } b ? Seconds(values, b, "backoff", RetryPolicy.LongestBackoffSeconds) ?? 1 : 1;
        var on = usual;
        if (map.Find("on") is { } classes)
        {
            YamlNode[] entries = classes is YamlList l ? [.. l.Entries] : [classes];
            on = [.. entries.Select(e => values.Choice(e, "failure class", RetryWords)).Where(w => w is not null).Select(w => RetryClasses[Array.IndexOf(RetryWords, w)])];
        }
        return new(attempts, backoff, on);
    }

    public static FailureAllowance? Allowance(PlanValues values, YamlNode node)
    {
        if (values.Of(node, "allow_failed") is not { } value) return null;
        if (value is Value.Text t && OptionConversion.Percentage(t.Characters) is { } share && share is >= 0 and <= 1) return new(0, share);
        if (value is Value.Int i && i.Number >= 0) return new(i.Number, 0);
        values.Wrong(node.Mark, $"\"allow_failed\" is {OptionConversion.Shown(value)}; allowed is a count such as 3, or a percentage from 0% to 100%");
        return null;
    }

    public static BatchRule? Batch(PlanValues values, YamlNode node)
    {
        switch (values.Of(node, "batch"))
        {
            case null: return null;
            case Value.Text { Characters: "auto" }: return new BatchRule.Automatic();
            case Value.Text { Characters: "all" }: return new BatchRule.Whole();
            case Value.Int { Number: >= 1 and <= Limits.Items } i: return new BatchRule.Size(i.Number);
            case var other:
                values.Wrong(node.Mark, $"\"batch\" is {OptionConversion.Shown(other)}; allowed is auto, all, or a number of items from 1 on");
                return null;
        }
    }
}
