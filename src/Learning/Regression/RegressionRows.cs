using ExampleMlFarm.Core;

namespace ExampleMlFarm.Learning.Regression;

/// <summary>Checks that every fit makes of its rows.</summary>
internal static class RegressionRows
{
    /// <summary>Number of rows of inputs [n, d] and targets [n, o], all finite.</summary>
    /// <exception cref="FarmException"><c>regression.input</c>, naming row and column.</exception>
    public static int Count(ReadOnlySpan<double> inputs, int d, ReadOnlySpan<double> targets, int o)
    {
        if (d < 1 || o < 1 || inputs.Length == 0 || inputs.Length % d != 0 || targets.Length % o != 0 || inputs.Length / d != targets.Length / o)
            throw FarmException.Invalid("regression.input", $"{inputs.Length} inputs in rows of {d} and {targets.Length} targets in rows of {o} are not the same positive number of rows");
        RequireFinite(inputs, d, "input");
        RequireFinite(targets, o, "target");
        return inputs.Length / d;
    }

    /// <summary>Number of query rows [n, d], all finite: minima and maxima would make numbers of what is none.</summary>
    public static int CountQueries(ReadOnlySpan<double> rows, int d)
    {
        if (rows.Length % d != 0) throw FarmException.Invalid("regression.input", $"{rows.Length} values are no whole number of rows of {d}");
        RequireFinite(rows, d, "query");
        return rows.Length / d;
    }

    /// <exception cref="FarmException"><c>regression.option</c>.</exception>
    public static void RequireAtLeastZero(double value, string option)
    {
        if (!(value >= 0 && double.IsFinite(value))) throw FarmException.Invalid("regression.option", $"{option} is {value}; it must be at least 0 and finite");
    }

    /// <exception cref="FarmException"><c>regression.option</c>.</exception>
    public static void RequirePositive(double value, string option)
    {
        if (!(value > 0 && double.IsFinite(value))) throw FarmException.Invalid("regression.option", $"{option} is {value}; it must be above 0 and finite");
    }

    private static void RequireFinite(ReadOnlySpan<double> values, int length, string which)
    {
        for (int i = 0; i < values.Length; i++)
            if (!double.IsFinite(values[i]))
                throw FarmException.Invalid("regression.input", $"{which} row {i / length}, column {i % length} is {values[i]}; every number must be finite");
    }
}
