using System.Collections;
using System.Text.Json;
using ExampleMlFarm.Core;

namespace ExampleMlFarm.Geometry.Contributions;

/// <summary>
/// The contributions of a component in the order of its vector. The list used for writing, training and inference must be
/// the same; <see cref="RequireEqual"/> holds users to it.
/// </summary>
public sealed class ContributionList : IReadOnlyList<Contribution>, IEquatable<ContributionList>
{
    private readonly Contribution[] _items;

    /// <exception cref="FarmException"><c>contributions.duplicate</c></exception>
    public ContributionList(IEnumerable<Contribution> items)
    {
        _items = [.. items];
        foreach (var twice in _items.GroupBy(c => (c.Kind, c.Name)).Where(g => g.Count() > 1))
            throw FarmException.Invalid("contributions.duplicate", $"The contribution {twice.First()} is listed {twice.Count()} times; list it once.");
    }

    public static ContributionList Of(params Contribution[] items) => new(items);

    /// <summary>
    /// What a geometry offers: its float point attributes in ordinal order of the names, then its volumes in primitive order.
    /// Integers and strings are labels and left out.
    /// </summary>
    public static ContributionList From(GeometryData geometry)
    {
        var items = new List<Contribution>();
        foreach (var (name, values) in geometry.Attributes(AttributeClass.Point))
            if (values.Type is AttributeType.Float32 or AttributeType.Float64) items.Add(Contribution.Point(name, values.TupleSize));
        foreach (var payload in geometry.Payloads)
            if (payload is Volume { Name.Length: > 0 } v && !items.Any(c => c.Kind == ContributionKind.Volume && c.Name == v.Name))
                items.Add(Contribution.Volume(v.Name, v.Resolution.X, v.Resolution.Y, v.Resolution.Z));
        return new(items);
    }

    public int Count => _items.Length;

    public Contribution this[int index] => _items[index];

    /// <summary>Values in the vector of a component with <paramref name="pointCount"/> points.</summary>
    public long Size(int pointCount) => _items.Sum(c => c.Size(pointCount));

    /// <exception cref="FarmException"><c>contributions.mismatch</c>, naming the first contribution that differs.</exception>
    public void RequireEqual(ContributionList other, string thisIs, string otherIs)
    {
        for (var i = 0; i < Math.Max(Count, other.Count); i++)
        {
            var (mine, theirs) = (i < Count ? _items[i].ToString() : "nothing", i < other.Count ? other[i].ToString() : "nothing");
            if (mine != theirs)
                throw FarmException.Invalid("contributions.mismatch",
                    $"Contribution {i} is {mine} in {thisIs} and {theirs} in {otherIs}; the lists must be identical, in the same order.");
        }
    }

    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) WriteTo(json);
        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (var item in _items)
        {
            json.WriteStartObject();
            json.WriteString("type", item.Kind == ContributionKind.Point ? "point" : "volume");
            json.WriteString("name", item.Name);
            if (item.Kind == ContributionKind.Point)
                json.WriteNumber("tuple_size", item.TupleSize);
            else
            {
                json.WriteStartArray("resolution");
                json.WriteNumberValue(item.Resolution.X);
                json.WriteNumberValue(item.Resolution.Y);
                json.WriteNumberValue(item.Resolution.Z);
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <exception cref="FarmException"><c>contributions.malformed</c></exception>
    public static ContributionList FromJson(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return FromJson(document.RootElement);
        }
        catch (JsonException e)
        {
            throw Malformed(e.Message, e);
        }
    }

    /// <exception cref="FarmException"><c>contributions.malformed</c></exception>
    public static ContributionList FromJson(JsonElement element)
    {
        try
        {
            return new(element.EnumerateArray().Select(Parse).ToArray());
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw Malformed(e.Message, e);
        }
    }

    public bool Equals(ContributionList? other) => other is not null && _items.AsSpan().SequenceEqual(other._items);

    public override bool Equals(object? obj) => Equals(obj as ContributionList);

    public override int GetHashCode() => _items.Aggregate(0, HashCode.Combine);

    public IEnumerator<Contribution> GetEnumerator() => _items.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();

    public override string ToString() => string.Join(", ", _items.AsEnumerable());

    private static Contribution Parse(JsonElement item)
    {
        var name = item.GetProperty("name").GetString() ?? throw new FormatException("a name is null");
        switch (item.GetProperty("type").GetString())
        {
            case "point": return Contribution.Point(name, item.GetProperty("tuple_size").GetInt32());
            case "volume":
                int[] r = [.. item.GetProperty("resolution").EnumerateArray().Select(e => e.GetInt32())];
                return r.Length == 3 ? Contribution.Volume(name, r[0], r[1], r[2]) : throw new FormatException("a resolution has three numbers");
            case var type: throw new FormatException($"the type '{type}' is neither 'point' nor 'volume'");
        }
    }

    private static FarmException Malformed(string why, Exception cause) => new(Failure.Invalid("contributions.malformed",
        $"The contribution list cannot be read: {why} It is a list of {{type: point, name, tuple_size}} and {{type: volume, name, resolution}}."), cause);
}
