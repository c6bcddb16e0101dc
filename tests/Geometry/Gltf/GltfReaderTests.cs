using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Formats.Gltf;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Tests.Geometry.Rigs;

namespace ExampleMlFarm.Tests.Geometry.Gltf;

public class GltfReaderTests
{
    private static string Code(byte[] glb) => Caught(glb).Failure.Code;

    private static FarmException Caught(byte[] glb) => Assert.Throws<FarmException>(() => GltfReader.ReadCharacter(glb, "tiny"));

    [Fact]
    public void Tetrahedron_on_two_joints_is_read_with_weights_bind_pose_and_clip()
    {
        var c = GltfReader.ReadCharacter(new TinyGlb().Bytes(), "tiny", 4);
        Assert.Equal(["low", "high"], c.Skeleton.Names);
        Assert.Equal([-1, 0], c.Skeleton.Parents);
        Assert.Equal(new Vector3d(0, 2, 0), c.Skeleton.BindWorld[1].Translation);
        Assert.Equal(4, c.PointCount);
        Assert.True(SurfaceTopology.Of(c.Triangles).IsClosedManifold);
        Assert.Equal([(1, 0.75), (0, 0.25)], c.Skin.Of(3));
        var clip = c.ClipNamed("turn");
        Assert.Equal(5, clip.FrameCount);
        var half = RotationVector.Log(clip.Rotations[2][1]);
        Assert.True((half - Vector3d.UnitZ * (Math.PI / 4)).Length < 1e-6, $"{half}");
    }

    [Fact]
    public void Node_between_two_joints_becomes_a_joint_without_skin()
    {
        var c = GltfReader.ReadCharacter(new TinyGlb { NodeBetween = true }.Bytes(), "tiny");
        Assert.Equal(["low", "middle", "high"], c.Skeleton.Names);
        Assert.Equal(new Vector3d(0, 1, 0), c.Skeleton.BindWorld[1].Translation);
        Assert.Equal([true, false, true], c.Skin.JointsWithSkin(3));
    }

    [Fact]
    public void File_cut_in_half_is_reported_with_both_lengths()
    {
        var glb = new TinyGlb().Bytes();
        var failure = Caught(glb[..(glb.Length / 2)]).Failure;
        Assert.Equal("gltf.truncated", failure.Code);
        Assert.Contains($"{glb.Length} bytes", failure.Message);
    }

    [Fact]
    public void Mesh_without_a_skin_is_refused() => Assert.Equal("gltf.no_skin", Code(new TinyGlb { Skinned = false }.Bytes()));

    [Fact]
    public void Position_that_is_not_a_number_is_reported_with_its_vertex()
    {
        var failure = Caught(new TinyGlb { Positions = [0, 0, 0, 1, 0, 0, 0, float.NaN, 0, 0, 0, 1] }.Bytes()).Failure;
        Assert.Equal("rig.not_finite", failure.Code);
        Assert.Contains("vertex 2", failure.Message);
    }

    [Fact]
    public void Weights_that_do_not_sum_to_one_are_reported_with_vertex_and_sum()
    {
        var failure = Caught(new TinyGlb { Weights = [1, 0, 0, 0, 0.5f, 0.2f, 0, 0, 0, 1, 0, 0, 0.25f, 0.75f, 0, 0] }.Bytes()).Failure;
        Assert.Equal("rig.weights_sum", failure.Code);
        Assert.Contains("vertex 1 sum to 0.7", failure.Message);
    }

    [Fact]
    public void Weight_on_a_joint_that_does_not_exist_is_reported() =>
        Assert.Equal("rig.weight_joint", Code(new TinyGlb { Joints = [0, 1, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0] }.Bytes()));

    [Fact]
    public void Mesh_without_triangles_is_refused() =>
        Assert.Equal("rig.empty_mesh", Code(new TinyGlb { Positions = [], Weights = [], Joints = [], Indices = [] }.Bytes()));

    [Fact]
    public void Index_beyond_the_vertices_is_reported() =>
        Assert.Equal("gltf.index", Code(new TinyGlb { Indices = [0, 2, 1, 0, 1, 300] }.Bytes()));

    [Fact]
    public void Something_that_is_not_glTF_is_refused() => Assert.Equal("gltf.not_glb", Code(new byte[4000]));

    [Fact]
    public void Missing_file_is_named() =>
        Assert.Contains("nowhere.glb", Assert.Throws<FarmException>(() => GltfReader.ReadCharacter("nowhere.glb")).Failure.Message);

    [Fact]
    public void Damaged_bytes_give_a_failure_and_never_another_exception()
    {
        var random = new Random(7);
        var whole = new TinyGlb { NodeBetween = true }.Bytes();
        for (var i = 0; i < 1500; i++)
        {
            var bytes = (byte[])whole.Clone();
            for (var k = random.Next(1, 6); k > 0; k--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                GltfReader.ReadCharacter(bytes, "fuzz");
            }
            catch (FarmException)
            {
                // Some mutations leave a readable file; any other exception fails the test.
            }
        }
    }

    [Fact]
    [Trait("trap", "4")]
    public void Fox_welds_from_1728_vertices_to_a_closed_surface_of_290_points()
    {
        var fox = GltfReader.ReadCharacter(SharedData.Fox());
        Assert.Equal(1728, fox.Original.VertexCount);
        Assert.Equal(290, fox.PointCount);
        Assert.Equal(new SurfaceTopology(0, 0, 2), SurfaceTopology.Of(fox.Triangles));
        Assert.Equal(24, fox.Skeleton.JointCount);
        Assert.Equal(["Survey", "Walk", "Run"], fox.Clips.Select(c => c.Name));
        Assert.InRange(fox.Diagonal, 170, 180);
    }

    [Fact]
    public void Clip_puts_the_bones_of_the_fox_where_the_file_does_seen_from_its_hip()
    {
        var path = SharedData.Fox();
        var fox = GltfReader.ReadCharacter(path);
        var clip = fox.ClipNamed("Run");
        var model = SharpGLTF.Schema2.ModelRoot.Load(path);
        var animation = model.LogicalAnimations.Single(a => a.Name == "Run");
        foreach (var f in new[] { 0, 7, clip.FrameCount - 1 })
        {
            var pose = clip.PoseAt(fox.Skeleton, f);
            var hip = pose.World[fox.Skeleton.IndexOf("b_Hip_01")].Inverse();
            var fileHip = World("b_Hip_01").Inverse();
            foreach (var joint in new[] { "b_Tail03_014", "b_Head_05", "b_LeftHand_011", "b_RightFoot02_022" })
                Assert.True(Affine.MaxDifference(hip * pose.World[fox.Skeleton.IndexOf(joint)], fileHip * World(joint)) < 1e-2, joint);

            Affine World(string joint) => Affine.FromRowVectorMatrix(
                model.LogicalNodes.Single(n => n.Name == joint).GetWorldMatrix(animation, (float)clip.TimesSeconds[f]));
        }
    }
}
