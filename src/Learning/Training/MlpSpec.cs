using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Networks;

namespace ExampleMlFarm.Learning.Training;

/// <summary>How the first weights of a layer are spread: uniform in ± a bound.</summary>
public enum WeightInitialisation
{
    /// <summary>gain · √(6 / (in + out)), with gain 5/3 for tanh, √2 for the ReLU family, 1 otherwise (Glorot and Bengio, 2010).</summary>
    Xavier,
    /// <summary>√(3 / in) (LeCun et al., "Efficient BackProp", 1998).</summary>
    Lecun,
    /// <summary>√(6 / in) (He et al., 2015).</summary>
    Kaiming,
}

/// <summary>
/// The shape and the first weights of a fully connected network: hidden layers with an activation, then a linear output.
/// No hidden layer is a linear map.
/// </summary>
public sealed record MlpSpec
{
    /// <summary>Entries of an input row, at least 1.</summary>
    public required int InputLength { get; init; }

    /// <summary>Entries of a target row, at least 1.</summary>
    public required int OutputLength { get; init; }

    /// <summary>Width of each hidden layer, from the input on; at most <see cref="MaxHiddenLayers"/> of at most <see cref="MaxWidth"/>.</summary>
    public IReadOnlyList<int> HiddenWidths { get; init; } = [256, 256];

    /// <summary>What follows each hidden layer.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;

    /// <summary>How first weights are spread; biases begin at zero.</summary>
    public WeightInitialisation Initialisation { get; init; } = WeightInitialisation.Xavier;

    /// <summary>Begin with an output of zero (the mean, after normalisation): few examples then do not start from noise.</summary>
    public bool ZeroLastLayer { get; init; } = true;

    /// <summary>Key of the first weights.</summary>
    public ulong Seed { get; init; }

    /// <summary>Hidden layers a network may have.</summary>
    public const int MaxHiddenLayers = 64;

    /// <summary>Entries a layer may have: products of two stay far below what an array holds.</summary>
    public const int MaxWidth = 32_768;

    /// <summary>The same width for <paramref name="layers"/> hidden layers.</summary>
    public static IReadOnlyList<int> Uniform(int layers, int width) => [.. Enumerable.Repeat(width, layers)];

    /// <summary>Lengths of all layers, input first, output last.</summary>
    internal int[] Widths => [InputLength, .. HiddenWidths, OutputLength];

    /// <summary>Throws <see cref="FarmException"/> <c>training.spec</c> for a shape that cannot be built.</summary>
    internal void Check()
    {
        if (HiddenWidths.Count > MaxHiddenLayers)
            throw FarmException.Invalid("training.spec", $"{HiddenWidths.Count} hidden layers; at most {MaxHiddenLayers} are allowed");
        foreach (int width in Widths)
            if (width is < 1 or > MaxWidth)
                throw FarmException.Invalid("training.spec", $"a layer of {width} entries; each must have 1 to {MaxWidth}");
    }
}
