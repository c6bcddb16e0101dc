using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>
/// A skinned character: welded skin points and triangles in the bind pose, weights, skeleton, bones inside, animation clips,
/// and the mesh of its file for export. Knows no simulation and no model.
/// </summary>
public sealed class Character
{
    /// <exception cref="FarmException">The mesh is empty, or a position is not finite.</exception>
    public Character(
        string name, double[] restPoints, int[] triangles, SkinWeights skin, Skeleton skeleton,
        IReadOnlyList<BoneSegment> bones, IReadOnlyList<Clip> clips, OriginalMesh original)
    {
        if (restPoints.Length == 0 || triangles.Length == 0)
            throw FarmException.Invalid("rig.empty_mesh", $"Character \"{name}\" has {restPoints.Length / 3} points and {triangles.Length / 3} triangles; it needs a skin with at least one triangle.");
        if (skin.PointCount != restPoints.Length / 3)
            throw new ArgumentException($"{skin.PointCount} rows of weights for {restPoints.Length / 3} points.", nameof(skin));
        for (var i = 0; i < restPoints.Length; i++)
            if (!double.IsFinite(restPoints[i]))
                throw FarmException.Invalid("rig.not_finite", $"Point {i / 3} of character \"{name}\" has the coordinate {restPoints[i]}; all must be finite.");
        (Name, RestPoints, Triangles, Skin, Skeleton, Bones, Clips, Original) = (name, restPoints, triangles, skin, skeleton, bones, clips, original);
        (BoundsMin, BoundsMax) = Bounds(restPoints);
    }

    public string Name { get; }

    /// <summary><c>[points, 3]</c>, welded, world coordinates of the bind pose.</summary>
    public double[] RestPoints { get; }

    /// <summary><c>[triangles, 3]</c>, indices of points, counter-clockwise seen from outside.</summary>
    public int[] Triangles { get; }

    public SkinWeights Skin { get; }
    public Skeleton Skeleton { get; }
    public IReadOnlyList<BoneSegment> Bones { get; }
    public IReadOnlyList<Clip> Clips { get; }
    public OriginalMesh Original { get; }

    public int PointCount => RestPoints.Length / 3;
    public Vector3d BoundsMin { get; }
    public Vector3d BoundsMax { get; }

    /// <summary>Of the bounding box in the bind pose: the length that tolerances and errors are relative to.</summary>
    public double Diagonal => (BoundsMax - BoundsMin).Length;

    /// <exception cref="FarmException">No clip has this name; the message lists those there are.</exception>
    public Clip ClipNamed(string name) => Clips.FirstOrDefault(c => c.Name == name)
        ?? throw FarmException.Invalid("rig.no_clip", $"No clip is named \"{name}\". The clips are: {string.Join(", ", Clips.Select(c => c.Name))}.");

    /// <summary>
    /// SHA-256 in lower-case hexadecimals of all that decides how the skin follows the joints: points, triangles, weights,
    /// joint names, parents and bind transforms. Clips, bones and the file's own vertices do not count.
    /// </summary>
    public string SkinHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(MemoryMarshal.AsBytes<double>(RestPoints));
        Add(MemoryMarshal.AsBytes<int>(Triangles));
        Add(MemoryMarshal.AsBytes<int>(Skin.Joints));
        Add(MemoryMarshal.AsBytes<double>(Skin.Weights));
        Add(MemoryMarshal.AsBytes<int>(Skeleton.Parents));
        foreach (var joint in Skeleton.Names) Add(Encoding.UTF8.GetBytes(joint));
        Span<double> matrix = stackalloc double[16];
        foreach (var bind in Skeleton.BindWorld)
        {
            bind.WriteRowMajor4x4(matrix);
            Add(MemoryMarshal.AsBytes(matrix));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Add(ReadOnlySpan<byte> bytes)
        {
            // The length first, so that moving a value from one array to the next changes the hash.
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
    }

    /// <summary>Corners of the bounding box of points <c>[n, 3]</c>.</summary>
    public static (Vector3d Min, Vector3d Max) Bounds(ReadOnlySpan<double> points)
    {
        var min = new Vector3d(double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
        var max = -min;
        for (var i = 0; i < points.Length / 3; i++)
        {
            var p = Vector3d.Read(points, i);
            (min, max) = (Vector3d.Min(min, p), Vector3d.Max(max, p));
        }
        return (min, max);
    }
}
