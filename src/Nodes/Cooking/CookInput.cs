using System.Collections;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Geometry;

namespace ExampleMlFarm.Nodes.Cooking;

/// <summary>
/// The upstream items that the current item reads through one dependency. Enumerating goes over ranges of results, so a collect over a
/// million items takes the memory of one.
/// </summary>
public sealed class CookInput : IEnumerable<CookInputItem>
{
    private readonly ICookHost host;
    private readonly Mapping mapping;
    private readonly LeaseInput input;
    private readonly long firstItem;
    private RangeSet? members;
    private ItemRange window;
    private long count = -1;

    /// <summary>The input of the items of one lease.</summary>
    /// <param name="host">Opens what the items put out.</param>
    /// <param name="upstream">The node that is read.</param>
    /// <param name="dependency">How it is read.</param>
    /// <param name="input">What the lease brought of it.</param>
    /// <param name="firstItem">The lease's first item.</param>
    public CookInput(ICookHost host, PlanNode upstream, Dependency dependency, LeaseInput input, long firstItem)
    {
        this.host = host;
        this.input = input;
        this.firstItem = firstItem;
        mapping = dependency.Mapping;
        Name = dependency.Name;
        UpstreamId = dependency.Upstream;
        Upstream = upstream.Name;
    }

    /// <summary><c>from</c>, <c>collect</c>, or the option that names the node.</summary>
    public string Name { get; }

    /// <summary>The node that is read.</summary>
    public NodeId UpstreamId { get; }

    /// <summary>Its name.</summary>
    public string Upstream { get; }

    /// <summary>How many upstream items there are for this item. Members that failed, where that is allowed, are not among them.</summary>
    public long Count
    {
        get
        {
            if (count >= 0) return count;
            long sum = 0;
            foreach (var result in input.Results)
                sum += members is null ? result.Items.Intersect(window).Count : members.CountIn(result.Items);
            return count = sum;
        }
    }

    /// <summary>The one upstream item.</summary>
    /// <exception cref="FarmException">There are none, or several.</exception>
    public CookInputItem Single() => Count == 1 ? this.First()
        : throw FarmException.Invalid("node.input_count", $"input '{Name}' has {Count} items of node '{Upstream}' where exactly one is needed");

    /// <summary>Moves on to what another item of the lease reads.</summary>
    public void MoveTo(long item)
    {
        count = -1;
        members = null;
        if (input.Members is { } perItem)
        {
            members = perItem[(int)(item - firstItem)];
            return;
        }
        window = mapping switch
        {
            Mapping.OneToOne => ItemRange.One(item),
            Mapping.All => new(0, long.MaxValue),
            Mapping.Repeat repeat => ItemRange.One(item / repeat.Times),
            Mapping.Blocks blocks => new(item * blocks.Step, item * blocks.Step + blocks.Size),
            Mapping.Previous chain => item % chain.Length == 0 ? default : ItemRange.One(item - 1),
            Mapping.Groups groups => Groups(groups, item),
            _ => throw new InvalidOperationException($"the lease does not say what item {item} reads of {Upstream} ({mapping.GetType().Name})"),
        };
    }

    /// <inheritdoc/>
    public IEnumerator<CookInputItem> GetEnumerator()
    {
        foreach (var result in input.Results)
        {
            if (members is null)
            {
                var range = result.Items.Intersect(window);
                for (long i = range.Start; i < range.End; i++) yield return new(host, this, i, result);
                continue;
            }
            foreach (var range in members.Intersect(result.Items))
                for (long i = range.Start; i < range.End; i++) yield return new(host, this, i, result);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private ItemRange Groups(Mapping.Groups groups, long item)
    {
        members = groups.Members[(int)item];
        return default;
    }
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

    /// <summary>Its attributes as a canonical JSON object: from the plan, inherited, and those it set while cooking.</summary>
    public string AttributesJson => host.AttributesOf(input.UpstreamId, Index, result.Attributes);

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
    public GeometryData Geometry(string name = "geometry") => host.ReadGeometry(Output(name));

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
            if (output.Tag.StartsWith("geometry", StringComparison.Ordinal)) list.Add(host.ReadGeometry(output));
    }

    private static string Listed(IEnumerable<string> names)
    {
        var text = string.Join(", ", names.Select(n => $"'{n}'"));
        return text.Length == 0 ? "none" : text;
    }
}
