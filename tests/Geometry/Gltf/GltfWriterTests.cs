using ExampleMlFarm.Geometry.Formats.Gltf;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Tests.Geometry.Rigs;
using SharpGLTF.Schema2;
using SharpGLTF.Validation;

namespace ExampleMlFarm.Tests.Geometry.Gltf;

public class GltfWriterTests
{
    private static Character Tiny => GltfReader.ReadCharacter(new TinyGlb { NodeBetween = true }.Bytes(), "tiny");

    private static GltfContent Content(Character c, int shapes) => new()
    {
        Colors = Enumerable.Range(0, 3 * c.PointCount).Select(i => i % 10 / 10f).ToArray(),
        Shapes = [.. Enumerable.Range(0, shapes).Select(k => new MorphShape($"shape {k}", Enumerable.Range(0, 3 * c.PointCount).Select(i => k + i * 0.01f).ToArray()))],
        Clips =
        [
            new GltfClip("play", [0, 0.5],
                [Pose.Bind(c.Skeleton), Pose.FromRotations(c.Skeleton, Enumerable.Range(0, c.Skeleton.JointCount).Select(j => RotationVector.Exp(new Vector3d(0.1 * j, 0.2, 0))).ToArray())],
                [new float[shapes], Enumerable.Range(0, shapes).Select(k => 0.1f * k).ToArray()]),
        ],
    };

    [Fact]
    public void Written_character_reads_back_the_same()
    {
        var c = Tiny;
        var back = GltfReader.ReadCharacter(GltfWriter.WriteCharacter(c, Content(c, 3)), "back");
        Assert.Equal(c.Skeleton.Names, back.Skeleton.Names);
        Assert.Equal(c.Skeleton.Parents, back.Skeleton.Parents);
        Assert.Equal(c.RestPoints, back.RestPoints);
        Assert.Equal(c.Triangles, back.Triangles);
        for (var p = 0; p < c.PointCount; p++) Assert.Equal(c.Skin.Of(p), back.Skin.Of(p));
        for (var j = 0; j < c.Skeleton.JointCount; j++)
            Assert.True(Affine.MaxDifference(c.Skeleton.BindWorld[j], back.Skeleton.BindWorld[j]) < 1e-6);
        var turned = RotationVector.Log(back.ClipNamed("play").Rotations[^1][2]);
        Assert.True((turned - new Vector3d(0.2, 0.2, 0)).Length < 1e-5, $"{turned}");
    }

    [Fact]
    public void Morph_targets_their_weights_and_colours_are_in_the_file()
    {
        var c = Tiny;
        var content = Content(c, 64);
        var model = ModelRoot.ParseGLB(GltfWriter.WriteCharacter(c, content), new ReadSettings { Validation = ValidationMode.Strict });
        var primitive = model.LogicalMeshes[0].Primitives[0];
        Assert.Equal(64, primitive.MorphTargetsCount);
        Assert.Equal(content.Shapes[5].Displacements[4], primitive.GetMorphTargetAccessors(5)["POSITION"].AsVector3Array()[1].Y);
        Assert.Equal(content.Colors![3], primitive.GetVertexAccessor("COLOR_0").AsVector3Array()[1].X);
        Assert.Equal(64, model.LogicalMeshes[0].MorphWeights.Count);
        var body = model.LogicalNodes.Single(n => n.Mesh is not null);
        var weights = body.GetCurveSamplers(model.LogicalAnimations[0]).GetMorphingSampler<float[]>().CreateCurveSampler().GetPoint(0.5f);
        Assert.Equal(Enumerable.Range(0, 64).Select(k => 0.1f * k), weights);
    }

    [Fact]
    public void Same_character_gives_the_same_bytes()
    {
        var c = Tiny;
        Assert.Equal(GltfWriter.WriteCharacter(c, Content(c, 2)), GltfWriter.WriteCharacter(c, Content(c, 2)));
    }

    [Fact]
    public void Fox_written_in_a_pose_is_where_skinning_puts_it()
    {
        var fox = GltfReader.ReadCharacter(SharedData.Fox());
        var pose = fox.ClipNamed("Run").PoseAt(fox.Skeleton, 7);
        var glb = GltfWriter.WriteCharacter(fox, new GltfContent { Clips = [new GltfClip("p", [0], [pose], [])] });
        var model = ModelRoot.ParseGLB(glb);
        var skin = model.LogicalSkins[0];
        for (var j = 0; j < fox.Skeleton.JointCount; j++)
        {
            var world = Affine.FromRowVectorMatrix(skin.GetJoint(j).Joint.GetWorldMatrix(model.LogicalAnimations[0], 0));
            Assert.True((world.Translation - pose.World[j].Translation).Length < 1e-3);
        }
    }
}
