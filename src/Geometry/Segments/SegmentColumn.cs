using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ExampleMlFarm.Geometry.Segments;

internal enum ColumnKind
{
    Attribute,
    Voxels,
    /// <summary>Transform of a packed primitive, or index-to-world matrix of a volume.</summary>
    Matrix,
}

/// <summary>
/// One part of a geometry that differs from row to row: where it is (the packed primitives on the way to it) and its shape.
/// </summary>
internal sealed record SegmentColumn(
    int[] Path, ColumnKind Kind, AttributeClass Class, string Name, int Primitive, AttributeType Type, int TupleSize, int Length)
{
    // Shared, so that its hash is computed once and not for every row.
    private AttributeValues? _zero;

    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() }, MaxDepth = 8 };

    /// <summary>For people who open the segment in another tool: <c>0/1 point P</c> is the target's positions of an example.</summary>
    [JsonIgnore]
    public string FieldName
    {
        get
        {
            var path = Path.Length == 0 ? "" : string.Join('/', Path) + " ";
            return Kind switch
            {
                ColumnKind.Attribute => $"{path}{GeometryData.Word(Class)} {Name}",
                ColumnKind.Voxels => $"{path}voxels {Primitive}",
                _ => $"{path}matrix {Primitive}",
            };
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static SegmentColumn? FromJson(string json) => JsonSerializer.Deserialize<SegmentColumn>(json, Json) is { Path: not null, Name: not null } c ? c : null;

    /// <summary>All parts of a geometry that could be columns.</summary>
    public static IEnumerable<SegmentColumn> Candidates(GeometryData geometry, int[]? at = null)
    {
        var path = at ?? [];
        foreach (var of in Enum.GetValues<AttributeClass>())
            foreach (var (name, values) in geometry.Attributes(of))
                if (values.IsNumeric && values.Length > 0)
                    yield return new(path, ColumnKind.Attribute, of, name, 0, values.Type, values.TupleSize, values.Length);
        for (var i = 0; i < geometry.Payloads.Length; i++)
        {
            if (geometry.Payloads[i] is null) continue;
            yield return new(path, ColumnKind.Matrix, default, "", i, AttributeType.Float32, 16, 16);
            if (geometry.Payloads[i] is Volume volume)
                yield return new(path, ColumnKind.Voxels, default, "", i, AttributeType.Float32, 1, volume.Voxels.Length);
            else if (geometry.Payloads[i] is PackedPrimitive packed)
                foreach (var inside in Candidates(packed.Geometry, [.. path, i])) yield return inside;
        }
    }

    /// <summary>The values in this row, or null when the row has no such part.</summary>
    public AttributeValues? Take(GeometryData row)
    {
        foreach (var step in Path)
        {
            if (PayloadOf(row, step) is not PackedPrimitive packed) return null;
            row = packed.Geometry;
        }
        var values = Kind switch
        {
            ColumnKind.Attribute => row.Find(Class, Name),
            ColumnKind.Voxels => (PayloadOf(row, Primitive) as Volume)?.Voxels,
            _ => PayloadOf(row, Primitive) switch
            {
                PackedPrimitive packed => OfMatrix(packed.Transform),
                Volume volume => OfMatrix(volume.IndexToWorld),
                _ => null,
            },
        };
        return values is not null && values.Type == Type && values.TupleSize == TupleSize && values.Length == Length ? values : null;
    }

    /// <summary>The row without this part: an attribute goes, a matrix becomes zero, a volume a line of zeros of the same length.</summary>
    public GeometryData Strip(GeometryData row) => Kind switch
    {
        ColumnKind.Attribute => Changed(row, 0, g => g.Without(Class, Name)),
        // The template keeps a volume's resolution; its zeros cost space once per segment.
        _ => Put(row, _zero ??= AttributeValues.Of(new float[Length], TupleSize)),
    };

    /// <summary>The row with this part.</summary>
    public GeometryData Put(GeometryData row, AttributeValues values) => Changed(row, 0, g => Kind switch
    {
        ColumnKind.Attribute => g.With(Class, Name, values),
        ColumnKind.Voxels => g.Volume(Primitive) is var v ? g.WithVolume(Primitive, new(v.Name, v.Resolution, v.IndexToWorld, values)) : g,
        _ => PayloadOf(g, Primitive) is Volume v
            ? g.WithVolume(Primitive, new(v.Name, v.Resolution, MemoryMarshal.Read<Matrix4x4>(values.Bytes), v.Voxels))
            : g.WithPacked(Primitive, g.Packed(Primitive) with { Transform = MemoryMarshal.Read<Matrix4x4>(values.Bytes) }),
    });

    private GeometryData Changed(GeometryData geometry, int depth, Func<GeometryData, GeometryData> change)
    {
        if (depth == Path.Length) return change(geometry);
        var packed = geometry.Packed(Path[depth]);
        return geometry.WithPacked(Path[depth], packed with { Geometry = Changed(packed.Geometry, depth + 1, change) });
    }

    private static object? PayloadOf(GeometryData geometry, int primitive) =>
        (uint)primitive < (uint)geometry.Payloads.Length ? geometry.Payloads[primitive] : null;

    private static AttributeValues OfMatrix(Matrix4x4 matrix) =>
        AttributeValues.Of(MemoryMarshal.Cast<Matrix4x4, float>(MemoryMarshal.CreateReadOnlySpan(ref matrix, 1)).ToArray(), 16);
}
