using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;

namespace ExampleMlFarm.Tests.Geometry.Rigs;

public class LimbTests
{
    internal static readonly Character Limb = ExampleMlFarm.Geometry.Rigs.Limb.Create();

    [Fact]
    public void Limb_is_a_closed_surface_of_about_two_thousand_points_facing_outwards()
    {
        Assert.InRange(Limb.PointCount, 1900, 2100);
        Assert.Equal(Limb.PointCount, Limb.Original.VertexCount);
        Assert.Equal(new SurfaceTopology(0, 0, 2), SurfaceTopology.Of(Limb.Triangles));
        double sixVolumes = 0;
        for (var t = 0; t < Limb.Triangles.Length; t += 3)
            sixVolumes += Vector3d.Dot(P(t), Vector3d.Cross(P(t + 1), P(t + 2)));
        Assert.InRange(sixVolumes / 6, 0.003, 0.008);

        Vector3d P(int corner) => Vector3d.Read(Limb.RestPoints, Limb.Triangles[corner]);
    }

    [Fact]
    public void Limb_is_the_same_every_time() =>
        Assert.Equal(Limb.SkinHash(), ExampleMlFarm.Geometry.Rigs.Limb.Create().SkinHash());

    [Fact]
    public void Weights_change_smoothly_along_the_limb()
    {
        for (var t = 0; t < Limb.Triangles.Length; t += 3)
        {
            var (a, b) = (Row(Limb.Triangles[t]), Row(Limb.Triangles[t + 1]));
            for (var j = 0; j < 4; j++) Assert.InRange(Math.Abs(a[j] - b[j]), 0, 0.35);
        }

        static double[] Row(int point)
        {
            var row = new double[4];
            foreach (var (joint, weight) in Limb.Skin.Of(point)) row[joint] = weight;
            return row;
        }
    }

    [Fact]
    public void Bones_lie_inside_the_skin()
    {
        foreach (var bone in Limb.Bones)
            for (var p = 0; p < Limb.PointCount; p++)
                Assert.True(bone.DistanceToAxis(Vector3d.Read(Limb.RestPoints, p)) > bone.Radius + 0.003, $"{bone} {p}");
    }

    [Fact]
    public void Bones_of_every_joint_span_more_than_a_line()
    {
        for (var j = 0; j < Limb.Skeleton.JointCount; j++)
        {
            var ends = Limb.Bones.Where(b => b.Joint == j).SelectMany(b => new[] { b.Start, b.End }).ToList();
            var mean = ends.Aggregate(Vector3d.Zero, (a, b) => a + b) / ends.Count;
            var scatter = ends.Aggregate(Matrix3d.Zero, (m, e) => m + Matrix3d.Outer(e - mean, e - mean));
            Assert.True(Math.Sqrt(Svd3.Decompose(scatter).S.Y) > 0.02, Limb.Skeleton.Names[j]);
        }
    }
}
