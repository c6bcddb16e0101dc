namespace ExampleMlFarm.Geometry;

/// <summary>How geometries come from others: each method returns a copy that shares what it does not change.</summary>
public sealed partial class GeometryData
{
    /// <summary>
    /// A geometry of this topology with no attributes or groups. <paramref name="payloads"/> holds per primitive a
    /// <see cref="PackedPrimitive"/>, a <see cref="Geometry.Volume"/> or null; empty when no primitive needs one.
    /// </summary>
    internal static GeometryData FromTopology(Topology topology, object?[] payloads) => CheckPayloads(topology, payloads) is { } wrong
        ? throw new ArgumentException(wrong)
        : new(topology, payloads, Empty._attributes, Empty._groups);

    internal static string? CheckPayloads(Topology topology, object?[] payloads)
    {
        var kinds = topology.Kinds;
        if (payloads.Length != 0 && payloads.Length != kinds.Length) return "The payloads do not match the primitives.";
        for (var i = 0; i < kinds.Length; i++)
        {
            var payload = payloads.Length == 0 ? null : payloads[i];
            var fits = kinds[i] switch
            {
                PrimitiveKind.Packed => payload is PackedPrimitive,
                PrimitiveKind.Volume => payload is Volume,
                _ => payload is null,
            };
            if (!fits) return $"Primitive {i} ({kinds[i]}) holds {payload?.GetType().Name ?? "nothing"}.";
        }
        return null;
    }

    /// <summary>Points with float32 positions <c>[points, 3]</c> and no primitives.</summary>
    public static GeometryData PointCloud(float[] positions) => Of(Topology.PointCloud(positions.Length / 3), positions);

    /// <summary>Polygons of equal size from float32 positions <c>[points, 3]</c> and flat point indices.</summary>
    public static GeometryData Mesh(float[] positions, int[] pointIndices, int verticesPerPolygon = 3) =>
        Of(Topology.Polygons(positions.Length / 3, pointIndices, verticesPerPolygon), positions);

    /// <summary>Tetrahedra from float32 positions <c>[points, 3]</c> and flat point indices <c>[tets * 4]</c>.</summary>
    public static GeometryData TetMesh(float[] positions, int[] pointIndices) =>
        Of(Topology.Tetrahedra(positions.Length / 3, pointIndices), positions);

    /// <summary>A mesh of an existing topology (not packed, no volumes) at float32 positions <c>[points, 3]</c>.</summary>
    public static GeometryData Of(Topology topology, float[] positions) =>
        FromTopology(topology, []).With(AttributeClass.Point, PositionName, AttributeValues.Of(positions, 3));

    /// <summary>A collection: a geometry whose primitives are all packed, in this order.</summary>
    public static GeometryData Collection(IReadOnlyList<PackedPrimitive> members) => members.Count == 0
        ? Empty
        : FromTopology(Topology.WithoutVertices(PrimitiveKind.Packed, members.Count), [.. members]);

    /// <summary>One packed primitive that refers to <paramref name="geometry"/>.</summary>
    public static GeometryData Pack(GeometryData geometry) => Collection([new(geometry)]);

    /// <summary>One volume.</summary>
    public static GeometryData OfVolume(Volume volume) =>
        FromTopology(Topology.WithoutVertices(PrimitiveKind.Volume, 1), [volume]);

    /// <exception cref="ArgumentException">The element count does not fit the class.</exception>
    public GeometryData With(AttributeClass of, string name, AttributeValues values) => values.Count == ElementCount(of)
        ? new(Topology, _payloads, Replaced(_attributes, of, _attributes[(int)of].With(name, values)), _groups)
        : throw new ArgumentException(
            $"The {Word(of)} attribute '{name}' has {values.Count} elements; the geometry has {ElementCount(of)}.", nameof(values));

    /// <summary>The same mesh at other float32 positions <c>[points, 3]</c>.</summary>
    public GeometryData WithPositions(float[] positions) => With(AttributeClass.Point, PositionName, AttributeValues.Of(positions, 3));

    public GeometryData WithDetail(string name, AttributeValues values) => With(AttributeClass.Detail, name, values);

    public GeometryData Without(AttributeClass of, string name) =>
        new(Topology, _payloads, Replaced(_attributes, of, _attributes[(int)of].Without(name)), _groups);

    /// <exception cref="ArgumentException">The group reaches beyond the elements, or the class is detail.</exception>
    public GeometryData WithGroup(AttributeClass of, string name, ElementGroup group)
    {
        if (of == AttributeClass.Detail) throw new ArgumentException("The detail has no groups.", nameof(of));
        if (group.Extent > ElementCount(of))
            throw new ArgumentException($"Group '{name}' holds {Word(of)} {group.Extent - 1}; there are {ElementCount(of)}.", nameof(group));
        return new(Topology, _payloads, _attributes, Replaced(_groups, of, _groups[(int)of].With(name, group)));
    }

    public GeometryData WithoutGroup(AttributeClass of, string name) =>
        new(Topology, _payloads, _attributes, Replaced(_groups, of, _groups[(int)of].Without(name)));

    /// <summary>The same collection with another geometry in a packed primitive.</summary>
    public GeometryData WithPacked(int primitive, PackedPrimitive packed)
    {
        _ = Packed(primitive);
        object?[] payloads = [.. _payloads];
        payloads[primitive] = packed;
        return new(Topology, payloads, _attributes, _groups);
    }

    /// <summary>The same geometry with another field (of any resolution) in a volume primitive.</summary>
    public GeometryData WithVolume(int primitive, Volume volume)
    {
        _ = Volume(primitive);
        object?[] payloads = [.. _payloads];
        payloads[primitive] = volume;
        return new(Topology, payloads, _attributes, _groups);
    }

    private static NamedTable<T>[] Replaced<T>(NamedTable<T>[] tables, AttributeClass of, NamedTable<T> table) where T : class
    {
        NamedTable<T>[] copy = [.. tables];
        copy[(int)of] = table;
        return copy;
    }
}
