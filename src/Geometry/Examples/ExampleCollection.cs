using ExampleMlFarm.Core;

namespace ExampleMlFarm.Geometry.Examples;

/// <summary>Collections of examples: geometries whose primitives are all packed. Order is kept by every operation.</summary>
public static class ExampleCollection
{
    public static bool IsLabeled(GeometryData collection, int index) =>
        collection.FindGroup(AttributeClass.Primitive, Example.LabeledGroup)?.Contains(index) == true;

    /// <exception cref="FarmException"><c>example.not_collection</c>: a primitive is not packed, or there are points.</exception>
    public static GeometryData Require(GeometryData geometry, string what = "The geometry")
    {
        var other = geometry.Topology.Kinds.IndexOfAnyExcept(PrimitiveKind.Packed);
        if (other >= 0 || geometry.PointCount > 0)
            throw FarmException.Invalid("example.not_collection", $"{what} is not a collection of examples: "
                + (other >= 0 ? $"primitive {other} is a {geometry.Topology.Kinds[other]}." : $"it has {geometry.PointCount} points.")
                + " Pack it, or make an example of it.");
        return geometry;
    }

    /// <summary>All examples of all collections, in order, with their groups.</summary>
    public static GeometryData Merge(IReadOnlyList<GeometryData> collections)
    {
        for (var i = 0; i < collections.Count; i++) Require(collections[i], $"Collection {i}");
        return GeometryMerge.Merge(collections);
    }

    /// <summary>One example: the collection of it alone, with its groups and attributes, or the geometry it embeds.</summary>
    /// <param name="collection">The examples.</param>
    /// <param name="index">From 0; negative counts from the end, -1 being the last.</param>
    /// <param name="keepPacked">Keep the packed primitive instead of what it embeds.</param>
    /// <exception cref="FarmException"><c>example.out_of_range</c></exception>
    public static GeometryData Extract(GeometryData collection, int index, bool keepPacked = true)
    {
        Require(collection);
        var count = collection.PrimitiveCount;
        var at = index < 0 ? count + index : index;
        if (at < 0 || at >= count)
            throw FarmException.Invalid("example.out_of_range",
                $"There is no example {index}; the collection has {count} (0 to {count - 1}, or -1 to -{count} from the end).");
        return keepPacked ? Range(collection, at, 1) : GeometryTransform.Unpack(collection.Packed(at));
    }

    /// <summary>The examples <paramref name="first"/> .. <paramref name="first"/> + <paramref name="count"/> with groups and attributes.</summary>
    public static GeometryData Range(GeometryData collection, int first, int count)
    {
        var members = new PackedPrimitive[count];
        for (var i = 0; i < count; i++) members[i] = collection.Packed(first + i);
        var part = GeometryData.Collection(members);
        foreach (var (name, values) in collection.Attributes(AttributeClass.Primitive))
            part = part.With(AttributeClass.Primitive, name, Slice(values, first, count));
        foreach (var (name, values) in collection.Attributes(AttributeClass.Detail)) part = part.WithDetail(name, values);
        foreach (var (name, group) in collection.Groups(AttributeClass.Primitive))
        {
            var inside = new List<int>();
            foreach (var i in group.Indices) if (i >= first && i < first + count) inside.Add(i - first);
            part = part.WithGroup(AttributeClass.Primitive, name, ElementGroup.Of(inside));
        }
        return part;
    }

    /// <summary>
    /// A collection of parts, each a packed collection of at most <paramref name="maximumPartSize"/> examples: as few parts as
    /// possible, sizes differing by at most one, order and groups kept.
    /// </summary>
    public static GeometryData Partition(GeometryData collection, int maximumPartSize)
    {
        Require(collection);
        if (maximumPartSize < 1)
            throw FarmException.Invalid("example.part_size", $"The maximum part size is {maximumPartSize}; it must be at least 1.");
        long count = collection.PrimitiveCount, parts = (count + maximumPartSize - 1) / maximumPartSize;
        var members = new PackedPrimitive[parts];
        for (long p = 0; p < parts; p++)
        {
            int first = (int)(p * count / parts), end = (int)((p + 1) * count / parts);
            members[p] = new(Range(collection, first, end - first));
        }
        return GeometryData.Collection(members);
    }

    private static AttributeValues Slice(AttributeValues values, int first, int count)
    {
        var (from, size, tuple) = (first * values.TupleSize, count * values.TupleSize, values.TupleSize);
        return values.Type switch
        {
            AttributeType.Float32 => AttributeValues.Of(values.Float32.Slice(from, size).ToArray(), tuple),
            AttributeType.Float64 => AttributeValues.Of(values.Float64.Slice(from, size).ToArray(), tuple),
            AttributeType.Int32 => AttributeValues.Of(values.Int32.Slice(from, size).ToArray(), tuple),
            AttributeType.Int64 => AttributeValues.Of(values.Int64.Slice(from, size).ToArray(), tuple),
            _ => AttributeValues.Of(values.Strings.Slice(from, size).ToArray(), tuple),
        };
    }
}
