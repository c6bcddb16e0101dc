using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Deformer.ExportDeformer;

/// <summary>Options of <c>ml_deformer_export</c>.</summary>
public sealed record MlDeformerExportOptions
{
    /// <summary>What the deformer was made from.</summary>
    [OptionGroup]
    public DeformerInputOptions Inputs { get; init; } = new();

    /// <summary>The limits.</summary>
    [Option("The configure_joint_limits node that the poses were made within.", Required = true)]
    public NodeInput? Limits { get; init; }

    /// <summary>The clip.</summary>
    [Option("Name of the animation clip that the GLB plays with the learned shapes; none takes the last one.")]
    public string Clip { get; init; } = "";
}
