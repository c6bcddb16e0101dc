namespace ExampleMlFarm.Core.Items;

/// <summary>
/// One output of an item, or of each item of a range: an artifact, or rows of one. With <see cref="Row"/> ≥ 0 the first item of
/// the range is row <see cref="Row"/> of the segment and the following items are the following rows; with −1 the artifact is
/// the output as a whole (ranges of one item only).
/// </summary>
/// <param name="Tag">What it is, matched by prefix: <c>geometry</c>, <c>file/onnx</c>, <c>report</c>, …</param>
/// <param name="Name">Name of the output within its item: the key of <c>out:</c>, or the node type's own.</param>
/// <param name="Hash">SHA-256 of the artifact.</param>
/// <param name="SizeBytes">Size of the artifact.</param>
/// <param name="Row">Row of the first item, or −1.</param>
public sealed record OutputRef(string Tag, string Name, ContentHash Hash, long SizeBytes, long Row = -1)
{
    /// <summary>The same output seen from an item further on in the range.</summary>
    public OutputRef Skip(long items) => items == 0 || Row < 0 ? this : this with { Row = Row + items };
}

/// <summary>One number an item reported about itself, such as <c>validation/loss</c>.</summary>
public readonly record struct Metric(string Name, double Value);

/// <summary>
/// What an expander item found: how many items of the expanded node come from it, and which upstream items each of them reads.
/// </summary>
/// <param name="Count">Items this expander adds, 0 or more.</param>
/// <param name="Members">
/// For item k of the expansion the upstream items it reads; null when every one reads the upstream item of the
/// expander's own index (<c>each:</c>).
/// </param>
public sealed record Expansion(long Count, IReadOnlyList<RangeSet>? Members);

/// <summary>How the attempts of a range ended.</summary>
public enum ResultKind : byte
{
    /// <summary>Cooked.</summary>
    Succeeded = 0,
    /// <summary>The worker found an earlier result under the cook key.</summary>
    Cached = 1,
    /// <summary>Failed; <see cref="ItemResult.Failure"/> says how.</summary>
    Failed = 2,
    /// <summary>Not started, or stopped on request: the items go back without a charge.</summary>
    Returned = 3,
}

/// <summary>
/// The result of a run of items that ended alike. A million items without outputs are one of these; a training item with
/// metrics is one as well.
/// </summary>
/// <param name="Items">The items, all of one lease.</param>
/// <param name="Kind">How they ended.</param>
/// <param name="Seconds">Cooking time of all of them together, in seconds.</param>
/// <param name="Outputs">Outputs, rows counted from the first item.</param>
/// <param name="KeyBase">Cook key of the range: item Start + i has (KeyBase, KeyIndex + i). Default when not cacheable.</param>
/// <param name="KeyIndex">Index of the first item under <paramref name="KeyBase"/>.</param>
/// <param name="Metrics">Metrics; ranges of one item only, unless empty.</param>
/// <param name="Expansion">Set for expander items (ranges of one item).</param>
/// <param name="Failure">Set for <see cref="ResultKind.Failed"/>.</param>
/// <param name="BrokenChecks">Texts of the <c>require:</c> lines that did not hold (ranges of one item).</param>
/// <param name="Attributes">
/// Attributes as a canonical JSON object, for items whose attributes do not follow from the plan (found by an expander, or set while
/// cooking; ranges of one item). Null when whoever needs them can work them out.
/// </param>
public sealed record ItemResult(
    ItemRange Items,
    ResultKind Kind,
    double Seconds = 0,
    IReadOnlyList<OutputRef>? Outputs = null,
    ContentHash KeyBase = default,
    long KeyIndex = 0,
    IReadOnlyList<Metric>? Metrics = null,
    Expansion? Expansion = null,
    Failure? Failure = null,
    IReadOnlyList<string>? BrokenChecks = null,
    string? Attributes = null)
{
    /// <summary>The part of this result that speaks of <paramref name="items"/>, which must lie inside it.</summary>
    public ItemResult Slice(ItemRange items)
    {
        if (items == Items) return this;
        long skip = items.Start - Items.Start;
        if (skip < 0 || items.End > Items.End) throw new ArgumentOutOfRangeException(nameof(items), items, $"not inside {Items}");
        return this with
        {
            Items = items,
            Seconds = Seconds * items.Count / Items.Count,
            Outputs = Outputs is null ? null : [.. Outputs.Select(o => o.Skip(skip))],
            KeyIndex = KeyIndex + skip,
        };
    }
}
