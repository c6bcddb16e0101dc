using System.Globalization;
using System.Security.Cryptography;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Contributions;
using ExampleMlFarm.Learning.States;

namespace ExampleMlFarm.Learning.Pca;

/// <summary>Which components take part, and whether the mean is weighted as one more.</summary>
/// <param name="Skip">Leading components left out, at least 0.</param>
/// <param name="Components">Components used at most; 0 for all that are left.</param>
/// <param name="IncludeMeanWeight">The first weight is the mean's (1 from projection) instead of the mean being taken for granted.</param>
public readonly record struct PcaRange(int Skip = 0, int Components = 0, bool IncludeMeanWeight = false);

/// <summary>One point of the scree chart.</summary>
/// <param name="Component">From 1.</param>
/// <param name="Variance">Eigenvalue: variance along the component.</param>
/// <param name="Proportion">Its share of the total variance.</param>
/// <param name="Cumulative">Share of this and all before it.</param>
public readonly record struct ScreePoint(int Component, double Variance, double Proportion, double Cumulative);

/// <summary>
/// A mean and orthonormal components, sorted by falling variance; in each component the entry of largest magnitude is positive. Immutable.
/// </summary>
public sealed record PcaBasis
{
    private const string Format = "mlfarm.pca.1";
    private readonly float[] mean;
    private readonly float[] components;
    private readonly double[] eigenvalues;

    internal PcaBasis(float[] mean, float[] components, double[] eigenvalues, double totalVariance, long sampleCount)
        => (this.mean, this.components, this.eigenvalues, TotalVariance, SampleCount) = (mean, components, eigenvalues, totalVariance, sampleCount);

    /// <summary>Mean row [d].</summary>
    public ReadOnlyMemory<float> Mean => mean;

    /// <summary>Components [k, d], orthonormal rows.</summary>
    public ReadOnlyMemory<float> Components => components;

    /// <summary>Variance along each component [k], dividing by n − 1.</summary>
    public ReadOnlyMemory<double> Eigenvalues => eigenvalues;

    /// <summary>Variance of all columns together.</summary>
    public double TotalVariance { get; }

    /// <summary>Rows n that were analysed.</summary>
    public long SampleCount { get; }

    /// <summary>Entries d of a row.</summary>
    public int Columns => mean.Length;

    /// <summary>Components k.</summary>
    public int Count => eigenvalues.Length;

    /// <summary>What the entries of a row are, so that rows can be made into components again; null when nobody said.</summary>
    public ContributionList? Contributions { get; init; }

    /// <summary>Root mean square distance from the basis beyond which a row is an outlier; null when all rows are welcome.</summary>
    public double? ResidualLimit { get; init; }

    /// <summary>Root mean square distance of each of the rows [n, d] from what the basis makes of it.</summary>
    public double[] Residuals(ReadOnlySpan<float> rows)
    {
        var near = Reconstruct(Project(rows));
        var residuals = new double[rows.Length / Columns];
        for (int r = 0; r < residuals.Length; r++)
        {
            double sum = 0;
            for (int i = r * Columns; i < (r + 1) * Columns; i++) sum += ((double)rows[i] - near[i]) * ((double)rows[i] - near[i]);
            residuals[r] = Math.Sqrt(sum / Columns);
        }
        return residuals;
    }

    /// <summary>The scree chart's curves.</summary>
    public IReadOnlyList<ScreePoint> Scree()
    {
        var points = new ScreePoint[Count];
        double cumulative = 0;
        for (int k = 0; k < Count; k++)
        {
            double share = TotalVariance > 0 ? eigenvalues[k] / TotalVariance : 0;
            points[k] = new(k + 1, eigenvalues[k], share, cumulative += share);
        }
        return points;
    }

    /// <summary>Weights [n, w] of rows [n, d]: w_k = (x − mean) · c_k, computed in double.</summary>
    public float[] Project(ReadOnlySpan<float> rows, PcaRange range = default)
    {
        var (first, count) = Resolve(range);
        if (rows.Length % Columns != 0) throw FarmException.Invalid("pca.input", $"{rows.Length} values are no whole number of rows of {Columns}");
        int n = rows.Length / Columns, lead = range.IncludeMeanWeight ? 1 : 0, width = count + lead;
        var weights = new float[checked(n * width)];
        for (int r = 0; r < n; r++)
        {
            var row = rows.Slice(r * Columns, Columns);
            if (lead == 1) weights[r * width] = 1;
            for (int k = 0; k < count; k++) weights[r * width + lead + k] = (float)ProductOf.Centred(row, mean, components.AsSpan((first + k) * Columns, Columns));
        }
        return weights;
    }

    /// <summary>Rows [n, d] from weights [n, w]: x = mean (times its weight) + Σ w_k c_k.</summary>
    public float[] Reconstruct(ReadOnlySpan<float> weights, PcaRange range = default)
    {
        var (first, count) = Resolve(range);
        int lead = range.IncludeMeanWeight ? 1 : 0, width = count + lead;
        if (width == 0 || weights.Length % width != 0) throw FarmException.Invalid("pca.input", $"{weights.Length} weights are no whole number of rows of {width}");
        int n = weights.Length / width;
        var rows = new float[checked(n * Columns)];
        var sum = new double[Columns];
        for (int r = 0; r < n; r++)
        {
            double meanWeight = lead == 1 ? weights[r * width] : 1;
            for (int i = 0; i < sum.Length; i++) sum[i] = meanWeight * mean[i];
            for (int k = 0; k < count; k++) ProductOf.Add(weights[r * width + lead + k], components.AsSpan((first + k) * Columns, Columns), sum);
            for (int i = 0; i < sum.Length; i++) rows[r * Columns + i] = (float)sum[i];
        }
        return rows;
    }

    /// <summary>The basis as safetensors: <c>mean</c> [d], <c>components</c> [k, d], <c>eigenvalues</c> [k]. Equal bases, equal bytes.</summary>
    public byte[] ToBytes()
    {
        var file = new TensorFile();
        file.Add("mean", mean, Columns);
        file.Add("components", components, Count, Columns);
        file.Add("eigenvalues", eigenvalues, Count);
        file.Metadata["format"] = Format;
        file.Metadata["total_variance"] = TotalVariance.ToString("r", CultureInfo.InvariantCulture);
        file.Metadata["n_samples"] = SampleCount.ToString(CultureInfo.InvariantCulture);
        if (Contributions is not null) file.Metadata["contributions"] = Contributions.ToJson();
        if (ResidualLimit is { } limit) file.Metadata["residual_limit"] = limit.ToString("r", CultureInfo.InvariantCulture);
        return file.ToBytes();
    }

    /// <summary>SHA-256 of <see cref="ToBytes"/>: what a data set says it was projected with.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(ToBytes()));

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="FarmException"><c>tensors.corrupt</c>, <c>pca.format</c>.</exception>
    public static PcaBasis Parse(ReadOnlyMemory<byte> file)
    {
        var tensors = TensorFile.Parse(file);
        if (tensors.Text("format") != Format) throw FarmException.Invalid("pca.format", $"the file's format is '{tensors.Text("format")}', not '{Format}'; give the basis that a pca node wrote");
        float[] mean = tensors.Floats("mean", -1);
        double[] eigenvalues = tensors.Doubles("eigenvalues", -1);
        float[] components = tensors.Floats("components", eigenvalues.Length, mean.Length);
        if (mean.Length == 0 || !double.TryParse(tensors.Text("total_variance"), CultureInfo.InvariantCulture, out double total)
            || !long.TryParse(tensors.Text("n_samples"), NumberStyles.None, CultureInfo.InvariantCulture, out long samples))
            throw FarmException.Invalid("pca.format", "the basis is empty, or its metadata is not numbers");
        double? limit = !tensors.Metadata.TryGetValue("residual_limit", out string? text) ? null
            : double.TryParse(text, CultureInfo.InvariantCulture, out double number) && number >= 0 ? number
            : throw FarmException.Invalid("pca.format", $"the basis has the residual limit '{text}', which is not a number of at least 0");
        return new(mean, components, eigenvalues, total, samples)
        {
            Contributions = tensors.Metadata.TryGetValue("contributions", out string? list) ? ContributionList.FromJson(list) : null,
            ResidualLimit = limit,
        };
    }

    private (int First, int Count) Resolve(PcaRange range)
    {
        if (range.Skip < 0 || range.Skip > Count) throw FarmException.Invalid("pca.range", $"skip is {range.Skip}; the basis has {Count} components");
        if (range.Components < 0) throw FarmException.Invalid("pca.range", $"components is {range.Components}; it must be at least 0");
        int left = Count - range.Skip;
        return (range.Skip, range.Components == 0 ? left : Math.Min(range.Components, left));
    }
}
