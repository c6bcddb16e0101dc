namespace ExampleMlFarm.Farm.Output;

/// <summary>Chooses the columns that a table of some width has room for.</summary>
public static class TableFit
{
    private const int LeastSentence = 16;

    /// <summary>
    /// Those columns that fit, in their order, and the names of the others. Columns that come first in <paramref name="urgency"/> are placed first;
    /// sentences count with the width that they can be cut to.
    /// </summary>
    /// <param name="columns">The columns in the order in which they stand.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="width">Width of the terminal.</param>
    /// <param name="urgency">Smaller goes first.</param>
    public static (IReadOnlyList<Column<T>> Shown, IReadOnlyList<string> Left) Choose<T>(IReadOnlyList<Column<T>> columns, IReadOnlyList<T> rows, int width, Func<Column<T>, int> urgency)
    {
        var shown = new HashSet<Column<T>>();
        var left = new List<string>();
        int used = 0;
        foreach (var column in columns.OrderBy(urgency))
        {
            int widest = rows.Select(r => (column.Text?.Invoke(r) ?? column.Plain(r)).Length).DefaultIfEmpty(0).Max();
            // Empty columns take no room: tables leave them out.
            int takes = widest == 0 ? 0 : 2 + Math.Max(column.Title.Length, column.GivesWay ? Math.Min(widest, LeastSentence) : widest);
            if (used + takes > width - 2 && shown.Count > 0) left.Add(column.Name);
            else
            {
                used += takes;
                shown.Add(column);
            }
        }
        return ([.. columns.Where(shown.Contains)], [.. columns.Select(c => c.Name).Where(left.Contains)]);
    }
}
