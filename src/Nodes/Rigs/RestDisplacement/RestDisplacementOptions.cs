using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Rigs.RestDisplacement;

/// <summary>Options of <c>rest_displacement</c>.</summary>
public sealed record RestDisplacementOptions
{
    /// <summary>The capture.</summary>
    [Option("The armature_capture node of the character.", Required = true)]
    public NodeInput? Capture { get; init; }

    /// <summary>Inverse or polar.</summary>
    [Option("How a displacement in the pose is carried to the bind pose: by the inverse of the blended matrix (guarded where it is near singular), or by its rotation alone.")]
    public DisplacementEncoding Encoding { get; init; } = DisplacementEncoding.Inverse;

    /// <summary>Linear blend or dual quaternions.</summary>
    [Option("The skinning that the displacement is relative to.")]
    public SkinningMethod Skinning { get; init; } = SkinningMethod.Linear;
}
