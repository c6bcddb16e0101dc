namespace ExampleMlFarm.Learning.Regression;

/// <summary>The affine map (x − shift) / scale per input column, found on training rows. A constant column keeps its scale.</summary>
internal sealed record Standardisation(double[] Shift, double[] Scale)
{
    /// <summary>Mean 0 and deviation 1 (population) of every column of rows [n, d].</summary>
    public static Standardisation Fit(ReadOnlySpan<double> rows, int d)
    {
        var centred = Centre(rows, d);
        var scale = new double[d];
        int count = rows.Length / d;
        for (int r = 0; r < count; r++)
            for (int i = 0; i < d; i++)
            {
                double x = rows[r * d + i] - centred.Shift[i];
                scale[i] += x * x;
            }
        for (int i = 0; i < d; i++)
        {
            double deviation = Math.Sqrt(scale[i] / count);
            scale[i] = deviation > 1e-12 * Math.Max(1, Math.Abs(centred.Shift[i])) ? deviation : 1;
        }
        return new(centred.Shift, scale);
    }

    /// <summary>Mean 0 of every column, its scale as it is.</summary>
    public static Standardisation Centre(ReadOnlySpan<double> rows, int d)
    {
        var mean = new double[d];
        int count = rows.Length / d;
        for (int r = 0; r < count; r++)
            for (int i = 0; i < d; i++) mean[i] += rows[r * d + i];
        for (int i = 0; i < d; i++) mean[i] /= count;
        return new(mean, Ones(d));
    }

    /// <summary>No change.</summary>
    public static Standardisation None(int d) => new(new double[d], Ones(d));

    /// <summary>Rows [n, d] in the new coordinates.</summary>
    public double[] Apply(ReadOnlySpan<double> rows)
    {
        int d = Shift.Length;
        var result = new double[rows.Length];
        for (int r = 0; r < rows.Length; r += d)
            for (int i = 0; i < d; i++) result[r + i] = (rows[r + i] - Shift[i]) / Scale[i];
        return result;
    }

    private static double[] Ones(int d)
    {
        var ones = new double[d];
        Array.Fill(ones, 1);
        return ones;
    }
}
