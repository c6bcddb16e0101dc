using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;

namespace ExampleMlFarm.Nodes.Rigs;

/// <summary>
/// A pose as geometry, in the manner of skeletons as geometry: one point per joint with <c>name</c>, position and transform, one
/// open polygon from each joint to its parent. The exact local transforms travel in <c>localtransform</c> (row-major 3×4, double).
/// </summary>
public static class PoseGeometry
{
    private const string Name = "name", Transform = "transform", LocalTransform = "localtransform";

    /// <summary>The geometry of a pose.</summary>
    public static GeometryData Of(Pose pose)
    {
        var skeleton = pose.Skeleton;
        int joints = skeleton.JointCount;
        var position = new float[3 * joints];
        var transform = new float[9 * joints];
        var local = new double[12 * joints];
        var builder = new GeometryBuilder();
        Span<double> matrix = stackalloc double[16];
        for (int j = 0; j < joints; j++)
        {
            pose.World[j].WriteRowMajor4x4(matrix);
            for (int r = 0; r < 3; r++)
            {
                position[3 * j + r] = (float)matrix[4 * r + 3];
                for (int c = 0; c < 3; c++) transform[9 * j + 3 * r + c] = (float)matrix[4 * r + c];
            }
            pose.Local[j].WriteRowMajor4x4(matrix);
            matrix[..12].CopyTo(local.AsSpan(12 * j));
        }
        builder.AddPoints(position);
        for (int j = 0; j < joints; j++)
            if (skeleton.Parents[j] >= 0) builder.AddPolyline([skeleton.Parents[j], j]);
        builder.Set(AttributeClass.Point, Name, AttributeValues.Of((string[])skeleton.Names.Clone()));
        builder.Set(AttributeClass.Point, Transform, AttributeValues.Of(transform, 9));
        builder.Set(AttributeClass.Point, LocalTransform, AttributeValues.Of(local, 12));
        return builder.Build();
    }

    /// <summary>The pose that a geometry holds, of a skeleton with the same joint names in the same order.</summary>
    /// <exception cref="FarmException"><c>pose.joints</c>: the geometry is no pose of this skeleton.</exception>
    public static Pose Read(GeometryData geometry, Skeleton skeleton)
    {
        var names = geometry.Require(AttributeClass.Point, Name, AttributeType.String, 1).Strings;
        if (names.Length != skeleton.JointCount)
            throw FarmException.Invalid("pose.joints", $"the pose has {names.Length} joints and the character {skeleton.JointCount}: they must be of the same skeleton");
        for (int j = 0; j < names.Length; j++)
            if (names[j] != skeleton.Names[j])
                throw FarmException.Invalid("pose.joints", $"joint {j} of the pose is '{names[j]}' and of the character '{skeleton.Names[j]}': they must be of the same skeleton");
        var values = geometry.Require(AttributeClass.Point, LocalTransform, AttributeType.Float64, 12).Float64;
        var local = new Affine[names.Length];
        Span<double> matrix = stackalloc double[16];
        matrix[15] = 1;
        for (int j = 0; j < local.Length; j++)
        {
            values.Slice(12 * j, 12).CopyTo(matrix);
            local[j] = Affine.FromRowMajor4x4(matrix);
            if (!local[j].IsFinite) throw FarmException.Invalid("pose.not_finite", $"the transform of joint '{names[j]}' holds a value that is not finite");
        }
        return Pose.FromLocal(skeleton, local);
    }
}
