namespace ExampleMlFarm.Simulation.Tissue;

/// <summary>How a cage is made. Lengths are multiples of the element size, so a rig's unit does not matter.</summary>
public sealed record CaptureOptions
{
    /// <summary>Edge of the cage's cubes in the skin's units; null for diagonal / <see cref="Resolution"/>. Above zero.</summary>
    public double? ElementSize { get; init; }

    /// <summary>Cubes along the skin's bounding-box diagonal: 40 for characters, 30 for a limb. 2 to 400.</summary>
    public double Resolution { get; init; } = 40;

    /// <summary>Cage vertices within this many element sizes of a bone's surface are held by it. 0 to 2. Too thick costs learning gain.</summary>
    public double PinThickness { get; init; } = 0.3;

    /// <summary>A cage vertex that another joint's bone is nearly as close to, within this many element sizes, stays free, so that flesh can fold between them. 0 to 2.</summary>
    public double PinSeparation { get; init; } = 0.5;

    /// <summary>A joint with too few pins takes further vertices up to this many element sizes from its bones. At least <see cref="PinThickness"/>.</summary>
    public double PinReach { get; init; } = 1.25;

    /// <summary>Parts of the skin below this share of its volume give no cage. 0 to 1.</summary>
    public double RelativeVolumeThreshold { get; init; } = 0.01;

    /// <summary>Points closer than this share of the diagonal are one point of the surface. 0 to 1e-2.</summary>
    public double WeldTolerance { get; init; } = 1e-6;
}
