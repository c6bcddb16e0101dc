using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Scheduler.Cache;

/// <summary>A question to the cook cache: the items <paramref name="Start"/> … <paramref name="Start"/> + <paramref name="Count"/> − 1 under one key.</summary>
public readonly record struct CookQuery(ContentHash KeyBase, long Start, long Count)
{
    internal long End => Start + Count;
}

/// <summary>
/// Earlier results by cook key. A key is a base and an index, so that a million items of one node are a handful of entries. It does not look
/// whether the artifacts are still there.
/// </summary>
/// <remarks>
/// Entries under one base never overlap: a newer result cuts what it covers out of older ones. So a look-up is one descent of the tree. Safe for
/// several threads; entries are written together with the events that carry the results.
/// </remarks>
public interface ICookCache
{
    /// <summary>
    /// What is known of each query: results ascending, cut to the query, gaps left out. <see cref="ItemResult.Items"/> counts under the key base, as
    /// <see cref="ItemResult.KeyIndex"/> does.
    /// </summary>
    IReadOnlyList<IReadOnlyList<ItemResult>> Find(IReadOnlyList<CookQuery> queries);

    /// <summary>What is known of one query.</summary>
    IReadOnlyList<ItemResult> Find(ContentHash keyBase, long start, long count) => Find([new(keyBase, start, count)])[0];

    /// <summary>Drops every entry that has one of these artifacts among its outputs; returns how many items that were.</summary>
    Task<long> Forget(IReadOnlyList<ContentHash> artifacts);

    /// <summary>Drops the entries of these keys, so that the items cook again.</summary>
    Task Forget(IReadOnlyList<CookQuery> keys);

    /// <summary>Stores results outside a run, such as those of an import.</summary>
    Task Put(IReadOnlyList<ItemResult> results);
}
