using ExampleMlFarm.Learning.Pca;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Reduction.Pca;

/// <summary>What <c>pca</c> does.</summary>
public enum PcaMode
{
    /// <summary>Finds the basis of the samples.</summary>
    Analyze,
    /// <summary>Finds the basis, and puts out the share of each component alone.</summary>
    Scree,
    /// <summary>Samples to weights.</summary>
    Project,
    /// <summary>Weights to samples.</summary>
    Reconstruct,
}

/// <summary>Options of <c>pca</c>.</summary>
public sealed record PcaNodeOptions
{
    /// <summary>Mode.</summary>
    [Option("analyze: find the basis of all samples; scree: the shares of its components; project: a sample to weights; reconstruct: weights to a sample.")]
    public PcaMode Mode { get; init; } = PcaMode.Analyze;

    /// <summary>Basis.</summary>
    [Option("The pca node whose basis is used (modes project and reconstruct).")]
    public NodeInput? Basis { get; init; }

    /// <summary>Attributes.</summary>
    [Option("Point attributes or volumes that make a sample; none means all but the position. For reconstruct, other names for what the basis was made from.")]
    public IReadOnlyList<string> Attribs { get; init; } = [];

    /// <summary>Points per sample.</summary>
    [Option("Points of one sample: the points of a geometry are cut into groups of so many, and must be a whole number of them; 0 = a geometry is one sample.", Unit = "points", Min = 0)]
    public int Stride { get; init; }

    /// <summary>Outliers.</summary>
    [Option("Leave samples out (analyze) and mark them as not valid (project), so that a data set excludes them, when their distance from the basis of other samples is above the median by more than this many median absolute deviations; 0 = none, 8 is usual.", Unit = "median absolute deviations", Min = 0)]
    public double OutlierMads { get; init; }

    /// <summary>Component of labeled examples.</summary>
    [Option("Which component of labeled examples is a sample: target or input.")]
    public SampleComponent Component { get; init; } = SampleComponent.Target;

    /// <summary>Components.</summary>
    [Option("Most components kept (analyze) or used (project, reconstruct; 0 = all).", Min = 0, Max = 4096)]
    public int Components { get; init; } = 128;

    /// <summary>Leading components skipped.</summary>
    [Option("Leading components skipped (project, reconstruct).", Min = 0, Max = 4096)]
    public int Skip { get; init; }

    /// <summary>Mean weight.</summary>
    [Option("Put a weight of 1 for the mean in front (project), or expect one (reconstruct).")]
    public bool IncludeMeanWeight { get; init; }

    /// <summary>Algorithm.</summary>
    [Option("How the basis is found; automatic chooses by the size of the data.")]
    public PcaAlgorithm Algorithm { get; init; } = PcaAlgorithm.Automatic;

    /// <summary>Attribute of weights.</summary>
    [Option("Point attribute that holds the weights, one per point.")]
    public string WeightAttribute { get; init; } = "weight";

    /// <summary>Seed.</summary>
    [Option("Key of the randomized algorithm.", Min = 0)]
    public long Seed { get; init; }
}

/// <summary>A component of a labeled example.</summary>
public enum SampleComponent
{
    /// <summary>The second one.</summary>
    Target,
    /// <summary>The first one.</summary>
    Input,
}
