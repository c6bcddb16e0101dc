using System.Text;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue;

/// <summary>A named array of a documented shape, for NPZ and for other solvers.</summary>
/// <param name="Name">Key in the file.</param>
/// <param name="Shape">Sizes of the axes; the last one varies fastest.</param>
/// <param name="Values">double[], int[] or byte[].</param>
public sealed record NamedArray(string Name, int[] Shape, Array Values);

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
        new("vertices", [c.VertexCount, 3], c.Vertices),
        new("tets", [c.TetCount, 4], c.Tets),
        new("rest_inverse", [c.TetCount, 3, 3], c.RestInverse),
        new("volumes", [c.TetCount], c.Volumes),
        new("pin_vertices", [c.PinVertices.Length], c.PinVertices),
        new("pin_joints", [c.PinJoints.Length], c.PinJoints),
        new("pin_offsets", [c.PinVertices.Length, 3], c.PinOffsets),
        new("skin_tets", [c.SkinPointCount], c.SkinTets),
        new("skin_weights", [c.SkinPointCount, 4], c.SkinWeights),
        Names(c.JointNames),
        new("joint_parents", [c.JointCount], c.JointParents),
        new("joint_binds", [c.JointCount, 3, 4], Rows(c.JointBinds)),
        new("element_size", [1], new[] { c.ElementSize }),
        new("diagonal", [1], new[] { c.Diagonal }),
    ];

    public static IReadOnlyList<NamedArray> Of(TissueResult result, ReadOnlySpan<Affine> targets, TissueOptions options) =>
    [
        new("joint_transforms", [targets.Length, 3, 4], Rows(targets)),
        new("cage", [result.Cage.Length / 3, 3], result.Cage),
        new("skin", [result.Skin.Length / 3, 3], result.Skin),
        new("energy", [1], new[] { result.Energy }),
        new("residual", [1], new[] { result.Residual }),
        new("stiffness", [2], new[] { options.ShapeStiffness, options.VolumeStiffness }),
        new("body_force", [3], new[] { options.BodyForce.X, options.BodyForce.Y, options.BodyForce.Z }),
    ];

    static NamedArray Names(string[] names)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Join('\n', names));
        return new("joint_names", [bytes.Length], bytes);
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
