using System.Numerics;
using System.Runtime.InteropServices;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Geometry;

/// <summary>
/// A reference to an immutable geometry with a transform: nothing is copied. Row vectors, <c>p' = p M</c>, as
/// <see cref="Matrix4x4"/> has it.
/// </summary>
public sealed record PackedPrimitive(GeometryData Geometry, Matrix4x4 Transform)
{
    public PackedPrimitive(GeometryData geometry) : this(geometry, Matrix4x4.Identity) { }

    internal ContentHash Hash
    {
        get
        {
            using var hasher = new ContentHasher("packed");
            hasher.Add(Geometry.Hash);
            var transform = Transform;
            hasher.Add(MemoryMarshal.Cast<Matrix4x4, float>(MemoryMarshal.CreateReadOnlySpan(ref transform, 1)));
            return hasher.Finish();
        }
    }

    public bool Equals(PackedPrimitive? other) => other is not null && Hash == other.Hash;

    public override int GetHashCode() => Hash.GetHashCode();
}

/// <summary>
/// A dense scalar field: float32 voxels <c>[nz, ny, nx]</c>, x fastest, with a matrix from voxel index to world (row vectors).
/// </summary>
public sealed class Volume
{
    /// <param name="name">What the field is, such as <c>density</c>.</param>
    /// <param name="resolution">Voxels along x, y, z; each at least 1.</param>
    /// <param name="indexToWorld">Maps (i, j, k, 1) to world.</param>
    /// <param name="voxels">Float32, tuple size 1, <c>[nx * ny * nz]</c>.</param>
    public Volume(string name, (int X, int Y, int Z) resolution, Matrix4x4 indexToWorld, AttributeValues voxels)
    {
        if (Check(name, resolution, voxels) is { } wrong) throw new ArgumentException(wrong);
        (Name, Resolution, IndexToWorld, Voxels) = (name, resolution, indexToWorld, voxels);
    }

    public string Name { get; }

    public (int X, int Y, int Z) Resolution { get; }

    public Matrix4x4 IndexToWorld { get; }

    public AttributeValues Voxels { get; }

    public float this[int x, int y, int z] => Voxels.Float32[(z * Resolution.Y + y) * Resolution.X + x];

    internal static string? Check(string name, (int X, int Y, int Z) resolution, AttributeValues voxels)
    {
        if (name.Length > Limits.MaxNameLength) return $"A volume's name has {name.Length} characters; at most {Limits.MaxNameLength}.";
        var (x, y, z) = resolution;
        if (x < 1 || y < 1 || z < 1) return $"Volume '{name}' has resolution {x} x {y} x {z}; each is at least 1.";
        if (voxels.Type != AttributeType.Float32 || voxels.TupleSize != 1 || (Int128)x * y * z != voxels.Count)
            return $"Volume '{name}' of {x} x {y} x {z} needs {(Int128)x * y * z} float32 voxels, not {voxels}.";
        return null;
    }

    internal ContentHash Hash
    {
        get
        {
            using var hasher = new ContentHasher("volume");
            hasher.Add(Name);
            hasher.Add(Resolution.X);
            hasher.Add(Resolution.Y);
            hasher.Add(Resolution.Z);
            var matrix = IndexToWorld;
            hasher.Add(MemoryMarshal.Cast<Matrix4x4, float>(MemoryMarshal.CreateReadOnlySpan(ref matrix, 1)));
            hasher.Add(Voxels.Hash);
            return hasher.Finish();
        }
    }
}
