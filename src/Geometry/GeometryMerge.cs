using ExampleMlFarm.Core;

namespace ExampleMlFarm.Geometry;

/// <summary>Puts geometries one after the other: points, vertices and primitives keep their order.</summary>
public static class GeometryMerge
{
    /// <summary>
    /// The union of the parts. An attribute that a part lacks is zero or "" there; groups of one name are united; a detail
    /// attribute comes from the first part that has it. Merging one part gives that part.
    /// </summary>
    /// <exception cref="FarmException"><c>geometry.merge</c>: an attribute has another type or tuple size in another part.</exception>
    public static GeometryData Merge(IReadOnlyList<GeometryData> parts)
    {
        if (parts.Count == 0) return GeometryData.Empty;
        if (parts.Count == 1) return parts[0];
        var merged = GeometryData.FromTopology(MergedTopology(parts), MergedPayloads(parts));
        foreach (var of in Enum.GetValues<AttributeClass>())
        {
            foreach (var name in parts.SelectMany(p => p.Attributes(of).Names).Distinct())
                merged = merged.With(of, name, of == AttributeClass.Detail
                    ? parts.First(p => p.Attributes(of).Contains(name)).Find(of, name)!
                    : MergedValues(parts, of, name));
            foreach (var name in parts.SelectMany(p => p.Groups(of).Names).Distinct())
                merged = merged.WithGroup(of, name, MergedGroup(parts, of, name));
        }
        return merged;
    }

    private static Topology MergedTopology(IReadOnlyList<GeometryData> parts)
    {
        if (parts.Sum(p => (long)p.PointCount) > int.MaxValue || parts.Sum(p => (long)p.VertexCount) >= int.MaxValue)
            throw FarmException.Invalid("geometry.too_large", "The merged geometry has more than 2^31 points or vertices. Merge fewer parts.");
        var kinds = new List<PrimitiveKind>(parts.Sum(p => p.PrimitiveCount));
        var starts = new List<int>(kinds.Capacity + 1) { 0 };
        var vertexPoints = new int[parts.Sum(p => p.VertexCount)];
        int firstPoint = 0, firstVertex = 0;
        foreach (var topology in parts.Select(p => p.Topology))
        {
            kinds.AddRange(topology.Kinds);
            foreach (var start in topology.VertexStarts[1..]) starts.Add(firstVertex + start);
            foreach (var point in topology.VertexPoints) vertexPoints[firstVertex++] = firstPoint + point;
            firstPoint += topology.PointCount;
        }
        return Topology.Create(firstPoint, [.. kinds], [.. starts], vertexPoints);
    }

    private static object?[] MergedPayloads(IReadOnlyList<GeometryData> parts)
    {
        if (parts.All(p => p.Payloads.IsEmpty)) return [];
        var payloads = new object?[parts.Sum(p => p.PrimitiveCount)];
        var first = 0;
        foreach (var part in parts)
        {
            part.Payloads.CopyTo(payloads.AsSpan(first));
            first += part.PrimitiveCount;
        }
        return payloads;
    }

    private static AttributeValues MergedValues(IReadOnlyList<GeometryData> parts, AttributeClass of, string name)
    {
        AttributeValues? model = null;
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].Find(of, name) is not { } values) continue;
            model ??= values;
            if (values.Type != model.Type || values.TupleSize != model.TupleSize)
                throw FarmException.Invalid("geometry.merge",
                    $"The {GeometryData.Word(of)} attribute '{name}' is {model.Type} of tuple size {model.TupleSize} in an earlier part "
                    + $"and {values.Type} of tuple size {values.TupleSize} in part {i}. Convert or remove it before the merge.");
        }
        var tuple = model!.TupleSize;
        return model.Type switch
        {
            AttributeType.Float32 => AttributeValues.Of(Joined(parts, of, name, tuple, v => v.Float32, 0f), tuple),
            AttributeType.Float64 => AttributeValues.Of(Joined(parts, of, name, tuple, v => v.Float64, 0.0), tuple),
            AttributeType.Int32 => AttributeValues.Of(Joined(parts, of, name, tuple, v => v.Int32, 0), tuple),
            AttributeType.Int64 => AttributeValues.Of(Joined(parts, of, name, tuple, v => v.Int64, 0L), tuple),
            _ => AttributeValues.Of(Joined(parts, of, name, tuple, v => v.Strings, ""), tuple),
        };
    }

    private delegate ReadOnlySpan<T> Typed<T>(AttributeValues values);

    private static T[] Joined<T>(IReadOnlyList<GeometryData> parts, AttributeClass of, string name, int tuple, Typed<T> typed, T fill)
    {
        var joined = new T[parts.Sum(p => p.ElementCount(of)) * tuple];
        var first = 0;
        foreach (var part in parts)
        {
            var slot = joined.AsSpan(first, part.ElementCount(of) * tuple);
            if (part.Find(of, name) is { } values) typed(values).CopyTo(slot);
            else slot.Fill(fill);
            first += slot.Length;
        }
        return joined;
    }

    private static ElementGroup MergedGroup(IReadOnlyList<GeometryData> parts, AttributeClass of, string name)
    {
        var indices = new List<int>();
        var first = 0;
        foreach (var part in parts)
        {
            if (part.FindGroup(of, name) is { } group)
                foreach (var index in group.Indices) indices.Add(first + index);
            first += part.ElementCount(of);
        }
        return ElementGroup.Of(indices);
    }
}
