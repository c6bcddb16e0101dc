using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Geometry;

/// <summary>What a primitive is. The numbers are part of the binary form.</summary>
public enum PrimitiveKind : byte
{
    /// <summary>Closed polygon of at least three vertices.</summary>
    Polygon = 0,
    /// <summary>Open polygon of at least two vertices, such as a bone from parent to child.</summary>
    Polyline = 1,
    /// <summary>Tetrahedron: four vertices, positive volume when (b-a) x (c-a) . (d-a) is positive.</summary>
    Tetrahedron = 2,
    /// <summary>A reference to another geometry with a transform; no vertices.</summary>
    Packed = 3,
    /// <summary>Dense scalar volume; no vertices.</summary>
    Volume = 4,
}

/// <summary>
/// How many points there are and how primitives connect them. Knows no positions, so the frames of a simulation share one.
/// </summary>
/// <remarks>
/// Immutable; arrays are taken over without a copy. Vertices of primitive <c>i</c> are <c>VertexStarts[i] .. VertexStarts[i+1]</c>
/// and refer to points by <c>VertexPoints</c>.
/// </remarks>
public sealed class Topology
{
    public static readonly Topology Empty = new(0, [], [0], []);
    private readonly PrimitiveKind[] _kinds;
    private readonly int[] _starts;
    private readonly int[] _points;
    private object? _hash;

    private Topology(int pointCount, PrimitiveKind[] kinds, int[] vertexStarts, int[] vertexPoints) =>
        (PointCount, _kinds, _starts, _points) = (pointCount, kinds, vertexStarts, vertexPoints);

    public int PointCount { get; }

    public int VertexCount => _points.Length;

    public int PrimitiveCount => _kinds.Length;

    public ReadOnlySpan<PrimitiveKind> Kinds => _kinds;

    /// <summary><c>[primitives + 1]</c></summary>
    public ReadOnlySpan<int> VertexStarts => _starts;

    /// <summary><c>[vertices]</c>: point index of each vertex.</summary>
    public ReadOnlySpan<int> VertexPoints => _points;

    /// <summary>The point indices of primitive <paramref name="primitive"/>.</summary>
    public ReadOnlySpan<int> PointsOf(int primitive) => _points.AsSpan(_starts[primitive].._starts[primitive + 1]);

    /// <summary>True when every primitive is of this kind (and there is at least one).</summary>
    public bool ConsistsOf(PrimitiveKind kind) => _kinds.Length > 0 && !_kinds.AsSpan().ContainsAnyExcept(kind);

    /// <summary>Points without primitives.</summary>
    public static Topology PointCloud(int pointCount) => Create(pointCount, [], [0], []);

    /// <summary>Polygons of equal size, from a flat list of point indices <c>[polygons * vertices_per_polygon]</c>.</summary>
    public static Topology Polygons(int pointCount, int[] pointIndices, int verticesPerPolygon = 3) =>
        Uniform(PrimitiveKind.Polygon, pointCount, pointIndices, verticesPerPolygon);

    /// <summary>Tetrahedra, from a flat list of point indices <c>[tets * 4]</c>.</summary>
    public static Topology Tetrahedra(int pointCount, int[] pointIndices) =>
        Uniform(PrimitiveKind.Tetrahedron, pointCount, pointIndices, 4);

    /// <summary>A list of packed primitives or volumes only.</summary>
    public static Topology WithoutVertices(PrimitiveKind kind, int count) =>
        Create(0, Enumerable.Repeat(kind, count).ToArray(), new int[count + 1], []);

    /// <exception cref="ArgumentException">What is wrong, by <see cref="Check"/>.</exception>
    public static Topology Create(int pointCount, PrimitiveKind[] kinds, int[] vertexStarts, int[] vertexPoints) =>
        Check(pointCount, kinds, vertexStarts, vertexPoints) is { } wrong
            ? throw new ArgumentException(wrong)
            : new(pointCount, kinds, vertexStarts, vertexPoints);

    /// <summary>Says what is wrong with such a topology, or null.</summary>
    internal static string? Check(int pointCount, PrimitiveKind[] kinds, int[] starts, int[] points)
    {
        if (pointCount < 0) return $"The point count is negative: {pointCount}.";
        if (starts.Length != kinds.Length + 1 || starts[0] != 0 || starts[^1] != points.Length)
            return $"{kinds.Length} primitives need {kinds.Length + 1} vertex starts from 0 to {points.Length}.";
        for (var i = 0; i < kinds.Length; i++)
        {
            var vertices = (long)starts[i + 1] - starts[i];
            var fits = kinds[i] switch
            {
                PrimitiveKind.Polygon => vertices >= 3,
                PrimitiveKind.Polyline => vertices >= 2,
                PrimitiveKind.Tetrahedron => vertices == 4,
                PrimitiveKind.Packed or PrimitiveKind.Volume => vertices == 0,
                _ => false,
            };
            if (!fits) return $"Primitive {i} ({kinds[i]}) has {vertices} vertices.";
        }
        for (var v = 0; v < points.Length; v++)
            if ((uint)points[v] >= (uint)pointCount)
                return $"Vertex {v} refers to point {points[v]}; there are {pointCount} points.";
        return null;
    }

    public ContentHash Hash
    {
        get
        {
            if (Volatile.Read(ref _hash) is ContentHash known) return known;
            using var hasher = new ContentHasher("topology");
            hasher.Add(PointCount);
            hasher.Add<PrimitiveKind>(_kinds);
            hasher.Add<int>(_starts);
            hasher.Add<int>(_points);
            var hash = hasher.Finish();
            Volatile.Write(ref _hash, hash);
            return hash;
        }
    }

    private static Topology Uniform(PrimitiveKind kind, int pointCount, int[] pointIndices, int size)
    {
        if (size < 1 || pointIndices.Length % size != 0)
            throw new ArgumentException($"{pointIndices.Length} point indices are not a multiple of {size}.", nameof(pointIndices));
        var count = pointIndices.Length / size;
        var starts = new int[count + 1];
        for (var i = 1; i <= count; i++) starts[i] = i * size;
        return Create(pointCount, Enumerable.Repeat(kind, count).ToArray(), starts, pointIndices);
    }
}
