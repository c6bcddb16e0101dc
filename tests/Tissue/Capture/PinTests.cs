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
    [Trait("trap", "1")]
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
    [Trait("trap", "1")]
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
    public void Vertices_between_two_bones_stay_free_so_that_flesh_can_fold()
    {
        var (points, triangles) = Limb.Skin();
        var joints = Limb.Joints(boneRadius: 0.08);
        TissueCapture With(double separation) => TissueCapture.Build(points, triangles, joints, new CaptureOptions { Resolution = 25, PinSeparation = separation });
        var capture = With(0.8);
        Assert.Equal(0, capture.Statistics.ReachedPins);
        Assert.True(capture.PinVertices.Length < With(0).PinVertices.Length);
        for (var i = 0; i < capture.PinVertices.Length; i++)
        {
            var (joint, own, other) = CagePins.Nearest(Vector3d.Read(capture.Vertices, capture.PinVertices[i]), joints);
            Assert.Equal(joint, capture.PinJoints[i]);
            Assert.True(own <= 0.4 * capture.ElementSize + 1e-12 && other - own >= 0.8 * capture.ElementSize - 1e-12);
        }
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
}
