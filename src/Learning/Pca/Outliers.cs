namespace ExampleMlFarm.Learning.Pca;

/// <summary>
/// Finds rows that the principal components of the others do not explain: wrecked simulations among good ones. Each half of the rows (even, odd) is held against the
/// basis of the other half, since a row that takes part in a basis gets a component to itself the more, the worse it is.
/// </summary>
public static class Outliers
{
    /// <summary>Residuals of all rows, the limit, and the rows above it.</summary>
    /// <param name="Residuals">[n] root mean square distance from the other half's basis.</param>
    /// <param name="Limit">Median + mads × median absolute deviation.</param>
    /// <param name="Rows">Rows above the limit, ascending.</param>
    public sealed record Found(IReadOnlyList<double> Residuals, double Limit, IReadOnlyList<int> Rows);

    /// <summary>Looks for them.</summary>
    /// <param name="source">At least 4 rows.</param>
    /// <param name="options">As for the basis itself; at most half as many components as a half has rows are used.</param>
    /// <param name="mads">How many median absolute deviations above the median are still welcome, above 0; 8 is usual.</param>
    public static Found Find(RowSource source, PcaOptions options, double mads)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        var residuals = new double[source.Rows];
        var halves = new[] { 0, 1 }.Select(side => Enumerable.Range(0, source.Rows).Where(r => r % 2 == side).ToArray()).ToArray();
        for (int side = 0; side < 2; side++)
        {
            var other = halves[1 - side];
            var basis = PrincipalComponents.Analyse(Only(source, other), options with { Components = Math.Max(1, Math.Min(options.Components, other.Length / 2)) });
            var row = new float[source.Columns];
            foreach (int r in halves[side])
            {
                source.Read(r, 1, row);
                residuals[r] = basis.Residuals(row)[0];
            }
        }
        double median = Median(residuals), limit = median + mads * Median([.. residuals.Select(r => Math.Abs(r - median))]);
        return new(residuals, limit, [.. Enumerable.Range(0, residuals.Length).Where(r => residuals[r] > limit)]);
    }

    /// <summary>Some rows of a source, in the order given.</summary>
    public static RowSource Only(RowSource source, IReadOnlyList<int> rows)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(rows);
        return new(rows.Count, source.Columns, (from, count, values) =>
        {
            for (int i = 0; i < count; i++) source.Read(rows[from + i], 1, values.Slice(i * source.Columns, source.Columns));
        });
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
