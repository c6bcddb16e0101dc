using ExampleMlFarm.Geometry.Formats.Gltf;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;

namespace ExampleMlFarm.Tests.Geometry.Rigs;

public class BonesTests
{
    [Fact]
    public void Bones_derived_for_the_limb_follow_its_middle_and_leave_flesh()
    {
        var limb = LimbTests.Limb;
        var bones = Bones.FromJoints(limb.Skeleton, limb.Skin, limb.RestPoints);
        Assert.Equal([0, 1, 2, 3], bones.Select(b => b.Joint));
        Assert.All(bones, b => Assert.InRange(b.Radius, 0.004, 0.03));
        Assert.InRange(bones[3].End.X, 0.70, 0.80);
        for (var p = 0; p < limb.PointCount; p++) Assert.All(bones, b => Assert.True(b.DistanceToAxis(Vector3d.Read(limb.RestPoints, p)) > 0.2 * b.Radius));
    }

    [Fact]
    public void Every_joint_of_the_fox_with_skin_has_a_bone_of_some_thickness()
    {
        var fox = GltfReader.ReadCharacter(SharedData.Fox());
        var has = fox.Skin.JointsWithSkin(fox.Skeleton.JointCount);
        var withBones = fox.Bones.Select(b => b.Joint).ToHashSet();
        for (var j = 0; j < has.Length; j++) Assert.Equal(has[j], withBones.Contains(j));
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join("\n", fox.Bones.Select(b => $"{fox.Skeleton.Names[b.Joint]} {(b.End - b.Start).Length:F1} r {b.Radius:F2}")));
        Assert.All(fox.Bones, b => Assert.InRange(b.Radius / fox.Diagonal, 0.001, 0.06));
    }
}
