using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Geometry;

namespace ExampleMlFarm.Workers.Reporting;

/// <summary>What one item has put out so far. Becomes a result when the item succeeds, and nothing when it fails.</summary>
/// <remarks>One object per slot, emptied between items.</remarks>
public sealed class ItemOutputs
{
    private readonly SortedDictionary<string, string> attributes = new(StringComparer.Ordinal);

    /// <summary>Published files.</summary>
    public List<OutputRef> Files { get; } = [];

    /// <summary>Geometry for the segments of the lease, by output name.</summary>
    public List<KeyValuePair<string, GeometryData>> Geometry { get; } = [];

    /// <summary>Last value of each metric, in the order in which they were first reported.</summary>
    public List<Metric> Metrics { get; } = [];

    /// <summary>What an expander item found.</summary>
    public Expansion? Expansion { get; set; }

    /// <summary>True when there is nothing at all, as for a no-op.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>True when there is geometry at most: such items are reported together.</summary>
    public bool IsPlain => IsEmpty || (Files.Count == 0 && Metrics.Count == 0 && Expansion is null && AttributesJson is null);

    /// <summary>Says that something is about to be added.</summary>
    public void Touch() => IsEmpty = false;

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        if (IsEmpty) return;
        Files.Clear();
        Geometry.Clear();
        Metrics.Clear();
        attributes.Clear();
        Expansion = null;
        AttributesJson = null;
        IsEmpty = true;
    }

    /// <summary>Adds an output; names are unique within an item.</summary>
    public void CheckName(string name)
    {
        IsEmpty = false;
        if (Files.Any(f => f.Name == name) || Geometry.Any(g => g.Key == name))
            throw new InvalidOperationException($"the item puts out '{name}' twice");
    }

    /// <summary>Notes a metric.</summary>
    public void SetMetric(string name, double value)
    {
        IsEmpty = false;
        for (int i = 0; i < Metrics.Count; i++)
        {
            if (Metrics[i].Name != name) continue;
            Metrics[i] = new(name, value);
            return;
        }
        if (Metrics.Count >= Limits.MetricsPerItem)
            throw FarmException.Invalid("item.too_many_metrics", $"the item reports more than {Limits.MetricsPerItem} metrics; '{name}' is one too many. Use steps for curves");
        Metrics.Add(new(name, value));
    }

    /// <summary>Sets an attribute to a value in JSON.</summary>
    public void SetAttribute(string name, string json)
    {
        IsEmpty = false;
        attributes[name] = json;
    }

    /// <summary>Attributes the item set, as JSON by name.</summary>
    public IReadOnlyDictionary<string, string> Attributes => attributes;

    /// <summary>All attributes of the item as a canonical JSON object, where the run cannot work them out.</summary>
    public string? AttributesJson { get; set; }
}
