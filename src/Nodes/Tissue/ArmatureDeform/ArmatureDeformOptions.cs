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
    };
}
