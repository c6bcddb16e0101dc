using System.Diagnostics;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Simulation.Tissue;
using ExampleMlFarm.Simulation.Tissue.Cage;
using ExampleMlFarm.Tests.Tissue.Meshes;

namespace ExampleMlFarm.Tests.Tissue.Capture;

/// <summary>Traps of deformers that lie in the cage. Those that lie in the rig have tests of the same names in the geometry's project.</summary>
public sealed class DeformerTrapTests
{
    [Fact]
    [Trait("trap", "8")]
    public void Trap_8_what_is_inside_thirteen_thousand_points_is_found_in_seconds()
    {
        var (points, triangles) = ClosedMeshes.Capsule(1, 0.2, 100, 131);
        Assert.InRange(points.Length / 3, 12_900, 13_100);
        var surface = SkinSurface.Build(points, triangles, new CaptureOptions());
        double h = surface.Diagonal / 40;
        // One winding number, the unit that a test of every cell would pay for each of them.
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < 50; i++) Assert.Equal(1, WindingNumber.At(new Vector3d(0.01 * i, 0.01, 0.02), surface), 1e-9);
        double one = Stopwatch.GetElapsedTime(started).TotalSeconds / 50;
        started = Stopwatch.GetTimestamp();
        var grid = CubeGrid.Cover(surface, h);
        double all = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Assert.True(all < 0.1 * one * grid.CellCount, $"the grid of {grid.CellCount} cells took {all:F2} s, a winding number {one * 1e3:F2} ms");
        double volume = Enumerable.Range(0, grid.CellCount).Count(grid.IsFilled) * h * h * h, capsule = Math.PI * 0.04 + 4 * Math.PI / 3 * 0.008;
        Assert.InRange(volume / capsule, 1, 1.6);
    }

    [Theory]
    [Trait("trap", "9")]
    [InlineData(8, false)]
    [InlineData(40, true)]
    public void Trap_9_a_cage_too_coarse_for_a_thin_limb_is_refused_with_the_joint_and_a_finer_one_holds_it(double resolution, bool holds)
    {
        // A thin leg as it stands on a wide body.
        var (points, triangles) = ClosedMeshes.Capsule(1, 0.03, 16, 60);
        TissueJoint[] joints =
        [
            new("thigh", -1, Affine.FromTranslation(new(0, 0, 0)), [new BoneSegment(0, new(0, 0, 0), new(0.45, 0, 0), 0.005)]),
            new("shin", 0, Affine.FromTranslation(new(0.5, 0, 0)), [new BoneSegment(1, new(0.55, 0, 0), new(0.9, 0, 0), 0.005)]),
        ];
        TissueCapture Build() => TissueCapture.Build(points, triangles, joints, new CaptureOptions { Resolution = resolution, PinReach = 0.6 });
        if (!holds)
        {
            var failure = Assert.Throws<FarmException>(Build).Failure;
            Assert.Equal("capture.pins", failure.Code);
            Assert.Contains("smaller element size", failure.Message, StringComparison.Ordinal);
            Assert.Contains("'thigh'", failure.Message, StringComparison.Ordinal);
            return;
        }
        var capture = Build();
        Assert.All([0, 1], j => Assert.True(capture.PinJoints.Count(p => p == j) >= 4));
        Assert.Equal(40, new CaptureOptions().Resolution);
    }
}
