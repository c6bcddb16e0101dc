using System.Numerics;
using System.Runtime.InteropServices;

namespace ExampleMlFarm.Geometry;

/// <summary>Collects points, primitives, attributes and groups, and makes one immutable geometry of them.</summary>
/// <remarks>Not for several threads. Arrays given as attributes are taken over at <see cref="Build"/>.</remarks>
public sealed class GeometryBuilder
{
    private readonly List<float> _positions = [];
    private readonly List<PrimitiveKind> _kinds = [];
    private readonly List<int> _starts = [0];
    private readonly List<int> _vertexPoints = [];
    private readonly List<object?> _payloads = [];
    private readonly List<(AttributeClass Of, string Name, AttributeValues Values)> _attributes = [];
    private readonly List<(AttributeClass Of, string Name, ElementGroup Group)> _groups = [];
    private bool _hasPayloads;

    public int PointCount => _positions.Count / 3;

    public int PrimitiveCount => _kinds.Count;

    /// <returns>The index of the new point.</returns>
    public int AddPoint(float x, float y, float z)
    {
        _positions.AddRange([x, y, z]);
        return PointCount - 1;
    }

    /// <param name="positions">Float32 <c>[points, 3]</c>; copied.</param>
    /// <returns>The index of the first new point.</returns>
    public int AddPoints(ReadOnlySpan<float> positions)
    {
        if (positions.Length % 3 != 0) throw new ArgumentException($"{positions.Length} coordinates are not a multiple of 3.", nameof(positions));
        var first = PointCount;
        _positions.AddRange(positions);
        return first;
    }

    /// <returns>The index of the new primitive.</returns>
    public int AddPolygon(params ReadOnlySpan<int> points) => Add(PrimitiveKind.Polygon, points, null);

    /// <returns>The index of the new primitive.</returns>
    public int AddPolyline(params ReadOnlySpan<int> points) => Add(PrimitiveKind.Polyline, points, null);

    /// <returns>The index of the new primitive.</returns>
    public int AddTetrahedron(int a, int b, int c, int d) => Add(PrimitiveKind.Tetrahedron, [a, b, c, d], null);

    /// <returns>The index of the new primitive.</returns>
    public int AddPacked(GeometryData geometry, Matrix4x4? transform = null) =>
        Add(PrimitiveKind.Packed, [], new PackedPrimitive(geometry, transform ?? Matrix4x4.Identity));

    /// <returns>The index of the new primitive.</returns>
    public int AddVolume(Volume volume) => Add(PrimitiveKind.Volume, [], volume);

    public GeometryBuilder Set(AttributeClass of, string name, AttributeValues values)
    {
        _attributes.Add((of, name, values));
        return this;
    }

    public GeometryBuilder SetGroup(AttributeClass of, string name, IEnumerable<int> indices)
    {
        _groups.Add((of, name, ElementGroup.Of(indices)));
        return this;
    }

    /// <exception cref="ArgumentException">A vertex refers to a missing point, or an attribute or group does not fit.</exception>
    public GeometryData Build()
    {
        var topology = Topology.Create(PointCount, [.. _kinds], [.. _starts], [.. _vertexPoints]);
        var geometry = GeometryData.FromTopology(topology, _hasPayloads ? [.. _payloads] : []);
        if (PointCount > 0) geometry = geometry.WithPositions(CollectionsMarshal.AsSpan(_positions).ToArray());
        foreach (var (of, name, values) in _attributes) geometry = geometry.With(of, name, values);
        foreach (var (of, name, group) in _groups) geometry = geometry.WithGroup(of, name, group);
        return geometry;
    }

    private int Add(PrimitiveKind kind, ReadOnlySpan<int> points, object? payload)
    {
        _kinds.Add(kind);
        _vertexPoints.AddRange(points);
        _starts.Add(_vertexPoints.Count);
        _payloads.Add(payload);
        _hasPayloads |= payload is not null;
        return _kinds.Count - 1;
    }
}
