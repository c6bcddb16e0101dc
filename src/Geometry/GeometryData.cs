using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Geometry;

/// <summary>
/// Points, vertices, primitives and a detail with attributes and groups. Immutable: a changed copy shares all that did not
/// change, and packed primitives refer to other geometries without copying them. Knows no file format.
/// </summary>
/// <remarks>
/// Positions are the point attribute <c>P</c> with three components (float32, or float64 where a solver needs it). The
/// content hash depends on the content alone, never on how it was built or shared. Safe for use by several threads.
/// </remarks>
public sealed partial class GeometryData
{
    public const string PositionName = "P";
    public static readonly GeometryData Empty = new(Topology.Empty, Array.Empty<object?>(),
        [.. Enumerable.Repeat(NamedTable<AttributeValues>.Empty, 4)], [.. Enumerable.Repeat(NamedTable<ElementGroup>.Empty, 4)]);

    private readonly object?[] _payloads;
    private readonly NamedTable<AttributeValues>[] _attributes;
    private readonly NamedTable<ElementGroup>[] _groups;
    private object? _hash;

    private GeometryData(Topology topology, object?[] payloads, NamedTable<AttributeValues>[] attributes, NamedTable<ElementGroup>[] groups)
    {
        (Topology, _payloads, _attributes, _groups) = (topology, payloads, attributes, groups);
        foreach (var payload in payloads)
            if (payload is PackedPrimitive packed) PackedDepth = Math.Max(PackedDepth, packed.Geometry.PackedDepth + 1);
        if (PackedDepth > Limits.MaxPackedDepth)
            throw FarmException.Invalid("geometry.too_deep",
                $"Packed geometry is nested {PackedDepth} deep; the limit is {Limits.MaxPackedDepth}. Unpack some of it.");
    }

    public Topology Topology { get; }

    public int PointCount => Topology.PointCount;

    public int VertexCount => Topology.VertexCount;

    public int PrimitiveCount => Topology.PrimitiveCount;

    /// <summary>0 without packed primitives, 1 with packed meshes, and so on.</summary>
    public int PackedDepth { get; }

    public int ElementCount(AttributeClass of) => of switch
    {
        AttributeClass.Point => PointCount,
        AttributeClass.Vertex => VertexCount,
        AttributeClass.Primitive => PrimitiveCount,
        _ => 1,
    };

    public NamedTable<AttributeValues> Attributes(AttributeClass of) => _attributes[(int)of];

    public NamedTable<ElementGroup> Groups(AttributeClass of) => _groups[(int)of];

    public AttributeValues? Find(AttributeClass of, string name) => _attributes[(int)of].Find(name);

    public ElementGroup? FindGroup(AttributeClass of, string name) => _groups[(int)of].Find(name);

    /// <summary>The attribute, of this type and tuple size where given.</summary>
    /// <exception cref="FarmException"><c>geometry.attribute_missing</c> or <c>geometry.attribute_type</c>.</exception>
    public AttributeValues Require(AttributeClass of, string name, AttributeType? type = null, int? tupleSize = null)
    {
        var values = Find(of, name) ?? throw FarmException.Invalid("geometry.attribute_missing",
            $"The geometry has no {Word(of)} attribute '{name}'; it has {Listed(Attributes(of).Names)}.");
        if ((type ?? values.Type) != values.Type || (tupleSize ?? values.TupleSize) != values.TupleSize)
            throw FarmException.Invalid("geometry.attribute_type",
                $"The {Word(of)} attribute '{name}' is {values.Type} of tuple size {values.TupleSize}; "
                + $"{type ?? values.Type} of tuple size {tupleSize ?? values.TupleSize} is needed.");
        return values;
    }

    /// <summary>The float32 positions <c>[points, 3]</c>; empty for a geometry without points.</summary>
    /// <exception cref="FarmException">There is no <c>P</c>, or it is not float32 of three components.</exception>
    public ReadOnlySpan<float> Positions => PointCount == 0 && Find(AttributeClass.Point, PositionName) is null
        ? []
        : Require(AttributeClass.Point, PositionName, AttributeType.Float32, 3).Float32;

    /// <exception cref="FarmException">The primitive is not packed, or does not exist.</exception>
    public PackedPrimitive Packed(int primitive) => Payload(primitive) as PackedPrimitive ?? throw FarmException.Invalid(
        "geometry.primitive_kind", $"Primitive {primitive} is a {Topology.Kinds[primitive]}, not packed geometry.");

    /// <exception cref="FarmException">The primitive is not a volume, or does not exist.</exception>
    public Volume Volume(int primitive) => Payload(primitive) as Volume ?? throw FarmException.Invalid(
        "geometry.primitive_kind", $"Primitive {primitive} is a {Topology.Kinds[primitive]}, not a volume.");

    /// <summary>The first volume with this name, or null.</summary>
    public Volume? FindVolume(string name) => _payloads.OfType<Volume>().FirstOrDefault(v => v.Name == name);

    /// <summary>SHA-256 over the whole content; computed once from the hashes of the parts.</summary>
    public ContentHash Hash
    {
        get
        {
            if (Volatile.Read(ref _hash) is ContentHash known) return known;
            using var hasher = new ContentHasher("geometry");
            hasher.Add(Topology.Hash);
            hasher.Add(_payloads.Length);
            foreach (var payload in _payloads)
                hasher.Add(payload switch { PackedPrimitive p => p.Hash, Volume v => v.Hash, _ => default });
            foreach (var table in _attributes)
            {
                hasher.Add(table.Count);
                foreach (var (name, values) in table)
                {
                    hasher.Add(name);
                    hasher.Add(values.Hash);
                }
            }
            foreach (var table in _groups)
            {
                hasher.Add(table.Count);
                foreach (var (name, group) in table)
                {
                    hasher.Add(name);
                    hasher.Add(group.Hash);
                }
            }
            var hash = hasher.Finish();
            Volatile.Write(ref _hash, hash);
            return hash;
        }
    }

    internal ReadOnlySpan<object?> Payloads => _payloads;

    private object? Payload(int primitive)
    {
        if ((uint)primitive >= (uint)PrimitiveCount)
            throw FarmException.Invalid("geometry.primitive_missing",
                $"There is no primitive {primitive}; the geometry has {PrimitiveCount} (counted from 0).");
        return _payloads.Length == 0 ? null : _payloads[primitive];
    }

    internal static string Word(AttributeClass of) => of.ToString().ToLowerInvariant();

    private static string Listed(IEnumerable<string> names)
    {
        var text = string.Join(", ", names);
        return text.Length == 0 ? "none" : text;
    }
}
