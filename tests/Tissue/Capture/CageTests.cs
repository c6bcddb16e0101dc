using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Simulation.Tissue;
using ExampleMlFarm.Simulation.Tissue.Cage;
using ExampleMlFarm.Tests.Tissue.Meshes;
using BoneSegment = ExampleMlFarm.Geometry.Rigs.BoneSegment;

namespace ExampleMlFarm.Tests.Tissue.Capture;

public sealed class CageTests
{
    static readonly TissueCapture limb = Limb.Capture(20);

    [Fact]
    public void Cage_holds_every_skin_point_and_its_weights_give_it_back()
    {
        var (points, _) = Limb.Skin();
        Assert.Equal(points.Length / 3, limb.SkinPointCount);
        for (var i = 0; i < limb.SkinPointCount; i++)
        {
            var sum = Vector3d.Zero;
            for (var k = 0; k < 4; k++)
            {
                Assert.True(limb.SkinWeights[4 * i + k] > -1e-9);
                sum += Vector3d.Read(limb.Vertices, limb.Tets[4 * limb.SkinTets[i] + k]) * limb.SkinWeights[4 * i + k];
            }
            Assert.True(Vector3d.Distance(sum, Vector3d.Read(points, i)) < 1e-12);
        }
        Assert.Equal(0, limb.Statistics.ExtrapolatedPoints);
    }

    [Fact]
    public void Tetrahedra_fill_their_cubes_and_share_whole_faces()
    {
        Assert.All(limb.Volumes, v => Assert.True(v > 0));
        Assert.Equal(limb.Statistics.Cubes * Math.Pow(limb.ElementSize, 3), limb.Volumes.Sum(), 1e-12);
        var faces = new Dictionary<(int, int, int), int>();
        for (var t = 0; t < limb.Tets.Length; t += 4)
            for (var skip = 0; skip < 4; skip++)
            {
                var f = Enumerable.Range(0, 4).Where(k => k != skip).Select(k => limb.Tets[t + k]).Order().ToArray();
                faces[(f[0], f[1], f[2])] = faces.GetValueOrDefault((f[0], f[1], f[2])) + 1;
            }
        Assert.All(faces.Values, n => Assert.InRange(n, 1, 2));
        // Two triangles on every side of a cube that has no neighbour, and no others: faces that do not match would be left over.
        var h = limb.ElementSize;
        var cubes = Enumerable.Range(0, limb.TetCount / 5).Select(c =>
        {
            var low = limb.Tets.AsSpan(20 * c, 20).ToArray().Select(v => Vector3d.Read(limb.Vertices, v)).Aggregate((p, q) => Vector3d.Min(p, q));
            return ((int)Math.Round(2 * low.X / h), (int)Math.Round(2 * low.Y / h), (int)Math.Round(2 * low.Z / h));
        }).ToHashSet();
        var open = cubes.Sum(c => new[] { (2, 0, 0), (-2, 0, 0), (0, 2, 0), (0, -2, 0), (0, 0, 2), (0, 0, -2) }
            .Count(d => !cubes.Contains((c.Item1 + d.Item1, c.Item2 + d.Item2, c.Item3 + d.Item3))));
        Assert.Equal(2 * open, faces.Values.Count(n => n == 1));
    }

    [Fact]
    public void Inverse_rest_matrices_turn_rest_edges_into_the_identity()
    {
        for (var t = 0; t < limb.TetCount; t += 17)
        {
            Vector3d Corner(int k) => Vector3d.Read(limb.Vertices, limb.Tets[4 * t + k]);
            var edges = Matrix3d.FromColumns(Corner(1) - Corner(0), Corner(2) - Corner(0), Corner(3) - Corner(0));
            var f = edges * Matrix3d.FromRowMajor(limb.RestInverse.AsSpan(9 * t, 9));
            Assert.True((f - Matrix3d.Identity).MaxAbs < 1e-12);
        }
    }

    [Fact]
    [Trait("trap", "8")]
    public void Cavity_of_a_hollow_box_stays_empty_with_one_winding_number_per_region()
    {
        var (outer, outerFaces) = ClosedMeshes.Box(new(0.1, 0.1, 0.1), new(7.9, 7.9, 7.9), 4);
        var (inner, innerFaces) = ClosedMeshes.Box(new(2.5, 2.5, 2.5), new(5.5, 5.5, 5.5));
        var hollow = innerFaces.Chunk(3).SelectMany(t => new[] { t[0] + outer.Length / 3, t[2] + outer.Length / 3, t[1] + outer.Length / 3 });
        var surface = SkinSurface.Build([.. outer, .. inner], [.. outerFaces, .. hollow], new CaptureOptions());
        var grid = CubeGrid.Cover(surface, 1);
        bool At(double x) => grid.CellOf(new Vector3d(x, 4.1, 4.1)) is var (i, j, k) && grid.IsFilled(grid.Index(i, j, k));
        Assert.Equal(0, WindingNumber.At(new Vector3d(4.1, 4.1, 4.1), surface), 1e-12);
        Assert.True(At(1.5));
        Assert.False(At(4.1));
        Assert.False(At(-0.5));
        Assert.True(At(7.0));
        Assert.False(At(8.5));
    }

    [Fact]
    public void Cage_of_a_ball_covers_it_and_little_more()
    {
        var (points, triangles) = ClosedMeshes.Capsule(1e-9, 1, 24, 24);
        var grid = CubeGrid.Cover(SkinSurface.Build(points, triangles, new CaptureOptions()), 0.1);
        var filled = Enumerable.Range(0, grid.CellCount).Count(grid.IsFilled) * 1e-3;
        var ball = 4 * Math.PI / 3;
        Assert.InRange(filled, ball * 0.98, ball * 1.35);
    }

    [Fact]
    [Trait("trap", "4")]
    public void Points_doubled_along_seams_do_not_open_the_skin()
    {
        var (points, triangles) = Limb.Skin();
        var torn = triangles.SelectMany(v => points.AsSpan(3 * v, 3).ToArray()).ToArray();
        var capture = TissueCapture.Build(torn, [.. Enumerable.Range(0, triangles.Length)], Limb.Joints(), new CaptureOptions { Resolution = 20 });
        Assert.Equal(triangles.Length, capture.SkinPointCount);
        Assert.Equal(points.Length / 3, capture.Statistics.WeldedPoints);
        Assert.Equal(limb.Vertices, capture.Vertices);
        Assert.Equal(limb.PinVertices, capture.PinVertices);
    }

    [Fact]
    public void Tiny_part_of_the_skin_gets_no_cage_and_its_points_follow_the_nearest_element()
    {
        var (points, triangles) = Limb.Skin();
        var (speck, speckFaces) = ClosedMeshes.Box(new(1, 0.6, 0), new(1.02, 0.62, 0.02));
        var capture = TissueCapture.Build([.. points, .. speck], [.. triangles, .. speckFaces.Select(v => v + points.Length / 3)], Limb.Joints(), new CaptureOptions { ElementSize = limb.ElementSize });
        Assert.Equal(1, capture.Statistics.DroppedComponents);
        Assert.True(capture.IsExtrapolated(capture.SkinPointCount - 1));
        Assert.Equal(speck.Length / 3, capture.Statistics.ExtrapolatedPoints);
        for (var i = 0; i < capture.SkinPointCount; i++) Assert.Equal(1, capture.SkinWeights.AsSpan(4 * i, 4).ToArray().Sum(), 1e-9);
    }

    [Theory]
    [InlineData(0.05, 1)]
    [InlineData(1.0, 0)]
    [Trait("trap", "9")]
    public void Cubes_that_hold_skin_of_bones_far_apart_are_counted(double gap, int least)
    {
        // Two fingers side by side, four joints apart through the palm.
        var (finger, faces) = ClosedMeshes.Capsule(1, 0.2, 16, 30);
        double[] Shifted(double y) => [.. finger.Select((v, i) => i % 3 == 1 ? v + y : v)];
        var joints = new List<TissueJoint>();
        void Add(string name, int parent, double x, double y, params BoneSegment[] bones) => joints.Add(new TissueJoint(name, parent, Affine.FromTranslation(new(x, y, 0)), bones));
        var other = 0.4 + gap;
        Add("palm", -1, -1, 0);
        Add("knuckle a", 0, 0, 0);
        Add("finger a", 1, 0, 0, new BoneSegment(2, new(0, 0, 0), new(1, 0, 0), 0.05));
        Add("knuckle b", 0, 0, other);
        Add("finger b", 3, 0, other, new BoneSegment(4, new(0, other, 0), new(1, other, 0), 0.05));
        var capture = TissueCapture.Build([.. finger, .. Shifted(other)], [.. faces, .. faces.Select(v => v + finger.Length / 3)], joints, new CaptureOptions { ElementSize = 0.13 });
        Assert.True(least == 0 ? capture.Statistics.GluedCubes == 0 : capture.Statistics.GluedCubes >= least, $"{capture.Statistics.GluedCubes} glued");
    }

    [Fact]
    public void Distance_in_the_skeleton_counts_edges()
    {
        TissueJoint Joint(int parent) => new("j", parent, Affine.Identity, []);
        TissueJoint[] joints = [Joint(-1), Joint(0), Joint(1), Joint(0), Joint(3), Joint(-1)];
        Assert.Equal(4, GluedCubes.Distance(2, 4, joints));
        Assert.Equal(2, GluedCubes.Distance(0, 2, joints));
        Assert.Equal(0, GluedCubes.Distance(3, 3, joints));
        Assert.Equal(int.MaxValue, GluedCubes.Distance(5, 2, joints));
    }
}
