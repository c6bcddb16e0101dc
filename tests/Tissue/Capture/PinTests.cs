using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Simulation.Tissue;
using ExampleMlFarm.Simulation.Tissue.Cage;
using ExampleMlFarm.Tests.Tissue.Meshes;

namespace ExampleMlFarm.Tests.Tissue.Capture;

public sealed class PinTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    [InlineData(0.6)]
    [InlineData(1.0)]
    public void Every_joint_gets_four_pins_off_a_line_whatever_the_thickness(double thickness)
    {
        var (points, triangles) = Limb.Skin();
        var capture = TissueCapture.Build(points, triangles, Limb.Joints(boneRadius: 0), new CaptureOptions { Resolution = 25, PinThickness = thickness, PinReach = 1.25 });
        for (var j = 0; j < 3; j++)
        {
            var pins = Enumerable.Range(0, capture.PinVertices.Length).Where(i => capture.PinJoints[i] == j).Select(i => capture.PinVertices[i]).ToList();
            Assert.True(pins.Count >= 4);
            Assert.True(CagePins.Spread(pins, capture.Vertices) >= 0.35 * capture.ElementSize);
        }
    }

    [Fact]
    public void Pins_on_a_line_are_refused_with_the_joint()
    {
        // The box is one cube thick and the bone runs along an edge of the cubes, out of reach of the others.
        var (points, triangles) = Limb.Skin();
        var failure = Assert.Throws<FarmException>(() => TissueCapture.Build(points, triangles, Limb.Joints(boneRadius: 0),
            new CaptureOptions { ElementSize = 0.2, PinThickness = 0.05, PinReach = 0.05 })).Failure;
        Assert.Equal("capture.pins", failure.Code);
        Assert.Contains("'upper'", failure.Message);
        Assert.Contains("to pass a twist", failure.Message);
    }

    [Fact]
    public void Spread_of_a_line_is_nothing_and_of_a_square_half_its_edge()
    {
        double[] vertices = [0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 0, 1, 0, 1, 1, 0];
        Assert.Equal(0, CagePins.Spread([0, 1, 2, 3], vertices), 1e-12);
        Assert.Equal(0.5, CagePins.Spread([0, 1, 4, 5], vertices), 1e-12);
    }

    [Fact]
    public void Pin_offsets_put_the_pins_back_at_the_capture_pose()
    {
        var capture = Limb.Capture(20);
        for (var i = 0; i < capture.PinVertices.Length; i++)
            Assert.True(Vector3d.Distance(
                capture.JointBinds[capture.PinJoints[i]].TransformPoint(Vector3d.Read(capture.PinOffsets, i)),
                Vector3d.Read(capture.Vertices, capture.PinVertices[i])) < 1e-12);
    }

    [Fact]
    public void Bones_of_a_rig_run_from_joint_to_child_and_through_the_last_skin()
    {
        Affine[] binds = [Affine.Identity, Affine.FromTranslation(new(1, 0, 0)), Affine.FromTranslation(new(2, 0, 0)), Affine.FromTranslation(new(0, 5, 0))];
        double[] points = [0.5, 0, 0, 1.5, 0, 0, 2.2, 0, 0, 2.4, 0, 0];
        var bones = BoneSegments.FromSkeleton(binds, [-1, 0, 1, 0], points, [0, 1, 2, 2], [1, 1, 1, 1], radius: 0.1, trim: 0.1);
        Assert.Empty(bones[3]);
        Assert.Equal(0.1, bones[0].Single().Start.X, 1e-12);
        Assert.Equal(0.9, bones[0].Single().End.X, 1e-12);
        Assert.Equal(2 + 0.3 * 1.5, bones[2].Single().End.X, 1e-12);
        Assert.Equal(0.1, bones[1].Single().Radius);
    }
}
