using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>A way to write a rotation as numbers for a network, and to read a rotation from numbers that are only nearly one.</summary>
public sealed class RotationEncoding
{
    private delegate void Encoder(in Matrix3d rotation, Span<double> numbers);

    private delegate Matrix3d Decoder(ReadOnlySpan<double> numbers);

    private readonly Encoder encode;
    private readonly Decoder decode;

    private RotationEncoding(string name, int size, Encoder encode, Decoder decode) =>
        (Name, Size, this.encode, this.decode) = (name, size, encode, decode);

    /// <summary>All nine entries in [−1, 1], column after column (the axes in turn); decoded as the closest rotation.</summary>
    public static RotationEncoding Matrix9 { get; } = new("matrix9", 9,
        (in Matrix3d m, Span<double> n) => m.Transpose().WriteRowMajor(n),
        n => Svd3.ClosestRotation(Matrix3d.FromRowMajor(n).Transpose()));

    /// <summary>The first two columns (Zhou et al. 2019, "On the continuity of rotation representations"); decoded by Gram–Schmidt.</summary>
    public static RotationEncoding SixD { get; } = new("sixd", 6,
        (in Matrix3d m, Span<double> n) => (n[0], n[1], n[2], n[3], n[4], n[5]) = (m.M00, m.M10, m.M20, m.M01, m.M11, m.M21),
        n => GramSchmidt(new Vector3d(n[0], n[1], n[2]), new Vector3d(n[3], n[4], n[5])));

    /// <summary>w, x, y, z with w ≥ 0; decoded by normalising.</summary>
    public static RotationEncoding Quaternion { get; } = new("quat", 4,
        (in Matrix3d m, Span<double> n) =>
        {
            var q = Quaterniond.FromMatrix(m);
            (n[0], n[1], n[2], n[3]) = (q.W, q.X, q.Y, q.Z);
        },
        n => new Quaterniond(n[0], n[1], n[2], n[3]).Normalized().ToMatrix());

    /// <summary>Axis times angle, at most π long (Grassia 1998).</summary>
    public static RotationEncoding ExponentialMap { get; } = new("expmap", 3,
        (in Matrix3d m, Span<double> n) => Three(RotationVector.Log(m), n),
        n => RotationVector.ExpMatrix(new Vector3d(n[0], n[1], n[2])));

    /// <summary>Angles in radians about the fixed axes, x first.</summary>
    public static RotationEncoding EulerXyz { get; } = new("euler", 3,
        (in Matrix3d m, Span<double> n) => Three(Euler.FromMatrix(m, RotationOrder.Xyz), n),
        n => Euler.ToMatrix(new Vector3d(n[0], n[1], n[2]), RotationOrder.Xyz));

    public static IReadOnlyList<RotationEncoding> All { get; } = [Matrix9, SixD, Quaternion, ExponentialMap, EulerXyz];

    public string Name { get; }

    /// <summary>Numbers per rotation.</summary>
    public int Size { get; }

    /// <exception cref="FarmException">No encoding has this name.</exception>
    public static RotationEncoding Named(string name) => All.FirstOrDefault(e => e.Name == name)
        ?? throw FarmException.Invalid("pose.encoding", $"No rotation encoding is named \"{name}\". Known are: {string.Join(", ", All.Select(e => e.Name))}.");

    public void Encode(in Matrix3d rotation, Span<double> numbers) => encode(rotation, numbers);

    /// <summary>Always a proper rotation, whatever the (finite) numbers are.</summary>
    public Matrix3d Decode(ReadOnlySpan<double> numbers) => decode(numbers);

    private static void Three(in Vector3d v, Span<double> n) => (n[0], n[1], n[2]) = (v.X, v.Y, v.Z);

    private static Matrix3d GramSchmidt(in Vector3d first, in Vector3d second)
    {
        var a = first.Normalized();
        if (a == Vector3d.Zero) a = Vector3d.UnitX;
        // Twice, because the first subtraction leaves rounding of the order of the second column's part along the first.
        var b = (second - a * Vector3d.Dot(a, second)).Normalized();
        b = (b - a * Vector3d.Dot(a, b)).Normalized();
        if (b == Vector3d.Zero) b = a.AnyPerpendicular();
        return Matrix3d.FromColumns(a, b, Vector3d.Cross(a, b));
    }
}
