using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Deformer;

/// <summary>Options that say what a deformer was made from; <see cref="DeformerInputs"/> opens them.</summary>
public sealed record DeformerInputOptions
{
    /// <summary>The data set.</summary>
    [Option("The data set of the deformer: says which poses are for training and how poses are written.", Required = true)]
    public NodeInput? Dataset { get; init; }

    /// <summary>The basis.</summary>
    [Option("The pca node that the data set was projected on.", Required = true)]
    public NodeInput? Basis { get; init; }

    /// <summary>The capture.</summary>
    [Option("The armature_capture node of the character.", Required = true)]
    public NodeInput? Capture { get; init; }
}
