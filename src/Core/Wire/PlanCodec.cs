using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;

namespace ExampleMlFarm.Core.Wire;

/// <summary>Bytes of a plan. Equal plans have equal bytes.</summary>
public static class PlanCodec
{
    private const byte Version = 1;

    /// <summary>The plan as bytes.</summary>
    public static byte[] Encode(RunPlan plan)
    {
        var to = new WireWriter();
        to.Byte(Version);
        Write(to, plan);
        return to.ToArray();
    }

    /// <summary>The plan of these bytes; <see cref="FarmException"/> <c>wire.corrupt</c> when they are none.</summary>
    public static RunPlan Decode(ReadOnlySpan<byte> bytes)
    {
        var from = new WireReader(bytes);
        from.Version(Version, "the plan");
        var plan = Read(ref from);
        from.End("the plan");
        return plan;
    }

    internal static void Write(WireWriter to, RunPlan plan) => to.List(plan.Nodes, WriteNode);

    internal static RunPlan Read(ref WireReader from) => new(from.List(ReadNode, 30));

    internal static void WriteResources(WireWriter to, Resources resources)
    {
        to.Double(resources.Cpu);
        to.Double(resources.Gpu);
        to.Count(resources.MemoryBytes);
        to.List(resources.Custom, static (w, r) => { w.Text(r.Key); w.Double(r.Value); });
    }

    internal static Resources ReadResources(ref WireReader from)
        => new(from.Double(), from.Double(), from.Count(), from.List(static (ref WireReader r) => KeyValuePair.Create(r.Text(), r.Double()), 9));

    private static void WriteNode(WireWriter to, PlanNode node)
    {
        to.Text(node.Name);
        switch (node.Items)
        {
            case ItemRule.Fixed(var count): to.Byte(0); to.Count(count); break;
            case ItemRule.FollowsInput: to.Byte(1); break;
            case ItemRule.FoundBy(var expander): to.Byte(2); to.Count(expander.Value); break;
        }
        to.List(node.Dependencies, WriteDependency);
        switch (node.Batch)
        {
            case BatchRule.Automatic: to.Byte(0); break;
            case BatchRule.Size(var items): to.Byte(1); to.Count(items); break;
            case BatchRule.Whole: to.Byte(2); break;
        }
        WriteResources(to, node.Resources);
        to.Count(node.Retry.Attempts);
        to.Double(node.Retry.BackoffSeconds);
        to.List(node.Retry.On, static (w, c) => w.Byte((byte)c));
        to.Double(node.TimeoutSeconds);
        to.Count(node.AllowFailed.Count);
        to.Double(node.AllowFailed.Fraction);
        to.Count(node.MaxParallel);
        to.Int64(node.Priority);
        to.TextOrNone(node.Pool);
        to.Bool(node.IsExpander);
        to.Bool(node.IsVirtual);
    }

    private static PlanNode ReadNode(ref WireReader from)
    {
        string name = from.Text();
        ItemRule items = from.Byte() switch
        {
            0 => new ItemRule.Fixed(from.Count()),
            1 => new ItemRule.FollowsInput(),
            2 => new ItemRule.FoundBy(new(from.Small())),
            var other => throw from.Corrupt($"{other} is no item rule"),
        };
        var dependencies = from.List(ReadDependency, 5);
        BatchRule batch = from.Byte() switch
        {
            0 => new BatchRule.Automatic(),
            1 => new BatchRule.Size(from.Count()),
            2 => new BatchRule.Whole(),
            var other => throw from.Corrupt($"{other} is no batch rule"),
        };
        return new(name, items, dependencies)
        {
            Batch = batch,
            Resources = ReadResources(ref from),
            Retry = new(from.Small(), from.Double(), from.List(static (ref WireReader r) => r.Choice<FailureClass>())),
            TimeoutSeconds = from.Double(),
            AllowFailed = new(from.Count(), from.Double()),
            MaxParallel = from.Small(),
            Priority = Priority(ref from),
            Pool = from.TextOrNone(),
            IsExpander = from.Bool(),
            IsVirtual = from.Bool(),
        };
    }

    private static int Priority(ref WireReader from)
    {
        long value = from.Int64();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw from.Corrupt($"{value} is no priority");
    }

    private static void WriteDependency(WireWriter to, Dependency dependency)
    {
        to.Count(dependency.Upstream.Value);
        to.Text(dependency.Name);
        switch (dependency.Mapping)
        {
            case Mapping.OneToOne: to.Byte(0); break;
            case Mapping.All: to.Byte(1); break;
            case Mapping.Repeat(var times): to.Byte(2); to.Count(times); break;
            case Mapping.Blocks(var size, var step): to.Byte(3); to.Count(size); to.Count(step); break;
            case Mapping.Groups(var members): to.Byte(4); to.List(members, static (w, set) => w.Ranges(set)); break;
            case Mapping.Previous(var length): to.Byte(5); to.Count(length); break;
            case Mapping.Expanded: to.Byte(6); break;
        }
        to.Bool(dependency.OrderOnly);
        to.Bool(dependency.AcceptsFailures);
    }

    private static Dependency ReadDependency(ref WireReader from)
    {
        var upstream = new NodeId(from.Small());
        string name = from.Text();
        Mapping mapping = from.Byte() switch
        {
            0 => new Mapping.OneToOne(),
            1 => new Mapping.All(),
            2 => new Mapping.Repeat(from.Count()),
            3 => new Mapping.Blocks(from.Count(), from.Count()),
            4 => new Mapping.Groups(from.List(static (ref WireReader r) => r.Ranges())),
            5 => new Mapping.Previous(from.Count()),
            6 => new Mapping.Expanded(),
            var other => throw from.Corrupt($"{other} is no mapping"),
        };
        return new(upstream, name, mapping, from.Bool(), from.Bool());
    }
}
