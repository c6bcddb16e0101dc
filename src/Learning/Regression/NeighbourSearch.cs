using ExampleMlFarm.Core;

namespace ExampleMlFarm.Learning.Regression;

/// <summary>How nearest rows are found. Every way finds the same rows with the same distances.</summary>
public enum NeighbourAlgorithm
{
    /// <summary>A tree up to 16 columns, blocks above: in high dimensions a tree visits nearly everything.</summary>
    Automatic,
    /// <summary>A kd-tree: leaves of 16 rows, split at the median of the widest axis.</summary>
    KdTree,
    /// <summary>All rows, by blocks of matrix products.</summary>
    Blocked,
}

/// <summary>The k nearest of a set of rows in Euclidean distance; of equally near ones the lowest row. Thread-safe.</summary>
public interface INeighbourSearch
{
    /// <summary>For query rows [m, d] the nearest rows [m, k], nearest first, and their squared distances [m, k].</summary>
    void Find(ReadOnlySpan<double> queries, int k, Span<int> rows, Span<double> squares);
}

/// <summary>Makes searches.</summary>
public static class NeighbourSearch
{
    private const int TreeColumns = 16;

    /// <summary>A search over rows [n, d], which it keeps.</summary>
    /// <exception cref="FarmException"><c>regression.input</c>.</exception>
    public static INeighbourSearch Over(double[] rows, int d, NeighbourAlgorithm algorithm = NeighbourAlgorithm.Automatic)
    {
        if (d < 1 || rows.Length == 0 || rows.Length % d != 0)
            throw FarmException.Invalid("regression.input", $"{rows.Length} values are no positive whole number of rows of {d}");
        return algorithm == NeighbourAlgorithm.KdTree || (algorithm == NeighbourAlgorithm.Automatic && d <= TreeColumns)
            ? new KdTree(rows, d)
            : new BlockedSearch(rows, d);
    }

    internal static int CheckedCount(ReadOnlySpan<double> queries, int d, int k, int n, int places)
    {
        int m = RegressionRows.CountQueries(queries, d);
        if (k < 1 || k > n) throw FarmException.Invalid("regression.option", $"k is {k}; it must lie between 1 and the {n} rows that are searched");
        return places >= m * k ? m : throw new ArgumentException($"{m} queries of {k} neighbours do not fit {places} places");
    }
}

/// <summary>The k nearest so far, nearest first; equal distances in the order of the rows.</summary>
internal unsafe ref struct NearestSoFar(int* rows, double* squares, int k, int count)
{
    private readonly int* rows = rows;
    private readonly double* squares = squares;
    private readonly int k = k;
    private int count = count;

    /// <summary>Places that are filled.</summary>
    public readonly int Count => count;

    /// <summary>Squared distance above which nothing is of interest any more.</summary>
    public readonly double Worst => count < k ? double.PositiveInfinity : squares[k - 1];

    public void Offer(double square, int row)
    {
        if (count == k && !(square < squares[k - 1] || (square == squares[k - 1] && row < rows[k - 1]))) return;
        int at = count < k ? count++ : k - 1;
        while (at > 0 && (squares[at - 1] > square || (squares[at - 1] == square && rows[at - 1] > row)))
        {
            squares[at] = squares[at - 1];
            rows[at] = rows[at - 1];
            at--;
        }
        squares[at] = square;
        rows[at] = row;
    }
}
