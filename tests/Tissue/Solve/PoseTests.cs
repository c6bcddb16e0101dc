using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Simulation.Tissue;
using ExampleMlFarm.Tests.Tissue.Meshes;

namespace ExampleMlFarm.Tests.Tissue.Solve;

public sealed class PoseTests
{
    static readonly TissueCapture limb = Limb.Capture(18);

    static double Farthest(double[] a, double[] b) =>
        Enumerable.Range(0, a.Length / 3).Max(i => Vector3d.Distance(Vector3d.Read(a, i), Vector3d.Read(b, i)));

    [Fact]
    public void Rigidly_turned_pose_has_no_energy_and_a_rigid_skin()
    {
        var motion = new Affine(Quaterniond.FromAxisAngle(new(1, 2, -1), 2.5).ToMatrix(), new(10, -3, 7));
        var result = new TissueSolver(limb).Solve([.. limb.JointBinds.Select(b => motion * b)]);
        Assert.True(result.IsValid);
        Assert.True(Math.Abs(result.Energy) < 1e-12);
        Assert.Equal(0, result.Iterations);
        var (points, _) = Limb.Skin();
        for (var i = 0; i < limb.SkinPointCount; i++)
            Assert.True(Vector3d.Distance(motion.TransformPoint(Vector3d.Read(points, i)), Vector3d.Read(result.Skin, i)) < 1e-10);
    }

    [Fact]
    public void Predicted_substeps_of_a_straight_move_begin_at_their_end()
    {
        // Every joint moves evenly along x, the hand as far as the rest: from the second substep on, the straight continuation is the solution.
        Affine[] At(double x) => [.. limb.JointBinds.Select(b => Affine.FromTranslation(new(x, 0, 0)) * b)];
        Affine[][] path = [At(0), At(1), At(2), At(3)];
        var result = new TissueSolver(limb, new TissueOptions { SolveType = TissueSolveType.PredictiveQuasistatic }).SolveAlong(path);
        Assert.Equal(0, result.Iterations);
        Assert.True(Math.Abs(result.Energy) < 1e-12);
        // From a bent pose that is held, it goes on bending, and is brought back.
        var bent = Limb.Pose(30);
        var held = new TissueSolver(limb, new TissueOptions { SolveType = TissueSolveType.PredictiveQuasistatic }).SolveAlong([limb.JointBinds, bent, bent]);
        var carried = new TissueSolver(limb).SolveAlong([limb.JointBinds, bent, bent]);
        Assert.True(held.Iterations > carried.Iterations, $"{held.Iterations} against {carried.Iterations}");
        Assert.True(Farthest(held.Cage, carried.Cage) < 1e-3 * limb.ElementSize);
    }

    [Fact]
    [Trait("trap", "1")]
    public void Twisted_wrist_twists_the_skin_around_it()
    {
        var (points, _) = Limb.Skin();
        var result = new TissueSolver(limb).Solve(Limb.Pose(0, wristTwistDegrees: 60));
        var turns = new List<double>();
        for (var i = 0; i < limb.SkinPointCount; i++)
        {
            var rest = Vector3d.Read(points, i);
            if (rest.X is < 2.3 or > 2.5) continue;
            var now = Vector3d.Read(result.Skin, i);
            turns.Add((Math.Atan2(now.Z, now.Y) - Math.Atan2(rest.Z, rest.Y) + 5 * Math.PI) % (2 * Math.PI) - Math.PI);
        }
        // The thin bone carries only part of it to the skin; pins on a line would carry nothing.
        Assert.True(turns.Count > 20);
        Assert.All(turns, t => Assert.InRange(t * 180 / Math.PI, 25, 65));
    }

    [Fact]
    public void Solvers_agree_on_a_pose_by_energy_residual_and_place()
    {
        var pose = Limb.Pose(50, 30);
        TissueResult Solve(TissueSolverKind kind, double tolerance) => new TissueSolver(limb, new TissueOptions { Solver = kind, Tolerance = tolerance }).Solve(pose);
        var newton = Solve(TissueSolverKind.Newton, 1e-8);
        foreach (var kind in new[] { TissueSolverKind.QuasiNewton, TissueSolverKind.VertexBlockDescent })
        {
            var other = Solve(kind, 1e-6);
            Assert.True(other.Residual <= 1e-6);
            Assert.Equal(newton.Energy, other.Energy, 1e-7 * newton.Energy);
            Assert.True(Farthest(newton.Cage, other.Cage) < 1e-3 * limb.ElementSize);
        }
    }

    [Fact]
    [Trait("trap", "2")]
    public void Result_hardly_depends_on_the_number_of_substeps_from_two_on()
    {
        TissueSolver With(int steps) => new(limb, new TissueOptions { Steps = steps });
        TissueSolver two = With(2), five = With(5);
        int same = 0, poses = 20;
        for (var i = 0; i < poses; i++)
        {
            var draw = CounterRandom.Keyed(3, "paths", i, "limb");
            var pose = Limb.Pose(110 * draw.Uniform(0), 90 * draw.Uniform(1) - 45, 80 * draw.Uniform(2) - 40, 60 * draw.Uniform(3) - 30);
            if (Farthest(two.Solve(pose).Skin, five.Solve(pose).Skin) < 1e-3 * limb.Diagonal) same++;
        }
        Assert.True(same >= 0.95 * poses, $"{same} of {poses}");
    }

    [Fact]
    public void Same_pose_gives_the_same_bits_whatever_was_solved_before()
    {
        foreach (var kind in Enum.GetValues<TissueSolverKind>())
        {
            var options = new TissueOptions { Solver = kind, Tolerance = 1e-3 };
            var fresh = new TissueSolver(limb, options).Solve(Limb.Pose(70, 20, 10));
            var used = new TissueSolver(limb, options);
            used.Solve(Limb.Pose(-20, -60));
            used.Solve(Limb.Pose(100, 0, 30));
            var again = used.Solve(Limb.Pose(70, 20, 10));
            Assert.Equal(fresh.Cage, again.Cage);
            Assert.Equal(fresh.Skin, again.Skin);
            Assert.Equal(fresh.Energy, again.Energy);
            Assert.Equal(fresh.Iterations, again.Iterations);
        }
    }

    [Theory]
    [InlineData(176)]
    [InlineData(0.01)]
    [Trait("trap", "7")]
    public void Character_of_any_size_takes_the_same_steps_to_the_scaled_result(double scale)
    {
        var big = Limb.Capture(18, scale);
        Assert.Equal(limb.PinVertices, big.PinVertices);
        var small = new TissueSolver(limb).Solve(Limb.Pose(60, 25));
        var result = new TissueSolver(big).Solve(Limb.Pose(60, 25, scale: scale));
        Assert.Equal(small.Iterations, result.Iterations);
        Assert.True(Farthest([.. small.Skin.Select(v => v * scale)], result.Skin) < 1e-6 * scale);
    }

    [Fact]
    public void Springs_come_near_the_held_pins_and_nearer_when_stronger()
    {
        var pose = Limb.Pose(60, 25);
        var hard = new TissueSolver(limb).Solve(pose);
        double Away(double strength) => Farthest(hard.Cage, new TissueSolver(limb, new TissueOptions { BoneTarget = BoneTargetKind.Spring, BoneTargetStrength = strength }).Solve(pose).Cage);
        double weak = Away(30), strong = Away(1e4);
        Assert.True(strong < 0.02 * limb.ElementSize, $"{strong / limb.ElementSize}");
        Assert.True(weak > 2 * strong);
    }

    [Fact]
    public void Weight_pulls_the_skin_down()
    {
        var still = new TissueSolver(limb).Solve(limb.JointBinds);
        var heavy = new TissueSolver(limb, new TissueOptions { BodyForce = new(0, -1, 0) }).Solve(limb.JointBinds);
        double Mean(double[] skin) => Enumerable.Range(0, skin.Length / 3).Average(i => skin[3 * i + 1]);
        Assert.True(Mean(heavy.Skin) < Mean(still.Skin) - 1e-3);
        Assert.True(heavy.Energy < 0);
    }

    [Fact]
    public void Path_ends_at_the_pose_and_its_halfway_turns_are_half()
    {
        var pose = Limb.Pose(80, 40);
        var path = TissuePath.Build(limb.JointBinds, limb.JointParents, pose, 2, 0);
        Assert.Equal(3, path.Length);
        Assert.Equal(pose, path[2]);
        Assert.True(Affine.MaxDifference(path[1][1], Limb.Pose(40)[1]) < 1e-12);
        Assert.True(Affine.MaxDifference(path[0][2], limb.JointBinds[2]) < 1e-12);
        var motion = new Affine(Quaterniond.FromAxisAngle(new(1, 2, -1), 2.5).ToMatrix(), new(10, -3, 7));
        var moved = TissuePath.Build(limb.JointBinds, limb.JointParents, [.. pose.Select(p => motion * p)], 2, 0);
        for (var k = 0; k < 3; k++)
            for (var j = 0; j < 3; j++) Assert.True(Affine.MaxDifference(motion * path[k][j], moved[k][j]) < 1e-10);
    }

    [Fact]
    public void Pose_of_another_rig_or_without_numbers_is_refused()
    {
        var solver = new TissueSolver(limb);
        Assert.Contains("2 joints", Assert.Throws<FarmException>(() => solver.Solve(Limb.Pose(10).AsSpan(0, 2))).Failure.Message);
        var bad = Limb.Pose(10);
        bad[1] = bad[1] with { Translation = new(double.NaN, 0, 0) };
        Assert.Contains("joint 1", Assert.Throws<FarmException>(() => solver.Solve(bad)).Failure.Message);
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        void Refused(TissueOptions options, string name) =>
            Assert.Contains(name, Assert.Throws<FarmException>(() => new TissueSolver(limb, options)).Failure.Message);
        Refused(new TissueOptions { VolumeStiffness = 0.5 }, "VolumeStiffness is 0.5; it must be at least ShapeStiffness, which is 1");
        Refused(new TissueOptions { ShapeStiffness = 0 }, "ShapeStiffness");
        Refused(new TissueOptions { Steps = 0 }, "Steps");
        Refused(new TissueOptions { Iterations = 0 }, "Iterations");
        Refused(new TissueOptions { Acceleration = 1 }, "Acceleration");
        Refused(new TissueOptions { Tolerance = double.NaN }, "Tolerance");
        Refused(new TissueOptions { Solver = (TissueSolverKind)9 }, "Solver is 9");
    }
}
