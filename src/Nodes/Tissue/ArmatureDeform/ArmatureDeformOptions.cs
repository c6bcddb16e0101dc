using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Simulation.Tissue;

namespace ExampleMlFarm.Nodes.Tissue.ArmatureDeform;

/// <summary>What becomes of a pose whose simulation cannot be used.</summary>
public enum InvalidPose : byte
{
    /// <summary>The item fails; <c>allow_failed</c> says how many may.</summary>
    Fail = 0,
    /// <summary>The skin is put out with the detail attribute <c>valid</c> = 0, and <c>ml_example</c> discards it.</summary>
    Mark = 1,
}

/// <summary>Options of <c>armature_deform</c>.</summary>
public sealed record ArmatureDeformOptions
{
    /// <summary>The capture.</summary>
    [Option("The armature_capture node of the character.", Required = true)]
    public NodeInput? Capture { get; init; }

    /// <summary>Which solver.</summary>
    [Option("Minimiser of the elastic energy. Both reach the same minimum; the default is the faster one.")]
    public TissueSolverKind Solver { get; init; } = new TissueOptions().Solver;

    /// <summary>Where a sub-step begins.</summary>
    [Option("Where the search of each sub-step begins: quasistatic at the end of the one before, carried along by the bones; predictive_quasistatic on the straight line through the last two.")]
    public TissueSolveType SolveType { get; init; } = new TissueOptions().SolveType;

    /// <summary>Chebyshev's rho.</summary>
    [Option("Estimated spectral radius for the Chebyshev acceleration of vertex_block_descent; 0 sweeps plainly. Other solvers do not read it.", Min = 0, Max = 0.9999)]
    public double Rho { get; init; } = new TissueOptions().Acceleration;

    /// <summary>Hard pins or springs.</summary>
    [Option("How bones hold the cage: hard puts its pins exactly where the bones are, spring pulls them there.")]
    public BoneTargetKind BoneTarget { get; init; } = new TissueOptions().BoneTarget;

    /// <summary>Strength of the springs.</summary>
    [Option("Stiffness of the springs for bone_target: spring.", Unit = "shape_stiffness x cube edge", MinExcluded = true, Min = 0)]
    public double BoneTargetStrength { get; init; } = new TissueOptions().BoneTargetStrength;

    /// <summary>Weight.</summary>
    [Option("Weight of the flesh along x, y and z, as force per volume of the bind pose; empty for none. [0, -0.02, 0] lets flesh of shape_stiffness 1 sag.", Unit = "shape_stiffness / length of the character")]
    public IReadOnlyList<double> Gravity { get; init; } = [];

    /// <summary>Continuation steps.</summary>
    [Option("Sub-steps from the bind pose to the pose. Two and more agree; one may end in another minimum.", Min = 1, Max = 100)]
    public int Steps { get; init; } = new TissueOptions().Steps;

    /// <summary>Most iterations.</summary>
    [Option("Most iterations (sweeps for vertex_block_descent) of each sub-step; 0 leaves it to the solver.", Min = 0, Max = 1000000)]
    public int Iterations { get; init; }

    /// <summary>mu.</summary>
    [Option("Resistance to a change of shape, the Lamé parameter mu of the rest pose.", MinExcluded = true, Min = 0)]
    public double ShapeStiffness { get; init; } = 1;

    /// <summary>lambda.</summary>
    [Option("Resistance to a change of volume; at least shape_stiffness. Ten times keeps flesh from inverting.", MinExcluded = true, Min = 0)]
    public double VolumeStiffness { get; init; } = 10;

    /// <summary>Relative residual to stop at.</summary>
    [Option("Stop when the largest force is below this times shape stiffness times cube edge squared.", MinExcluded = true, Min = 0, Max = 1)]
    public double Tolerance { get; init; } = new TissueOptions().Tolerance;

    /// <summary>Fail or mark.</summary>
    [Option("What becomes of a pose whose simulation breaks a validity rule: the item fails, or its skin is marked and discarded later.")]
    public InvalidPose Invalid { get; init; }

    /// <summary>Arrays for other solvers.</summary>
    [Option("Put out pose.npz as well: joint transforms, cage, skin, energy and stiffnesses, for other solvers.")]
    public bool ExportNpz { get; init; }

    /// <summary>The solver's own form of these options.</summary>
    internal TissueOptions ToSolver() => new()
    {
        Solver = Solver,
        Steps = Steps,
        Iterations = Iterations > 0 ? Iterations : null,
        ShapeStiffness = ShapeStiffness,
        VolumeStiffness = VolumeStiffness,
        Tolerance = Tolerance,
        SolveType = SolveType,
        Acceleration = Rho,
        BoneTarget = BoneTarget,
        BoneTargetStrength = BoneTargetStrength,
        BodyForce = Gravity.Count switch
        {
            0 => default,
            3 => new Vector3d(Gravity[0], Gravity[1], Gravity[2]),
            _ => throw FarmException.Invalid("tissue.gravity", $"gravity has {Gravity.Count} numbers; it must have three, along x, y and z, or none"),
        },
    };
}
