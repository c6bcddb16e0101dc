using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Simulation.Tissue.Solve;

namespace ExampleMlFarm.Simulation.Tissue;

/// <summary>
/// Quasistatic tissue: finds for a pose of the bones the cage of least elastic energy, and the skin with it.
/// </summary>
/// <remarks>
/// Building one costs about as much as a few poses' worth of analysis, so keep it for many poses. An instance serves
/// one thread at a time and spawns none; a result depends only on capture, options and pose, to the bit, and not on
/// what was solved before.
/// </remarks>
public sealed class TissueSolver
{
    readonly TissueCapture capture;
    readonly TissueOptions options;
    readonly ElasticMesh mesh;
    readonly CageProblem problem;
    readonly HarmonicWeights skinning;
    readonly ICageSolver solver;
    readonly int[] pinNodes;
    readonly int anchor;
    readonly int iterations;

    /// <summary>Beyond it a factorisation is stale: a new one costs as much as seven steps.</summary>
    const int KeptSteps = 15;

    /// <exception cref="FarmException">An option is out of its range.</exception>
    public TissueSolver(TissueCapture capture, TissueOptions? options = null)
    {
        this.capture = capture;
        this.options = options ??= new TissueOptions();
        options.Check();
        var hard = options.BoneTarget == BoneTargetKind.Hard;
        mesh = new ElasticMesh(capture.Vertices, capture.Tets, capture.RestInverse, capture.Volumes, hard ? capture.PinVertices : []);
        pinNodes = Array.ConvertAll(capture.PinVertices, v => mesh.NodeOfVertex[v]);
        skinning = HarmonicWeights.Of(mesh, pinNodes, capture.PinJoints);
        var spring = options.BoneTargetStrength * options.ShapeStiffness * capture.ElementSize;
        problem = new CageProblem(mesh, options.ShapeStiffness, options.VolumeStiffness, hard ? [] : pinNodes, spring,
            [options.BodyForce.X, options.BodyForce.Y, options.BodyForce.Z]);
        solver = options.Solver switch
        {
            TissueSolverKind.QuasiNewton => new NewtonSolver(problem, KeptSteps),
            TissueSolverKind.Newton => new NewtonSolver(problem, 0),
            TissueSolverKind.VertexBlockDescent => new VertexBlockDescent(problem, options.Acceleration),
            _ => throw FarmException.Invalid("tissue.option", $"Solver is {options.Solver}; it must be QuasiNewton, Newton or VertexBlockDescent."),
        };
        iterations = options.Iterations ?? (options.Solver == TissueSolverKind.VertexBlockDescent ? 20_000 : 200);
        anchor = TopmostPinnedJoint(capture);
    }

    internal CageProblem Problem => problem;
    internal ICageSolver Solver => solver;

    /// <summary>Solves one pose.</summary>
    /// <param name="targets">[j] world transforms of the joints.</param>
    /// <param name="skinned">[s, 3] skin as linear blend skinning puts it, to measure displacement from; empty to use the cage's own skinning.</param>
    public TissueResult Solve(ReadOnlySpan<Affine> targets, ReadOnlySpan<double> skinned = default) =>
        SolveAlong(TissuePath.Build(capture.JointBinds, capture.JointParents, targets, options.Steps, anchor), skinned);

    /// <summary>Solves for the end of a path of poses, each the start for the next.</summary>
    /// <param name="path">[substeps + 1][j]; the first is a rigid motion of the capture pose.</param>
    /// <param name="skinned">As in <see cref="Solve"/>.</param>
    public TissueResult SolveAlong(Affine[][] path, ReadOnlySpan<double> skinned = default)
    {
        if (path.Length < 2 || path.Any(p => p.Length != capture.JointCount))
            throw FarmException.Invalid("tissue.path", $"A path needs at least 2 poses of {capture.JointCount} joints.");
        var x = problem.Positions.Span;
        var scale = options.ShapeStiffness * capture.ElementSize * capture.ElementSize;
        var start = path[0][anchor] * capture.JointBinds[anchor].Inverse();
        for (var i = 0; i < mesh.NodeCount; i++) start.TransformPoint(Vector3d.Read(mesh.RestPositions, i)).Write(x, i);
        var progress = new SolveProgress();
        int made = 0, failures = 0;
        double[] last1 = [], last2 = [];
        for (var k = 1; k < path.Length; k++)
        {
            if (options.SolveType == TissueSolveType.PredictiveQuasistatic) (last2, last1) = (last1, x.ToArray());
            if (last2.Length == 0) skinning.Carry(path[k - 1], path[k], x);
            else for (var i = 0; i < x.Length; i++) x[i] = 2 * last1[i] - last2[i];
            MoveTargets(path[k], x);
            var last = k == path.Length - 1;
            progress = solver.Minimise((last ? options.Tolerance : options.SubstepTolerance) * scale, iterations);
            made += progress.Iterations;
            failures += progress.FailedFactorisations;
        }
        var cage = CageOf(x);
        var skin = SkinOf(cage);
        var reference = skinned.IsEmpty ? SkinOf(SkinnedCage(path)) : skinned;
        var result = new TissueResult
        {
            Cage = cage, Skin = skin, Energy = progress.Energy, Residual = progress.Residual / scale, StartResidual = progress.FirstResidual / scale,
            Iterations = made, FailedFactorisations = failures, InvertedTets = problem.Elastic.Inverted,
            MaxDisplacement = Farthest(skin, reference), InvalidReason = null,
        };
        return Validity.Judge(result, capture, options);
    }

    void MoveTargets(Affine[] pose, Span<double> x)
    {
        for (var i = 0; i < pinNodes.Length; i++)
        {
            var target = pose[capture.PinJoints[i]].TransformPoint(Vector3d.Read(capture.PinOffsets, i));
            if (options.BoneTarget == BoneTargetKind.Hard) target.Write(x, pinNodes[i]);
            else target.Write(problem.SpringTargets, i);
        }
    }

    double[] CageOf(ReadOnlySpan<double> x)
    {
        var cage = new double[x.Length];
        for (var i = 0; i < mesh.NodeCount; i++) x.Slice(3 * i, 3).CopyTo(cage.AsSpan(3 * mesh.VertexOfNode[i], 3));
        return cage;
    }

    double[] SkinnedCage(Affine[][] path)
    {
        var x = (double[])mesh.RestPositions.Clone();
        skinning.Carry(capture.JointBinds, path[^1], x);
        return CageOf(x);
    }

    /// <summary>Skin points [s, 3] of a cage [n, 3].</summary>
    public double[] SkinOf(ReadOnlySpan<double> cage)
    {
        var skin = new double[3 * capture.SkinPointCount];
        for (var i = 0; i < capture.SkinPointCount; i++)
        {
            var p = Vector3d.Zero;
            for (var k = 0; k < 4; k++)
                p += Vector3d.Read(cage, capture.Tets[4 * capture.SkinTets[i] + k]) * capture.SkinWeights[4 * i + k];
            p.Write(skin, i);
        }
        return skin;
    }

    static double Farthest(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var most = 0.0;
        for (var i = 0; i < a.Length / 3; i++) most = Math.Max(most, Vector3d.Distance(Vector3d.Read(a, i), Vector3d.Read(b, i)));
        return most;
    }

    /// <summary>The pinned joint nearest to the root, the first of equals.</summary>
    static int TopmostPinnedJoint(TissueCapture capture)
    {
        int Depth(int joint)
        {
            var depth = 0;
            for (; capture.JointParents[joint] >= 0; depth++) joint = capture.JointParents[joint];
            return depth;
        }
        return capture.PinJoints.Distinct().OrderBy(Depth).ThenBy(j => j).First();
    }
}
