using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue;

/// <summary>How a minimum is searched.</summary>
public enum TissueSolverKind : byte
{
    /// <summary>Newton's method whose sparse factorisations each serve several steps, improved by BFGS. The default: the fastest at equal energy and residual.</summary>
    QuasiNewton = 0,
    /// <summary>Newton's method proper: one factorisation per step. The reference.</summary>
    Newton = 1,
    /// <summary>Vertex block descent with Chebyshev acceleration: cheap sweeps, slow to converge; for coarse tolerances.</summary>
    VertexBlockDescent = 2,
}

/// <summary>Where a substep's search for the minimum begins. The minimum is the same, except in the few poses that have two.</summary>
public enum TissueSolveType : byte
{
    /// <summary>Where the substep before it ended, carried along by the bones. The default.</summary>
    Quasistatic = 0,
    /// <summary>On the straight line through the last two substeps, <c>2 x(k-1) - x(k-2)</c>, from the second one on; the first is carried along.</summary>
    PredictiveQuasistatic = 1,
}

/// <summary>How bones hold their pins.</summary>
public enum BoneTargetKind : byte
{
    /// <summary>Pins are exactly where their bone puts them.</summary>
    Hard = 0,
    /// <summary>Pins are pulled by springs of <see cref="TissueOptions.BoneTargetStrength"/>.</summary>
    Spring = 1,
}

/// <summary>Material and solver settings of a pose. Stiffnesses may be in any one unit of pressure: only ratios decide the shape.</summary>
public sealed record TissueOptions
{
    public TissueSolverKind Solver { get; init; } = TissueSolverKind.QuasiNewton;

    /// <summary>mu, resistance to change of shape. Above 0.</summary>
    public double ShapeStiffness { get; init; } = 1;

    /// <summary>lambda, resistance to change of volume. At least mu (mu means a Poisson ratio of 0); 10 mu is flesh, 2 mu inverts many elements.</summary>
    public double VolumeStiffness { get; init; } = 10;

    /// <summary>Substeps from the capture pose to the pose. At least 1. Some poses have two minima: from 2 substeps on nearly all poses, from 3 on all but a few in a hundred, end in the same one.</summary>
    public int Steps { get; init; } = 3;

    /// <summary>Where each substep begins.</summary>
    public TissueSolveType SolveType { get; init; } = TissueSolveType.Quasistatic;

    /// <summary>Most steps or sweeps per substep; null for 200 steps or 20,000 sweeps. At least 1.</summary>
    public int? Iterations { get; init; }

    /// <summary>Largest component of the gradient over mu h^2 at which the pose is done. Above 0.</summary>
    public double Tolerance { get; init; } = 1e-5;

    /// <summary>The same for substeps before the last, whose shape is only a start for the next.</summary>
    public double SubstepTolerance { get; init; } = 0.1;

    /// <summary>Chebyshev's rho for vertex block descent. 0 (plain sweeps) to below 1.</summary>
    public double Acceleration { get; init; } = 0.95;

    public BoneTargetKind BoneTarget { get; init; } = BoneTargetKind.Hard;

    /// <summary>Spring stiffness in units of mu h, for <see cref="BoneTargetKind.Spring"/>. Above 0.</summary>
    public double BoneTargetStrength { get; init; } = 1e3;

    /// <summary>Force per rest volume, in the stiffnesses' pressure unit over the skin's length unit.</summary>
    public Vector3d BodyForce { get; init; }

    /// <exception cref="FarmException">A value is out of its range; the message names it.</exception>
    public void Check()
    {
        Range(nameof(ShapeStiffness), ShapeStiffness, ShapeStiffness > 0 && double.IsFinite(ShapeStiffness), "above 0");
        Range(nameof(VolumeStiffness), VolumeStiffness, VolumeStiffness >= ShapeStiffness && double.IsFinite(VolumeStiffness), $"at least ShapeStiffness, which is {ShapeStiffness}");
        Range(nameof(Steps), Steps, Steps is >= 1 and <= 1000, "from 1 to 1000");
        if (Iterations is { } most) Range(nameof(Iterations), most, most is >= 1 and <= 1_000_000, "from 1 to 1,000,000");
        Range(nameof(Tolerance), Tolerance, Tolerance > 0, "above 0");
        Range(nameof(SubstepTolerance), SubstepTolerance, SubstepTolerance > 0, "above 0");
        Range(nameof(Acceleration), Acceleration, Acceleration is >= 0 and < 1, "from 0 to below 1");
        Range(nameof(BoneTargetStrength), BoneTargetStrength, BoneTargetStrength > 0 && double.IsFinite(BoneTargetStrength), "above 0");
        if (!BodyForce.IsFinite) throw FarmException.Invalid("tissue.option", $"BodyForce is {BodyForce}; it must be finite.");
    }

    static void Range(string name, double value, bool good, string allowed)
    {
        if (!good) throw FarmException.Invalid("tissue.option", $"{name} is {value}; it must be {allowed}.");
    }
}
