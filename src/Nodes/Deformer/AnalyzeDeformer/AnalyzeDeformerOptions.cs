using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Deformer.AnalyzeDeformer;

/// <summary>Options of <c>analyze_deformer</c>.</summary>
public sealed record AnalyzeDeformerOptions
{
    /// <summary>What the deformer was made from.</summary>
    [OptionGroup]
    public DeformerInputOptions Inputs { get; init; } = new();

    /// <summary>Known poses.</summary>
    [Option("The rest_displacement node whose examples are in the data set: training and held-out poses with their truth.", Required = true)]
    public NodeInput? Known { get; init; }

    /// <summary>Unseen poses.</summary>
    [Option("A rest_displacement node over poses that were never in the data set: what the gain is measured on.", Required = true)]
    public NodeInput? Unseen { get; init; }

    /// <summary>The trials.</summary>
    [Option("The training node with all its trials, for the table of settings.")]
    public NodeInput? Trials { get; init; }

    /// <summary>The curve.</summary>
    [Option("A deformer_learning_curve node, for the plot of error over number of poses.")]
    public NodeInput? Curve { get; init; }

    /// <summary>Training poses measured.</summary>
    [Option("Most training poses that are measured, evenly taken.", Unit = "poses", Min = 1)]
    public int TrainingPoses { get; init; } = 64;
}
