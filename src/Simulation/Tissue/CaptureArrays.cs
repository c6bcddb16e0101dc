using System.Text;
using ExampleMlFarm.Geometry.Formats;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue;

/// <summary>Captures and solved poses as named arrays, so that any other solver can be run on the same problem.</summary>
/// <remarks>
/// Capture: <c>vertices</c> [n,3], <c>tets</c> [t,4] int32, <c>rest_inverse</c> [t,3,3] (row-major, F = Ds Dm^-1),
/// <c>volumes</c> [t], <c>pin_vertices</c> [p], <c>pin_joints</c> [p], <c>pin_offsets</c> [p,3] in joint frames,
/// <c>skin_tets</c> [s], <c>skin_weights</c> [s,4], <c>joint_names</c> uint8 (UTF-8, one per line), <c>joint_parents</c> [j],
/// <c>joint_binds</c> [j,3,4] (column vectors, translation last), <c>element_size</c> [1], <c>diagonal</c> [1].
/// Pose: <c>joint_transforms</c> [j,3,4], <c>cage</c> [n,3], <c>skin</c> [s,3], <c>energy</c> [1], <c>residual</c> [1], <c>stiffness</c> [2]
/// (mu, lambda), <c>body_force</c> [3].
/// </remarks>
public static class CaptureArrays
{
    public static IReadOnlyList<NamedArray> Of(TissueCapture c) =>
    [
        NamedArray.Of("vertices", c.Vertices, c.VertexCount, 3),
        NamedArray.Of("tets", c.Tets, c.TetCount, 4),
        NamedArray.Of("rest_inverse", c.RestInverse, c.TetCount, 3, 3),
        NamedArray.Of("volumes", c.Volumes, c.TetCount),
        NamedArray.Of("pin_vertices", c.PinVertices, c.PinVertices.Length),
        NamedArray.Of("pin_joints", c.PinJoints, c.PinJoints.Length),
        NamedArray.Of("pin_offsets", c.PinOffsets, c.PinVertices.Length, 3),
        NamedArray.Of("skin_tets", c.SkinTets, c.SkinPointCount),
        NamedArray.Of("skin_weights", c.SkinWeights, c.SkinPointCount, 4),
        Names(c.JointNames),
        NamedArray.Of("joint_parents", c.JointParents, c.JointCount),
        NamedArray.Of("joint_binds", Rows(c.JointBinds), c.JointCount, 3, 4),
        NamedArray.Of("element_size", new[] { c.ElementSize }, 1),
        NamedArray.Of("diagonal", new[] { c.Diagonal }, 1),
    ];

    public static IReadOnlyList<NamedArray> Of(TissueResult result, ReadOnlySpan<Affine> targets, TissueOptions options) =>
    [
        NamedArray.Of("joint_transforms", Rows(targets), targets.Length, 3, 4),
        NamedArray.Of("cage", result.Cage, result.Cage.Length / 3, 3),
        NamedArray.Of("skin", result.Skin, result.Skin.Length / 3, 3),
        NamedArray.Of("energy", new[] { result.Energy }, 1),
        NamedArray.Of("residual", new[] { result.Residual }, 1),
        NamedArray.Of("stiffness", new[] { options.ShapeStiffness, options.VolumeStiffness }, 2),
        NamedArray.Of("body_force", new[] { options.BodyForce.X, options.BodyForce.Y, options.BodyForce.Z }, 3),
    ];

    static NamedArray Names(string[] names)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Join('\n', names));
        return NamedArray.Of("joint_names", bytes);
    }

    static double[] Rows(ReadOnlySpan<Affine> transforms)
    {
        var rows = new double[12 * transforms.Length];
        Span<double> matrix = stackalloc double[16];
        for (var j = 0; j < transforms.Length; j++)
        {
            transforms[j].WriteRowMajor4x4(matrix);
            matrix[..12].CopyTo(rows.AsSpan(12 * j, 12));
        }
        return rows;
    }
}
