using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Onnx;
using ExampleMlFarm.Learning.States;

namespace ExampleMlFarm.Learning.Regression;

/// <summary>How the targets of the k nearest examples are put together.</summary>
public enum NeighbourWeights
{
    /// <summary>Only the nearest counts.</summary>
    Nearest,
    /// <summary>All alike.</summary>
    Uniform,
    /// <summary>By 1 / distance; examples at distance 0 share everything.</summary>
    InverseDistance,
    /// <summary>By exp(−distance² / (2 width²)).</summary>
    Gaussian,
}

/// <summary>Settings of <see cref="NeighbourModel"/>.</summary>
public sealed record NeighbourOptions
{
    /// <summary>Neighbours k, 1 to the number of examples.</summary>
    public int Neighbours { get; init; } = 1;

    /// <summary>How they are weighed.</summary>
    public NeighbourWeights Weights { get; init; } = NeighbourWeights.Nearest;

    /// <summary>Width of the gaussian weights, in units of the (standardised) inputs; 0: the distance of the k-th neighbour.</summary>
    public double Width { get; init; }

    /// <summary>Give every input column mean 0 and deviation 1 first.</summary>
    public bool Standardize { get; init; }

    /// <summary>How neighbours are found; does not change a result.</summary>
    public NeighbourAlgorithm Algorithm { get; init; } = NeighbourAlgorithm.Automatic;
}

/// <summary>Targets of the nearest examples in Euclidean distance; of equally near ones the first. Thread-safe.</summary>
/// <remarks>Source: Cover and Hart, "Nearest neighbor pattern classification", 1967; Shepard, "A two-dimensional interpolation function", 1968 (inverse distance).</remarks>
public sealed class NeighbourModel : IRegressionModel
{
    private readonly NeighbourOptions options;
    private readonly Standardisation coordinates;
    private readonly double[] points;
    private readonly double[] targets;
    private readonly INeighbourSearch search;

    private NeighbourModel(NeighbourOptions options, Standardisation coordinates, double[] points, double[] targets, int outputLength)
    {
        (this.options, this.coordinates, this.points, this.targets, OutputLength) = (options, coordinates, points, targets, outputLength);
        search = NeighbourSearch.Over(points, InputLength, options.Algorithm);
    }

    /// <summary>Keeps inputs [n, d] and targets [n, o].</summary>
    /// <exception cref="FarmException"><c>regression.input</c>, <c>regression.option</c>.</exception>
    public static NeighbourModel Fit(ReadOnlySpan<double> inputs, int inputLength, ReadOnlySpan<double> targets, int targetLength, NeighbourOptions options)
    {
        int n = RegressionRows.Count(inputs, inputLength, targets, targetLength);
        if (options.Neighbours < 1 || options.Neighbours > n)
            throw FarmException.Invalid("regression.option", $"k is {options.Neighbours}; it must lie between 1 and the {n} examples there are");
        RegressionRows.RequireAtLeastZero(options.Width, "width");
        var coordinates = options.Standardize ? Standardisation.Fit(inputs, inputLength) : Standardisation.None(inputLength);
        return new(options, coordinates, coordinates.Apply(inputs), targets.ToArray(), targetLength);
    }

    /// <inheritdoc/>
    public int InputLength => coordinates.Shift.Length;

    /// <inheritdoc/>
    public int OutputLength { get; }

    /// <summary>Examples n.</summary>
    public int Examples => points.Length / InputLength;

    /// <summary>For query rows [m, d] the nearest examples [m, k], nearest first, and their distances [m, k] in the (standardised) inputs.</summary>
    public (int[] Examples, double[] Distances) Find(ReadOnlySpan<double> rows, int k)
    {
        int m = RegressionRows.CountQueries(rows, InputLength);
        var examples = new int[m * k];
        var squares = new double[m * k];
        search.Find(coordinates.Apply(rows), k, examples, squares);
        return (examples, Array.ConvertAll(squares, Math.Sqrt));
    }

    /// <inheritdoc/>
    public double[] Predict(ReadOnlySpan<double> rows)
    {
        int k = Used, o = OutputLength;
        var (examples, distances) = Find(rows, k);
        int m = examples.Length / k;
        var outputs = new double[m * o];
        var weights = new double[k];
        for (int r = 0; r < m; r++)
        {
            Weigh(distances.AsSpan(r * k, k), weights);
            for (int j = 0; j < k; j++)
                for (int c = 0; c < o; c++)
                    outputs[r * o + c] = k == 1 ? targets[examples[r] * o + c] : Math.FusedMultiplyAdd(weights[j], targets[examples[r * k + j] * o + c], outputs[r * o + c]);
        }
        return outputs;
    }

    /// <inheritdoc/>
    public byte[] ToOnnx(IReadOnlyDictionary<string, string>? metadata = null)
        => NeighbourGraph.Write(points, targets, coordinates, OutputLength, options with { Neighbours = Used }, metadata);

    /// <inheritdoc/>
    public byte[] ToTensors()
    {
        var file = new TensorFile();
        file.Add("examples", points, Examples, InputLength);
        file.Add("targets", targets, Examples, OutputLength);
        file.Add("input.shift", coordinates.Shift, InputLength);
        file.Add("input.scale", coordinates.Scale, InputLength);
        file.Metadata["k"] = options.Neighbours.ToString();
        file.Metadata["weights"] = options.Weights.ToString();
        file.Metadata["width"] = options.Width.ToString("R");
        return file.ToBytes();
    }

    private int Used => options.Weights == NeighbourWeights.Nearest ? 1 : options.Neighbours;

    /// <summary>Weights that sum to 1, for ascending distances.</summary>
    private void Weigh(ReadOnlySpan<double> distances, Span<double> weights)
    {
        double width = options.Width > 0 ? options.Width : distances[^1], sum = 0;
        for (int j = 0; j < weights.Length; j++)
        {
            double distance = distances[j];
            weights[j] = options.Weights switch
            {
                NeighbourWeights.InverseDistance => distances[0] == 0 ? distance == 0 ? 1 : 0 : distances[0] / distance,
                // Against the nearest, so that far queries do not run out of digits.
                NeighbourWeights.Gaussian => width == 0 ? 1 : Exp((distances[0] * distances[0] - distance * distance) / (2 * width * width)),
                _ => 1,
            };
            sum += weights[j];
        }
        for (int j = 0; j < weights.Length; j++) weights[j] /= sum;
    }

    private static double Exp(double x) => Dense.WideTranscendental.Exp(System.Runtime.Intrinsics.Vector512.Create(x))[0];
}
