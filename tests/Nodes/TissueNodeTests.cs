using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Examples;
using ExampleMlFarm.Geometry.Formats;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Nodes.Rigs;
using ExampleMlFarm.Tests.Nodes.World;

namespace ExampleMlFarm.Tests.Nodes;

public sealed class TissueNodeTests(LimbRun limb)
{
    private const string Recipe = """
        recipe: 1
        nodes:
          limits: { uses: configure_joint_limits, with: { character: "builtin:limb" } }
          capture: { uses: armature_capture, with: { character: "builtin:limb" } }
          poses: { generate: 1, uses: ml_pose_generate, with: { limits: "${{ nodes.limits }}" } }
          simulate: { from: poses, uses: armature_deform, with: { capture: "${{ nodes.capture }}", export_npz: true } }
        """;

    [Fact]
    [Trait("trap", "1")]
    public void A_twist_of_the_forearm_reaches_the_skin_with_the_default_pins()
    {
        const double twist = 50 * Math.PI / 180;
        var character = Limb.Create();
        var rotations = Enumerable.Repeat(Quaterniond.Identity, 4).ToArray();
        rotations[2] = RotationVector.Exp(new Vector3d(twist, 0, 0));
        using var run = new RecipeRun(Recipe);
        run.Cook("poses", "capture");
        run.Replace("poses", 0, _ => PoseGeometry.Of(Pose.FromRotations(character.Skeleton, rotations)));
        var skin = Example.Decompose(run.Store.Geometry(run.Cook("simulate")["simulate"].Single().Output("geometry"))).Target.Positions;
        // Points around the middle of the forearm turn with it about x.
        double turned = 0;
        int points = 0;
        for (int p = 0; p < character.PointCount; p++)
        {
            var rest = Vector3d.Read(character.RestPoints, p);
            if (rest.X is < 0.48 or > 0.52) continue;
            double angle = Math.Atan2(skin[3 * p + 2], skin[3 * p + 1]) - Math.Atan2(rest.Z, rest.Y);
            turned += Math.IEEERemainder(angle, 2 * Math.PI);
            points++;
        }
        Assert.InRange(turned / points, 0.85 * twist, 1.05 * twist);
    }

    [Fact]
    public void Capture_and_solved_pose_come_as_npz_with_the_documented_keys()
    {
        using var run = new RecipeRun(Recipe);
        run.Cook();
        var capture = Read(run, "capture", "capture.npz");
        var pose = Read(run, "simulate", "pose.npz");
        foreach (var (arrays, folder) in new[] { (capture, "ArmatureCapture"), (pose, "ArmatureDeform") })
        {
            string readme = Repository.Read($"src/Nodes/Tissue/{folder}/README.md");
            foreach (string key in arrays.Keys) Assert.Contains($"`{key}`", readme, StringComparison.Ordinal);
        }
        // The pins of the solution are where the joints carry them, and the skin follows from the cage.
        var cage = pose["cage"].Float64;
        var joints = pose["joint_transforms"].Float64;
        for (int i = 0; i < capture["pin_vertices"].Int32.Length; i++)
        {
            int joint = capture["pin_joints"].Int32[i];
            for (int r = 0; r < 3; r++)
            {
                double at = joints[12 * joint + 4 * r + 3];
                for (int c = 0; c < 3; c++) at += joints[12 * joint + 4 * r + c] * capture["pin_offsets"].Float64[3 * i + c];
                Assert.Equal(at, cage[3 * capture["pin_vertices"].Int32[i] + r], 1e-9);
            }
        }
        var skin = Example.Decompose(run.Store.Geometry(run["simulate"].Single().Output("geometry"))).Target.Positions;
        for (int i = 0; i < skin.Length; i++) Assert.Equal((float)pose["skin"].Float64[i], skin[i]);
    }

    [Fact]
    public void A_simulated_skin_comes_back_exactly_from_its_displacement()
    {
        var run = limb.Run;
        for (int i = 0; i < LimbRun.Poses; i++)
        {
            var truth = Example.Decompose(run.Store.Geometry(run["simulate"][i].Output("geometry"))).Target.Positions;
            var (pose, displaced) = Example.Decompose(run.Store.Geometry(run["displacements"][i].Output("geometry")));
            var skin = new double[truth.Length];
            new Skinning(Limb.Create()).Deform(PoseGeometry.Read(pose, Limb.Create().Skeleton), displaced.Require(AttributeClass.Point, "d").Float32, skin);
            for (int k = 0; k < skin.Length; k++) Assert.Equal(truth[k], skin[k], 1e-6);
        }
    }

    [Theory]
    [InlineData("solve_type: predictive_quasistatic", 1e-10, 1e-4)]
    [InlineData("solver: vertex_block_descent, tolerance: 1.0e-4, rho: 0.9", 0, 1e-3)]
    [InlineData("solver: vertex_block_descent, tolerance: 1.0e-4, rho: 0", 0, 1e-3)]
    [InlineData("bone_target: spring, bone_target_strength: 1000", 1e-7, 0.01)]
    [InlineData("bone_target: spring, bone_target_strength: 1", 0.005, 0.2)]
    [InlineData("gravity: [0, -0.05, 0]", 1e-4, 0.2)]
    [InlineData("gravity: [0, 0, 0]", 0, 0)]
    public void Each_option_of_the_solver_moves_the_skin_as_far_as_it_should(string options, double least, double most)
    {
        // The farthest point, in diagonals, from where the default puts it.
        double Farthest(float[] skin)
        {
            double far = 0;
            for (int i = 0; i < skin.Length; i += 3)
                far = Math.Max(far, Vector3d.Distance(new(skin[i], skin[i + 1], skin[i + 2]), new(Default.Value[i], Default.Value[i + 1], Default.Value[i + 2])));
            return far / Limb.Create().Diagonal;
        }
        Assert.InRange(Farthest(Skin(options)), least, most);
    }

    [Fact]
    public void Chebyshev_acceleration_takes_fewer_sweeps_than_plain_ones()
    {
        double Sweeps(string rho)
        {
            using var run = Solved($"solver: vertex_block_descent, tolerance: 1.0e-3, rho: {rho}");
            return run["simulate"].Single().Metric("iterations");
        }
        Assert.True(Sweeps("0.9") < 0.7 * Sweeps("0"), $"{Sweeps("0.9")} against {Sweeps("0")}");
    }

    [Fact]
    public void Weight_along_y_lowers_the_skin_and_a_weight_of_two_numbers_is_refused()
    {
        var (at, sagged) = (Default.Value, Skin("gravity: [0, -0.05, 0]"));
        double moved = Enumerable.Range(0, at.Length / 3).Average(p => (double)sagged[3 * p + 1] - at[3 * p + 1]);
        Assert.True(moved < 0, $"{moved}");
        using var run = Solved("gravity: [0, -1]");
        Assert.Equal("tissue.gravity", run["simulate"].Single().Failure!.Code);
    }

    private static readonly Lazy<float[]> Default = new(() => Skin(""));

    private static float[] Skin(string options)
    {
        using var run = Solved(options);
        Assert.Null(run["simulate"].Single().Failure);
        return Example.Decompose(run.Store.Geometry(run["simulate"].Single().Output("geometry"))).Target.Positions.ToArray();
    }

    private static RecipeRun Solved(string options) => new RecipeRun(Recipe.Replace("\"builtin:limb\" } }\n  poses", "\"builtin:limb\", resolution: 24 } }\n  poses", StringComparison.Ordinal)
        .Replace("export_npz: true", options.Length > 0 ? options : "export_npz: false", StringComparison.Ordinal)).Cook();

    private static IReadOnlyDictionary<string, NamedArray> Read(RecipeRun run, string node, string output)
    {
        string file = run.Store.PathOf(run[node].Single().Output(output).Hash);
        return NumpyFile.ReadNpz(file);
    }
}
