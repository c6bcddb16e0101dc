using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Training.MlRegressionInference;

/// <summary>What the input of an evaluation is.</summary>
public enum InferenceBatch : byte
{
    /// <summary>Packed primitives are components; geometry without any is one component.</summary>
    Automatic = 0,
    /// <summary>The geometry is one component.</summary>
    Single = 1,
    /// <summary>Every packed primitive is a component, and becomes one of the output.</summary>
    MultiplePacked = 2,
}

/// <summary>What evaluates a model.</summary>
public enum InferenceProvider : byte
{
    /// <summary>The processor, one thread per item.</summary>
    Cpu = 0,
    /// <summary>An NVIDIA GPU.</summary>
    Cuda = 1,
}

/// <summary>Options of <c>ml_regression_inference</c>.</summary>
public sealed record MlRegressionInferenceOptions
{
    /// <summary>The model.</summary>
    [Option("The training node whose model is used; or give 'file'.")]
    public NodeInput? Model { get; init; }

    /// <summary>The file.</summary>
    [Option("An .onnx file; or give 'model'.")]
    public RecipeFile? File { get; init; }

    /// <summary>Batch.</summary>
    [Option("What is evaluated: single takes the geometry as one component; multiple_packed evaluates every packed primitive and puts the results into packed primitives; automatic goes by the geometry.")]
    public InferenceBatch Batch { get; init; }

    /// <summary>Provider.</summary>
    [Option("What evaluates the model: cpu. This build has no cuda: asking for it fails the item, and says so.")]
    public InferenceProvider Provider { get; init; }

    /// <summary>Reload.</summary>
    [Option("Load the model for this item alone. Without it a worker keeps a loaded model for all items that use the same file; a changed file is seen either way.", NotInKey = true)]
    public bool Reload { get; init; }

    /// <summary>Input contributions.</summary>
    [Option("Point attributes and volumes of the input, in this order; none means all but the position. Checked against what the model was trained with.")]
    public IReadOnlyList<string> InputContributions { get; init; } = [];

    /// <summary>Output attribute.</summary>
    [Option("Point attribute of the output that holds the model's numbers.")]
    public string OutputAttribute { get; init; } = "value";

    /// <summary>Output tuple size.</summary>
    [Option("Numbers per output point.", Min = 1, Max = 16)]
    public int OutputTupleSize { get; init; } = 1;

    /// <summary>Most rows.</summary>
    [Option("Most rows evaluated at once; 0 = all.", Min = 0, NotInKey = true)]
    public int MaxBatch { get; init; }
}
