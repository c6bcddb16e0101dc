using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Simulation.Tissue;
using ExampleMlFarm.Tests.Tissue.Meshes;

namespace ExampleMlFarm.Tests.Tissue.Capture;

public sealed class BadSkinTests
{
    static Failure Refused(double[] points, int[] triangles, IReadOnlyList<TissueJoint>? joints = null, CaptureOptions? options = null)
    {
        var failure = Assert.Throws<FarmException>(() => TissueCapture.Build(points, triangles, joints ?? Limb.Joints(), options ?? new CaptureOptions { Resolution = 15 })).Failure;
        Assert.Equal(FailureClass.InvalidInput, failure.Class);
        return failure;
    }

    [Fact]
    public void Empty_mesh_is_refused()
    {
        Assert.Equal("capture.empty_skin", Refused([], []).Code);
        Assert.Equal("capture.empty_skin", Refused([0, 0, 0], []).Code);
        Assert.Equal("capture.empty_skin", Refused([0, 0, 0, 1, 1, 1], [0, 1, 1]).Code);
        Assert.Equal("capture.flat_skin", Refused([1, 1, 1, 1, 1, 1, 1, 1, 1], [0, 1, 2]).Code);
    }

    [Fact]
    public void Hole_is_refused_with_its_edge()
    {
        var (points, triangles) = Limb.Skin();
        var failure = Refused(points, triangles[3..]);
        Assert.Equal("capture.open_skin", failure.Code);
        var corners = triangles[..3].Order().ToArray();
        Assert.Contains($"edge {corners[0]}-{corners[1]} from (-0.25, 0, 0)", failure.Message);
    }

    [Fact]
    public void Third_triangle_at_an_edge_is_refused_with_the_edge()
    {
        var (points, triangles) = ClosedMeshes.Box(new(0, -0.2, -0.2), new(2.4, 0.2, 0.2));
        var failure = Refused([.. points, 5, 5, 5], [.. triangles, triangles[0], triangles[1], points.Length / 3]);
        Assert.Equal("capture.non_manifold_skin", failure.Code);
        Assert.Contains("belongs to 3 triangles", failure.Message);
    }

    [Fact]
    public void Triangle_turned_inside_out_is_refused()
    {
        var (points, triangles) = Limb.Skin();
        (triangles[1], triangles[2]) = (triangles[2], triangles[1]);
        Assert.Equal("capture.mixed_orientation", Refused(points, triangles).Code);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Coordinate_that_is_no_number_is_refused_with_its_point(double bad)
    {
        var (points, triangles) = Limb.Skin();
        points[3 * 17 + 1] = bad;
        var failure = Refused(points, triangles);
        Assert.Equal("capture.point", failure.Code);
        Assert.Contains("Point 17", failure.Message);
    }

    [Fact]
    public void Corner_outside_the_points_is_refused()
    {
        var (points, triangles) = Limb.Skin();
        triangles[5] = points.Length / 3;
        Assert.Equal("capture.corner", Refused(points, triangles).Code);
        triangles[5] = -1;
        Assert.Equal("capture.corner", Refused(points, triangles).Code);
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        var (points, triangles) = Limb.Skin();
        Assert.Contains("Resolution is 0", Refused(points, triangles, options: new CaptureOptions { Resolution = 0 }).Message);
        Assert.Contains("ElementSize is -1", Refused(points, triangles, options: new CaptureOptions { ElementSize = -1 }).Message);
        Assert.Contains("PinThickness", Refused(points, triangles, options: new CaptureOptions { PinThickness = double.NaN }).Message);
        Assert.Equal("capture.element_size", Refused(points, triangles, options: new CaptureOptions { ElementSize = 1e-4 }).Code);
    }

    [Fact]
    public void Rig_without_bones_or_order_is_refused()
    {
        var (points, triangles) = Limb.Skin();
        Assert.Equal("capture.no_joints", Refused(points, triangles, []).Code);
        Assert.Equal("capture.no_bones", Refused(points, triangles, [new TissueJoint("a", -1, Affine.Identity, [])]).Code);
        Assert.Equal("capture.joint_order", Refused(points, triangles, [new TissueJoint("a", 0, Affine.Identity, [])]).Code);
        Assert.Equal("capture.joint_bind", Refused(points, triangles, [new TissueJoint("a", -1, default, [new(0, default, default, 1)])]).Code);
        Assert.Contains("names joint 3", Refused(points, triangles, [new TissueJoint("a", -1, Affine.Identity, [new(3, default, default, 1)])]).Message);
    }

    [Fact]
    public void Piece_that_no_bone_reaches_is_refused_or_left_out_below_the_threshold()
    {
        var (points, triangles) = Limb.Skin();
        var (far, farFaces) = ClosedMeshes.Box(new(0, 3, 0), new(0.5, 3.5, 0.5));
        double[] both = [.. points, .. far];
        int[] faces = [.. triangles, .. farFaces.Select(v => v + points.Length / 3)];
        Assert.Equal("capture.loose_part", Refused(both, faces).Code);
        var capture = TissueCapture.Build(both, faces, Limb.Joints(), new CaptureOptions { Resolution = 15, RelativeVolumeThreshold = 0.2 });
        Assert.True(capture.Statistics.DroppedCubes + capture.Statistics.DroppedComponents > 0);
    }
}
