using System.Collections;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Examples;

namespace ExampleMlFarm.Nodes.Cooking;

/// <summary>
/// The upstream items that the current item reads through one dependency. Enumerating goes over ranges of results, so a collect over a
/// million items takes the memory of one.
/// </summary>
public sealed class CookInput : IEnumerable<CookInputItem>
{
    private readonly ICookHost host;
    private readonly Func<long, RangeSet> membersOf;
    private readonly Func<long, RangeSet>? absentOf;
    private readonly Func<long, JsonObject?> attributesOf;
    private readonly List<ItemResult> results;
    private RangeSet? members;
    private long item = -1, count = -1;

    /// <summary>The input of the items of one lease.</summary>
    /// <param name="host">Opens what the items put out.</param>
    /// <param name="position">Position among the node's dependencies.</param>
    /// <param name="name"><c>from</c>, <c>collect</c>, or the option that names the node.</param>
    /// <param name="upstream">Name of the node that is read.</param>
    /// <param name="results">What the lease brought of it, ascending.</param>
    /// <param name="membersOf">Which upstream items an item reads; asked only when it does.</param>
    /// <param name="attributesOf">Attributes of an upstream item.</param>
    /// <param name="absentOf">Which upstream items an item would read if they had not failed; null when there cannot be any.</param>
    public CookInput(ICookHost host, int position, string name, string upstream, IEnumerable<ItemResult> results,
        Func<long, RangeSet> membersOf, Func<long, JsonObject?> attributesOf, Func<long, RangeSet>? absentOf = null)
    {
        this.absentOf = absentOf;
        this.host = host;
        this.results = [.. results];
        this.membersOf = membersOf;
        this.attributesOf = attributesOf;
        Position = position;
        Name = name;
        Upstream = upstream;
    }

    /// <summary>Position among the dependencies of the node.</summary>
    public int Position { get; }

    /// <summary><c>from</c>, <c>collect</c>, or the option that names the node.</summary>
    public string Name { get; }

    /// <summary>Name of the node that is read.</summary>
    public string Upstream { get; }

    /// <summary>
    /// For items of <c>each:</c>: which example of the upstream geometry is this item's; −1 otherwise. Geometry is then that one example.
    /// </summary>
    public int Example { get; private set; } = -1;

    /// <summary>How many upstream items there are for this item. Members that failed, where that is allowed, are not among them.</summary>
    public long Count
    {
        get
        {
            if (count >= 0) return count;
            long sum = 0;
            foreach (var result in results) sum += Members.CountIn(result.Items);
            return count = sum;
        }
    }

    /// <summary>Upstream items that this item would read if they had not failed or been skipped; they are not among those enumerated.</summary>
    public RangeSet Absent => absentOf?.Invoke(item) ?? new();

    /// <summary>The one upstream item.</summary>
    /// <exception cref="FarmException">There are none, or several.</exception>
    public CookInputItem Single() => Count == 1 ? this.First()
        : throw FarmException.Invalid("node.input_count", $"input '{Name}' has {Count} items of node '{Upstream}' where exactly one is needed");

    /// <summary>Moves on to what another item of the lease reads.</summary>
    public void MoveTo(long nextItem, int example = -1)
    {
        Example = example;
        item = nextItem;
        count = -1;
        members = null;
    }

    /// <summary>Adds results of the lease itself, which later frames of a chain read.</summary>
    public void Add(IReadOnlyList<ItemResult> more) => results.AddRange(more);

    /// <inheritdoc/>
    public IEnumerator<CookInputItem> GetEnumerator()
    {
        var read = Members;
        // Results and members both ascend; those before the first member need no look.
        for (int r = read.IsEmpty ? results.Count : FirstEndingAfter(read[0].Start); r < results.Count && results[r].Items.Start < read[^1].End; r++)
            foreach (var range in read.Intersect(results[r].Items))
                for (long i = range.Start; i < range.End; i++) yield return new(host, this, i, results[r]);
    }

    internal JsonObject? AttributesOf(long index) => attributesOf(index);

    private RangeSet Members => members ??= membersOf(item);

    private int FirstEndingAfter(long index)
    {
        int low = 0, high = results.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (results[middle].Items.End <= index) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>One upstream item, as the items that read it see it. Opens nothing until asked.</summary>
public sealed class CookInputItem
{
    private readonly ICookHost host;
    private readonly CookInput input;
    private readonly ItemResult result;

    internal CookInputItem(ICookHost host, CookInput input, long index, ItemResult result)
    {
        this.host = host;
        this.input = input;
        this.result = result;
        Index = index;
    }

    /// <summary>Index in the upstream node.</summary>
    public long Index { get; }

    /// <summary>Name of the upstream node.</summary>
    public string Node => input.Upstream;

    /// <summary>Metrics it reported.</summary>
    public IReadOnlyList<Metric> Metrics => result.Metrics ?? [];

    /// <summary>Its attributes: from the plan, inherited, and those it set while cooking.</summary>
    public JsonObject Attributes => input.AttributesOf(Index) ?? [];

    /// <summary>What it put out.</summary>
    public IEnumerable<OutputRef> Outputs => (result.Outputs ?? []).Select(o => o.Skip(Index - result.Items.Start));

    /// <summary>The last value it reported under this name.</summary>
    /// <exception cref="FarmException">It reported none.</exception>
    public double Metric(string name)
    {
        foreach (var metric in Metrics)
            if (metric.Name == name) return metric.Value;
        throw FarmException.Invalid("node.metric_missing", $"item {this} reported no metric '{name}'; it has {Listed(Metrics.Select(m => m.Name))}");
    }

    /// <summary>The output with this name or, failing that, the first whose tag starts with it.</summary>
    /// <exception cref="FarmException">There is none.</exception>
    public OutputRef Output(string nameOrTag) => FindOutput(nameOrTag) ?? throw FarmException.Invalid("node.output_missing",
        $"item {this} has no output '{nameOrTag}'; it has {Listed(Outputs.Select(o => o.Name))}");

    /// <summary>The output with this name or tag prefix, or null.</summary>
    public OutputRef? FindOutput(string nameOrTag)
    {
        OutputRef? tagged = null;
        foreach (var output in result.Outputs ?? [])
        {
            if (output.Name == nameOrTag) return output.Skip(Index - result.Items.Start);
            if (tagged is null && output.Tag.StartsWith(nameOrTag, StringComparison.Ordinal)) tagged = output;
        }
        return tagged?.Skip(Index - result.Items.Start);
    }

    /// <summary>A geometry it put out.</summary>
    public GeometryData Geometry(string name = "geometry") => Read(Output(name));

    /// <summary>Path of a file it put out, verified, read-only.</summary>
    public string Path(string nameOrTag) => host.LocalPath(Output(nameOrTag));

    /// <summary>A file it put out, verified.</summary>
    public Stream Open(string nameOrTag) => File.OpenRead(Path(nameOrTag));

    /// <summary>
    /// A file in decoded form, kept by the process for the items that follow (every pose reads the same capture). Must not be changed.
    /// </summary>
    public T Load<T>(string nameOrTag, Func<string, T> decode) where T : class
    {
        var output = Output(nameOrTag);
        return host.Remember(output.Hash, output.Row, () => decode(host.LocalPath(output)));
    }

    /// <summary>Something worked out from a geometry of this item, kept like <see cref="Load"/>.</summary>
    public T LoadGeometry<T>(Func<GeometryData, T> decode, string name = "geometry") where T : class
    {
        var output = Output(name);
        return host.Remember(output.Hash, output.Row, () => decode(host.ReadGeometry(output)));
    }

    /// <summary><c>poses/17</c>.</summary>
    public override string ToString() => $"{Node}/{Index}";

    internal void AppendGeometry(List<GeometryData> list)
    {
        foreach (var output in Outputs)
            if (output.Tag.StartsWith("geometry", StringComparison.Ordinal)) list.Add(Read(output));
    }

    private GeometryData Read(OutputRef output)
    {
        var geometry = host.ReadGeometry(output);
        return input.Example < 0 ? geometry : ExampleCollection.Extract(geometry, input.Example);
    }

    private static string Listed(IEnumerable<string> names)
    {
        var text = string.Join(", ", names.Select(n => $"'{n}'"));
        return text.Length == 0 ? "none" : text;
    }
}
