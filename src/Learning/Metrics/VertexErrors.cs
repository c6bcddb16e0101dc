using ExampleMlFarm.Core;

namespace ExampleMlFarm.Learning.Metrics;

/// <summary>Distances between corresponding points, in the mesh's units and in percent of a length (the bounding box's diagonal).</summary>
/// <param name="Count">Distances measured.</param>
/// <param name="Mean">Mean distance.</param>
/// <param name="RootMeanSquare">Root of the mean squared distance.</param>
/// <param name="Percentile95">Distance that 95 % of the points stay below, interpolated between neighbours in rank.</param>
/// <param name="Maximum">Largest distance.</param>
/// <param name="Diagonal">Length that stands for 100 %.</param>
public sealed record VertexErrorSummary(int Count, double Mean, double RootMeanSquare, double Percentile95, double Maximum, double Diagonal)
{
    /// <summary>Mean distance in percent of the diagonal.</summary>
    public double MeanPercent => 100 * Mean / Diagonal;

    /// <summary>Root mean square distance in percent of the diagonal.</summary>
    public double RootMeanSquarePercent => 100 * RootMeanSquare / Diagonal;

    /// <summary>95th percentile in percent of the diagonal.</summary>
    public double Percentile95Percent => 100 * Percentile95 / Diagonal;

    /// <summary>Largest distance in percent of the diagonal.</summary>
    public double MaximumPercent => 100 * Maximum / Diagonal;
}

/// <summary>How far a deformed mesh is from the true one, vertex by vertex. Points are [p, 3], row-major.</summary>
public static class VertexErrors
{
    /// <summary>Distance of each point to its truth.</summary>
    /// <exception cref="FarmException"><c>metrics.input</c>: lengths differ or are no multiple of three.</exception>
    public static double[] Distances(ReadOnlySpan<double> points, ReadOnlySpan<double> truth)
    {
        if (points.Length != truth.Length || points.Length % 3 != 0)
            throw FarmException.Invalid("metrics.input", $"{points.Length} coordinates cannot be compared with {truth.Length}; both must be the same number of points of three");
        var distances = new double[points.Length / 3];
        for (int i = 0; i < distances.Length; i++)
        {
            double x = points[3 * i] - truth[3 * i], y = points[3 * i + 1] - truth[3 * i + 1], z = points[3 * i + 2] - truth[3 * i + 2];
            distances[i] = Math.Sqrt(x * x + y * y + z * z);
        }
        return distances;
    }

    /// <summary>One pose, or many: hand over all distances that are to be summed up.</summary>
    /// <exception cref="FarmException"><c>metrics.input</c>: no distance, one that is not finite, or a diagonal that is not above 0.</exception>
    public static VertexErrorSummary Summarise(ReadOnlySpan<double> distances, double diagonal)
    {
        if (distances.Length == 0) throw FarmException.Invalid("metrics.input", "there is no distance to sum up");
        if (!(diagonal > 0 && double.IsFinite(diagonal))) throw FarmException.Invalid("metrics.input", $"the diagonal is {diagonal}; it must be above 0");
        double sum = 0, squares = 0;
        foreach (double distance in distances)
        {
            if (!double.IsFinite(distance)) throw FarmException.Invalid("metrics.input", $"a distance is {distance}; discard the pose before measuring");
            sum += distance;
            squares += distance * distance;
        }
        double[] sorted = distances.ToArray();
        Array.Sort(sorted);
        double rank = 0.95 * (sorted.Length - 1);
        int low = (int)rank;
        double percentile = sorted[low] + (rank - low) * (sorted[Math.Min(low + 1, sorted.Length - 1)] - sorted[low]);
        return new(distances.Length, sum / distances.Length, Math.Sqrt(squares / distances.Length), percentile, sorted[^1], diagonal);
    }

    /// <summary>1 − error / baseline: 1 is perfect, 0 is no better than the baseline, below 0 is worse. NaN when the baseline has no error.</summary>
    public static double Gain(double error, double baselineError) => baselineError > 0 ? 1 - error / baselineError : double.NaN;

    /// <summary>Diagonal of the box around points [p, 3].</summary>
    public static double BoundingDiagonal(ReadOnlySpan<double> points)
    {
        double square = 0;
        for (int axis = 0; axis < 3; axis++)
        {
            double low = double.PositiveInfinity, high = double.NegativeInfinity;
            for (int i = axis; i < points.Length; i += 3)
            {
                low = Math.Min(low, points[i]);
                high = Math.Max(high, points[i]);
            }
            if (high > low) square += (high - low) * (high - low);
        }
        return Math.Sqrt(square);
    }
}
