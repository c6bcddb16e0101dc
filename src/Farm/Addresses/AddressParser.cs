using System.Diagnostics.CodeAnalysis;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Farm.Addresses;

/// <summary>Reads addresses. Knows the grammar, not what exists.</summary>
/// <remarks>
/// <c>run [/node [/items [.attempt]]] [@state,state] [?name op value &amp; …]</c>; run = number | <c>last</c>; items = <c>17</c>,
/// <c>10-40</c>, <c>10-40:2</c>, separated by commas, ends included.
/// </remarks>
public static class AddressParser
{
    /// <summary>States a person may type after <c>@</c>, with what they select.</summary>
    public static readonly IReadOnlyDictionary<string, ItemState[]> StateWords = new Dictionary<string, ItemState[]>(StringComparer.OrdinalIgnoreCase)
    {
        ["waiting"] = [ItemState.Waiting],
        ["ready"] = [ItemState.Ready],
        ["running"] = [ItemState.Cooking],
        ["stopped"] = [ItemState.Cooking],
        ["done"] = [ItemState.Succeeded, ItemState.Cached],
        ["succeeded"] = [ItemState.Succeeded],
        ["cached"] = [ItemState.Cached],
        ["failed"] = [ItemState.Failed],
        ["lost"] = [ItemState.Lost],
        ["skipped"] = [ItemState.Skipped],
        ["cancelled"] = [ItemState.Cancelled],
    };

    // A stepped range becomes one range per item; a typo such as 0-9999999999:2 must not eat the memory.
    private const long MostSteppedItems = 1_000_000;

    /// <summary>Reads an address, or says in one sentence what is wrong with it.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Address? address, [NotNullWhen(false)] out string? error)
    {
        address = null;
        error = null;
        if (string.IsNullOrWhiteSpace(text)) return Fail("an address is empty; write a run such as 142 or last", out error);
        string rest = text.Trim();
        if (!TakeQuery(ref rest, out var query, out error)) return false;
        if (!TakeStates(ref rest, out var states, out error)) return false;
        var parts = rest.Split('/', 3);
        if (!TryRun(parts[0], out var run)) return Fail($"\"{parts[0]}\" is not a run; write its number, or last", out error);
        string? node = parts.Length > 1 ? parts[1] : null;
        if (node is { Length: 0 }) return Fail($"\"{text}\" names no node after the slash; write 142/simulate", out error);
        RangeSet? items = null;
        int? attempt = null;
        if (parts.Length > 2 && !TakeItems(parts[2], out items, out attempt, out error)) return false;
        address = new(run, node, items, attempt, states, query);
        return true;
    }

    private static bool TryRun(string text, out RunId? run)
    {
        run = null;
        if (text.Equals("last", StringComparison.OrdinalIgnoreCase)) return true;
        if (!long.TryParse(text, out long number) || number < 1) return false;
        run = new(number);
        return true;
    }

    private static bool TakeItems(string text, out RangeSet? items, out int? attempt, [NotNullWhen(false)] out string? error)
    {
        items = new();
        attempt = null;
        error = null;
        int dot = text.LastIndexOf('.');
        if (dot >= 0)
        {
            if (!int.TryParse(text[(dot + 1)..], out int number) || number < 1) return Fail($"\"{text[(dot + 1)..]}\" is not an attempt; write 17.2 for the second one", out error);
            attempt = number;
            text = text[..dot];
        }
        foreach (var part in text.Split(','))
        {
            if (!TryRange(part, out long first, out long last, out long step)) return Fail($"\"{part}\" is not an item or a range; write 17, 10-40 or 10-40:2", out error);
            if (step == 1) items.Add(new ItemRange(first, last + 1));
            else if ((last - first) / step >= MostSteppedItems) return Fail($"\"{part}\" names more than {MostSteppedItems} single items; use a larger step", out error);
            else for (long i = first; i <= last; i += step) items.Add(ItemRange.One(i));
        }
        if (attempt is not null && items.ItemCount != 1) return Fail($"an attempt belongs to one item, and \"{text}\" names {items.ItemCount}", out error);
        return true;
    }

    private static bool TryRange(string text, out long first, out long last, out long step)
    {
        last = 0;
        step = 1;
        int colon = text.IndexOf(':');
        if (colon >= 0)
        {
            if (!long.TryParse(text[(colon + 1)..], out step) || step < 1) { first = 0; return false; }
            text = text[..colon];
        }
        int dash = text.IndexOf('-');
        if (!long.TryParse(dash < 0 ? text : text[..dash], out first) || first < 0) return false;
        if (dash < 0) last = first;
        else if (!long.TryParse(text[(dash + 1)..], out last) || last < first) return false;
        return last < long.MaxValue;
    }

    private static bool TakeStates(ref string rest, out IReadOnlyList<ItemState> states, [NotNullWhen(false)] out string? error)
    {
        states = [];
        error = null;
        int at = rest.LastIndexOf('@');
        if (at < 0) return true;
        var found = new List<ItemState>();
        foreach (var word in rest[(at + 1)..].Split(','))
        {
            if (!StateWords.TryGetValue(word.Trim(), out var selected)) return Fail($"\"{word}\" is not a state; states: {string.Join(", ", StateWords.Keys)}", out error);
            found.AddRange(selected);
        }
        states = [.. found.Distinct()];
        rest = rest[..at];
        return true;
    }

    private static bool TakeQuery(ref string rest, out IReadOnlyList<Condition> query, [NotNullWhen(false)] out string? error)
    {
        query = [];
        error = null;
        int mark = rest.IndexOf('?');
        if (mark < 0) return true;
        var found = new List<Condition>();
        foreach (var part in rest[(mark + 1)..].Split('&'))
        {
            if (!TryCondition(part, out var condition)) return Fail($"\"{part}\" is not a condition; write lr>1e-3, act=silu or validation/loss<0.1", out error);
            found.Add(condition);
        }
        query = found;
        rest = rest[..mark];
        return true;
    }

    /// <summary>Reads one comparison, as in <c>--where</c>.</summary>
    public static bool TryCondition(string text, [NotNullWhen(true)] out Condition? condition)
    {
        condition = null;
        foreach (var op in new[] { "<=", ">=", "!=", "==", "=", "<", ">" })
        {
            int at = text.IndexOf(op, StringComparison.Ordinal);
            if (at <= 0) continue;
            var value = text[(at + op.Length)..].Trim();
            if (value.Length == 0) return false;
            condition = new(text[..at].Trim(), op == "==" ? "=" : op, value);
            return true;
        }
        return false;
    }

    private static bool Fail(string message, out string error)
    {
        error = message;
        return false;
    }
}
