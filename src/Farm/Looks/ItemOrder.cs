using System.Globalization;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>Items in the order of a field: numbers as numbers, text as text, those without a value last in either direction.</summary>
internal static class ItemOrder
{
    public static IEnumerable<ItemLine> By(IEnumerable<ItemLine> lines, string field, bool descending)
    {
        var keyed = lines.Select(line =>
        {
            string? text = ItemFields.Plain(ItemFields.Of(line, field));
            return (Line: line, Text: text, Number: double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double n) ? n : double.NaN);
        }).OrderBy(k => k.Text is null);
        // Sorting is stable, so equal values keep the order of nodes and indices.
        var sorted = descending
            ? keyed.ThenBy(k => double.IsNaN(k.Number)).ThenByDescending(k => k.Number).ThenByDescending(k => k.Text, StringComparer.Ordinal)
            : keyed.ThenBy(k => double.IsNaN(k.Number)).ThenBy(k => k.Number).ThenBy(k => k.Text, StringComparer.Ordinal);
        return sorted.Select(k => k.Line);
    }
}
