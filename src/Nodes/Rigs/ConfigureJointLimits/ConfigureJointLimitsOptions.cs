using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Rigs.ConfigureJointLimits;

/// <summary>Options of <c>configure_joint_limits</c>.</summary>
public sealed record ConfigureJointLimitsOptions
{
    /// <summary>The character.</summary>
    [Option("Rigged character: a glTF 2.0 file (.glb), or builtin:limb.", Required = true)]
    public RecipeFile Character { get; init; }

    /// <summary>Limits given by hand.</summary>
    [Option("Limits written by hand or by an earlier run (JSON); none takes them from the animation clips of the character.")]
    public RecipeFile? Limits { get; init; }

    /// <summary>Margin.</summary>
    [Option("How much further than the clips a joint may turn.", Unit = "percent of its range", Min = 0, Max = 100)]
    public double Margin { get; init; } = 10;

    /// <summary>Coordinates.</summary>
    [Option("The coordinates in which a rotation is limited.")]
    public RotationCoordinates Coordinates { get; init; } = RotationCoordinates.RotationVector;

    /// <summary>Joint group.</summary>
    [Option("Names of the joints that move; none means all that have limits.")]
    public IReadOnlyList<string> JointGroup { get; init; } = [];
}
