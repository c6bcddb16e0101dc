namespace ExampleMlFarm.Geometry.Contributions;

public enum ContributionKind
{
    Point,
    Volume,
}

/// <summary>How the voxels of a volume follow each other in a vector.</summary>
public enum VoxelOrder
{
    /// <summary>x fastest, as volumes are stored.</summary>
    Zyx,
    /// <summary>z fastest.</summary>
    Xyz,
}

/// <summary>
/// One part of a component that goes into its vector: a point attribute with its tuple size, or a volume with its resolution.
/// </summary>
public sealed record Contribution
{
    private Contribution(ContributionKind kind, string name, int tupleSize, (int X, int Y, int Z) resolution)
    {
        if (name.Length is 0 or > Limits.MaxNameLength)
            throw new ArgumentException($"A contribution's name has 1 to {Limits.MaxNameLength} characters, not {name.Length}.", nameof(name));
        (Kind, Name, TupleSize, Resolution) = (kind, name, tupleSize, resolution);
    }

    public ContributionKind Kind { get; }

    public string Name { get; }

    /// <summary>Values per point, 1 to 16; 1 for a volume.</summary>
    public int TupleSize { get; }

    /// <summary>Voxels along x, y, z; (0, 0, 0) for a point attribute.</summary>
    public (int X, int Y, int Z) Resolution { get; }

    public static Contribution Point(string name, int tupleSize) => tupleSize is >= 1 and <= Limits.MaxTupleSize
        ? new(ContributionKind.Point, name, tupleSize, default)
        : throw new ArgumentOutOfRangeException(nameof(tupleSize), tupleSize, $"The tuple size lies in 1..{Limits.MaxTupleSize}.");

    public static Contribution Volume(string name, int x, int y, int z) => x >= 1 && y >= 1 && z >= 1 && (Int128)x * y * z <= Array.MaxLength
        ? new(ContributionKind.Volume, name, 1, (x, y, z))
        : throw new ArgumentOutOfRangeException(nameof(x), $"A resolution of {x} x {y} x {z} is not possible.");

    /// <summary>Values in the vector of a component with <paramref name="pointCount"/> points.</summary>
    public long Size(int pointCount) =>
        Kind == ContributionKind.Point ? (long)pointCount * TupleSize : (long)Resolution.X * Resolution.Y * Resolution.Z;

    public override string ToString() => Kind == ContributionKind.Point
        ? $"point '{Name}' [{TupleSize}]"
        : $"volume '{Name}' {Resolution.X} x {Resolution.Y} x {Resolution.Z}";
}
