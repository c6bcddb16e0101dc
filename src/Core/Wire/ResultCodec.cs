using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Wire;

/// <summary>Bytes of results, failures and expansions: the parts that events, messages and snapshots share.</summary>
public static class ResultCodec
{
    // Which optional parts follow. A result without any is 2 + 2 + 8 bytes or fewer.
    [Flags]
    private enum Parts : byte
    {
        None = 0, Seconds = 1, Outputs = 2, Key = 4, Metrics = 8, Expansion = 16, Failure = 32, BrokenChecks = 64, Attributes = 128,
    }

    public static void Write(WireWriter to, ItemResult result)
    {
        to.Range(result.Items);
        to.Byte((byte)result.Kind);
        var parts = (result.Seconds != 0 ? Parts.Seconds : 0)
            | (result.Outputs is { Count: > 0 } ? Parts.Outputs : 0)
            | (result.KeyBase != default || result.KeyIndex != 0 ? Parts.Key : 0)
            | (result.Metrics is { Count: > 0 } ? Parts.Metrics : 0)
            | (result.Expansion is not null ? Parts.Expansion : 0)
            | (result.Failure is not null ? Parts.Failure : 0)
            | (result.BrokenChecks is { Count: > 0 } ? Parts.BrokenChecks : 0)
            | (result.Attributes is not null ? Parts.Attributes : 0);
        to.Byte((byte)parts);
        if (parts.HasFlag(Parts.Seconds)) to.Double(result.Seconds);
        if (parts.HasFlag(Parts.Outputs)) to.List(result.Outputs!, WriteOutput);
        if (parts.HasFlag(Parts.Key))
        {
            to.Hash(result.KeyBase);
            to.Count(result.KeyIndex);
        }
        if (parts.HasFlag(Parts.Metrics)) to.List(result.Metrics!, static (w, m) => { w.Text(m.Name); w.Double(m.Value); });
        if (parts.HasFlag(Parts.Expansion)) WriteExpansion(to, result.Expansion!);
        if (parts.HasFlag(Parts.Failure)) WriteFailure(to, result.Failure!);
        if (parts.HasFlag(Parts.BrokenChecks)) to.List(result.BrokenChecks!, static (w, text) => w.Text(text));
        if (parts.HasFlag(Parts.Attributes)) to.Text(result.Attributes!);
    }

    public static ItemResult Read(ref WireReader from)
    {
        var items = from.Range();
        if (items.IsEmpty) throw from.Corrupt("a result speaks of no items");
        var kind = from.Choice<ResultKind>();
        var parts = (Parts)from.Byte();
        double seconds = 0;
        if (parts.HasFlag(Parts.Seconds))
        {
            seconds = from.Double();
            if (seconds == 0) throw from.Corrupt("a part is written that holds nothing");
        }
        var outputs = parts.HasFlag(Parts.Outputs) ? NotEmpty(ref from, from.List(ReadOutput, 36)) : null;
        ContentHash keyBase = default;
        long keyIndex = 0;
        if (parts.HasFlag(Parts.Key))
        {
            keyBase = from.Hash();
            keyIndex = from.Count();
            if (keyBase == default && keyIndex == 0) throw from.Corrupt("a part is written that holds nothing");
        }
        var metrics = parts.HasFlag(Parts.Metrics) ? NotEmpty(ref from, from.List(static (ref WireReader r) => new Metric(r.Text(), r.Double()), 9)) : null;
        var expansion = parts.HasFlag(Parts.Expansion) ? ReadExpansion(ref from) : null;
        var failure = parts.HasFlag(Parts.Failure) ? ReadFailure(ref from) : null;
        var broken = parts.HasFlag(Parts.BrokenChecks) ? NotEmpty(ref from, from.List(static (ref WireReader r) => r.Text())) : null;
        string? attributes = parts.HasFlag(Parts.Attributes) ? from.Text() : null;
        return new(items, kind, seconds, outputs, keyBase, keyIndex, metrics, expansion, failure, broken, attributes);
    }

    public static void WriteFailure(WireWriter to, Failure failure)
    {
        to.Byte((byte)failure.Class);
        to.Text(failure.Code);
        to.Text(failure.Message);
        to.TextOrNone(failure.Detail);
    }

    public static Failure ReadFailure(ref WireReader from)
        => new(from.Choice<FailureClass>(), from.Text(), from.Text(), from.TextOrNone());

    public static void WriteExpansion(WireWriter to, Expansion expansion)
    {
        to.Count(expansion.Count);
        to.Bool(expansion.Members is not null);
        if (expansion.Members is { } members) to.List(members, static (w, set) => w.Ranges(set));
    }

    public static Expansion ReadExpansion(ref WireReader from)
    {
        long count = from.Count();
        return new(count, from.Bool() ? from.List(static (ref WireReader r) => r.Ranges()) : null);
    }

    private static void WriteOutput(WireWriter to, OutputRef output)
    {
        to.Text(output.Tag);
        to.Text(output.Name);
        to.Hash(output.Hash);
        to.Count(output.SizeBytes);
        to.CountOrNone(output.Row);
    }

    private static OutputRef ReadOutput(ref WireReader from) => new(from.Text(), from.Text(), from.Hash(), from.Count(), from.CountOrNone());

    private static List<T> NotEmpty<T>(ref WireReader from, List<T> list)
        => list.Count > 0 ? list : throw from.Corrupt("a part is written that holds nothing");
}
