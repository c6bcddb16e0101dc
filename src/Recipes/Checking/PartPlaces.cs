using ExampleMlFarm.Recipes.Yaml;

namespace ExampleMlFarm.Recipes.Checking;

/// <summary>Where the recipe says a part of a cook key: <c>with.components</c> of node <c>basis</c> is line 27. For <c>explain</c>.</summary>
public static class PartPlaces
{
    /// <summary>The place of the part, or of the nearest thing around it that the recipe holds (an option left at its default has no line of its own).</summary>
    public static TextMark Find(string recipe, string node, string part)
    {
        ArgumentNullException.ThrowIfNull(part);
        var root = YamlReader.Read(recipe, new Diagnostics("")) as YamlMapping;
        if ((root?.Find("nodes") as YamlMapping)?.Entries.FirstOrDefault(e => e.Key.Text == node) is not { } entry) return new(1, 1);
        var mark = entry.Key.Mark;
        var at = entry.Value;
        string[] path = part switch
        {
            "node type" => ["uses"],
            _ when part.StartsWith("attribute.", StringComparison.Ordinal) => ["attributes", part["attribute.".Length..]],
            _ => part.Split('.'),
        };
        foreach (string name in path)
        {
            if (at is YamlList list && int.TryParse(name, out int position) && position < list.Entries.Count)
            {
                at = list.Entries[position];
                mark = at.Mark;
            }
            else if ((at as YamlMapping)?.Entries.FirstOrDefault(e => e.Key.Text == name) is { } found) (mark, at) = (found.Key.Mark, found.Value);
            else break;
        }
        return mark;
    }
}
