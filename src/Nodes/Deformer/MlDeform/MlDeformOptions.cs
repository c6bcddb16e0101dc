using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Deformer.MlDeform;

/// <summary>What becomes of a pose outside the limits that the network was trained within.</summary>
public enum OutsideLimits : byte
{
    /// <summary>It is brought into the limits; the log names the joints.</summary>
    Clamp = 0,
    /// <summary>The item fails; the message names the joints.</summary>
    Fail = 1,
    /// <summary>It is used as it is. What the network makes of it is a guess.</summary>
    Allow = 2,
}

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

    /// <summary>Poses outside the joint limits.</summary>
    [Option("A pose outside the limits that the network was trained within: clamp brings it into them and says so, fail refuses it, allow uses it as it is.")]
    public OutsideLimits OutsideLimits { get; init; }
}
