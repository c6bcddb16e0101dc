using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Simulation.Tissue;

namespace ExampleMlFarm.Nodes.Tissue.ArmatureCapture;

/// <summary>Options of <c>armature_capture</c>; defaults are those of <see cref="CaptureOptions"/>.</summary>
public sealed record ArmatureCaptureOptions
{
    private const double LimbResolution = 36;

    private static readonly CaptureOptions Defaults = new();

    /// <summary>The character.</summary>
    [Option("Rigged character: a glTF 2.0 file (.glb), or builtin:limb.", Required = true)]
    public RecipeFile Character { get; init; }

    /// <summary>Edge of a cage cube; 0 = by <see cref="Resolution"/>.</summary>
    [Option("Edge length of a cage cube; 0 takes the diagonal divided by resolution.", Unit = "length of the character", Min = 0)]
    public double ElementSize { get; init; }

    /// <summary>Cubes along the diagonal.</summary>
    [Option("Cubes along the diagonal of the character's bounding box. 40 suits characters with thin limbs, 36 a single limb; 0 chooses by the character.", Min = 0, Max = 400)]
    public double Resolution { get; init; }

    /// <summary>Thickness of the pinned layer.</summary>
    [Option("Cage points this close to a bone's surface move with it. Too thick a layer leaves no flesh to learn.", Unit = "cube edges", Min = 0, Max = 2)]
    public double PinThickness { get; init; } = Defaults.PinThickness;

    /// <summary>Room for flesh between two bones.</summary>
    [Option("Cage points that another joint's bone is nearly as close to, within this, are not held, so that flesh can fold between the bones.", Unit = "cube edges", Min = 0, Max = 2)]
    public double PinSeparation { get; init; } = Defaults.PinSeparation;

    /// <summary>How far a joint may look for its pins.</summary>
    [Option("A joint with too few pins may take cage points up to this far.", Unit = "cube edges", Min = 0, Max = 4)]
    public double PinReach { get; init; } = Defaults.PinReach;

    /// <summary>Smaller pieces of the cage are dropped.</summary>
    [Option("Separate pieces of the cage below this part of the whole volume are dropped.", Unit = "fraction", Min = 0, Max = 1)]
    public double RelativeVolumeThreshold { get; init; } = Defaults.RelativeVolumeThreshold;

    /// <summary>The library's own form of these options.</summary>
    internal CaptureOptions ToCapture() => new()
    {
        ElementSize = ElementSize > 0 ? ElementSize : null,
        Resolution = Resolution > 0 ? Resolution : Character.Path == Limb.Name ? LimbResolution : Defaults.Resolution,
        PinThickness = PinThickness,
        PinSeparation = PinSeparation,
        PinReach = PinReach,
        RelativeVolumeThreshold = RelativeVolumeThreshold,
    };
}
