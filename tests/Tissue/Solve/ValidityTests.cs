using ExampleMlFarm.Simulation.Tissue;
using ExampleMlFarm.Tests.Tissue.Meshes;

namespace ExampleMlFarm.Tests.Tissue.Solve;

public sealed class ValidityTests
{
    static readonly TissueCapture limb = Limb.Capture(18);

    static TissueResult Result(int inverted = 0, double residual = 1e-6, double start = 1, double displacement = 0, double energy = 1, double coordinate = 0)
    {
        var cage = new double[3 * limb.VertexCount];
        cage[5] = coordinate;
        return Validity.Judge(new TissueResult
        {
            Cage = cage, Skin = [], Energy = energy, Residual = residual, StartResidual = start, Iterations = 3, FailedFactorisations = 0,
            InvertedTets = inverted, MaxDisplacement = displacement, InvalidReason = null,
        }, limb, new TissueOptions());
    }

    [Fact]
    [Trait("trap", "3")]
    public void Few_inverted_elements_are_no_failure_and_one_in_a_hundred_is()
    {
        Assert.True(Result(inverted: limb.TetCount / 100).IsValid);
        Assert.Contains("are inverted", Result(inverted: limb.TetCount / 100 + 1).InvalidReason);
    }

    [Fact]
    public void Residual_that_did_not_fall_is_a_failure_unless_it_is_below_the_tolerance()
    {
        Assert.Contains("residual fell", Result(residual: 0.02, start: 1).InvalidReason);
        Assert.True(Result(residual: 0.009, start: 1).IsValid);
        Assert.True(Result(residual: 9e-6, start: 9e-6).IsValid);
    }

    [Fact]
    public void Values_that_are_no_numbers_and_points_flung_away_are_failures()
    {
        Assert.Contains("not finite", Result(coordinate: double.NaN).InvalidReason);
        Assert.Contains("not finite", Result(energy: double.PositiveInfinity).InvalidReason);
        Assert.Contains("diagonals from its skinned place", Result(displacement: 0.51 * limb.Diagonal).InvalidReason);
        Assert.True(Result(displacement: 0.49 * limb.Diagonal).IsValid);
    }

    [Fact]
    [Trait("trap", "3")]
    public void Creased_elbow_with_inverted_elements_is_a_valid_pose()
    {
        var solver = new TissueSolver(limb, new TissueOptions { VolumeStiffness = 2 });
        var result = solver.Solve(Limb.Pose(135, 0, 0, 40));
        Assert.InRange(result.InvertedTets, 1, limb.TetCount / 100);
        Assert.True(result.IsValid, result.InvalidReason);
    }

    [Fact]
    public void Solver_stopped_early_says_how_far_the_residual_fell()
    {
        var result = new TissueSolver(limb, new TissueOptions { Iterations = 1 }).Solve(Limb.Pose(120, 40));
        Assert.Contains("in 3 iterations", result.InvalidReason);
        Assert.Equal(3, result.Iterations);
    }
}
