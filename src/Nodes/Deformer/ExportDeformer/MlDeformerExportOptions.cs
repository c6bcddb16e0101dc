using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Deformer.ExportDeformer;

/// <summary>Options of <c>ml_deformer_export</c>.</summary>
public sealed record MlDeformerExportOptions
{
    /// <summary>The data set.</summary>
    [Option("The data set the network was trained on.", Required = true)]
    public NodeInput? Dataset { get; init; }

    /// <summary>The basis.</summary>
    [Option("The pca node that the data set was projected on.", Required = true)]
    public NodeInput? Basis { get; init; }

    /// <summary>The capture.</summary>
    [Option("The armature_capture node of the character.", Required = true)]
    public NodeInput? Capture { get; init; }

    /// <summary>The limits.</summary>
    [Option("The configure_joint_limits node that the poses were made within.", Required = true)]
    public NodeInput? Limits { get; init; }

    /// <summary>The clip.</summary>
    [Option("Name of the animation clip that the GLB plays with the learned shapes; none takes the last one.")]
    public string Clip { get; init; } = "";
}
