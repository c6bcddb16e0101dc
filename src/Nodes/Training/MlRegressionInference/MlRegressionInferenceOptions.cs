using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Training.MlRegressionInference;

/// <summary>Options of <c>ml_regression_inference</c>.</summary>
public sealed record MlRegressionInferenceOptions
{
    /// <summary>The model.</summary>
    [Option("The training node whose model is used; or give 'file'.")]
    public NodeInput? Model { get; init; }

    /// <summary>The file.</summary>
    [Option("An .onnx file; or give 'model'.")]
    public RecipeFile? File { get; init; }

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
