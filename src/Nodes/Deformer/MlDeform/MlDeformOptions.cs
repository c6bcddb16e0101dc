using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Deformer.MlDeform;

/// <summary>Options of <c>ml_deform</c>.</summary>
public sealed record MlDeformOptions
{
    /// <summary>The capture.</summary>
    [Option("The armature_capture node of the character.", Required = true)]
    public NodeInput? Capture { get; init; }

    /// <summary>The deformer.</summary>
    [Option("The ml_deformer_export node; or give 'file'.")]
    public NodeInput? Deformer { get; init; }

    /// <summary>The file.</summary>
    [Option("A .mldeform file; or give 'deformer'.")]
    public RecipeFile? File { get; init; }

    /// <summary>Joint limits.</summary>
    [Option("Bring poses into the limits that the network was trained within.")]
    public bool EnforceJointLimits { get; init; } = true;
}
