using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Scheduler.Cache;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Tests.Scheduler.Cache;

/// <summary>What every cook cache promises, whatever it is kept in.</summary>
public abstract class CookCacheContract : IDisposable
{
    private static readonly ContentHash Key = ContentHash.Of("key"u8), OtherKey = ContentHash.Of("other"u8);
    private readonly IFarmStore store;

    protected CookCacheContract() => store = Open();

    protected abstract IFarmStore Open();

    protected abstract void Discard();

    public void Dispose()
    {
        store.Dispose();
        Discard();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Result_is_found_under_its_key_whole_in_part_and_not_beside_it()
    {
        var segment = new OutputRef("geometry", "geometry", ContentHash.Of("segment"u8), 1234, 10);
        await store.Cache.Put([Result(Key, 100, 50) with { Items = new(7, 57), Outputs = [segment] }]);

        Assert.Empty(store.Cache.Find(Key, 0, 100));
        Assert.Empty(store.Cache.Find(Key, 150, 9));
        Assert.Empty(store.Cache.Find(OtherKey, 100, 50));
        Assert.Empty(store.Cache.Find(Key, 100, 0));
        var found = Assert.Single(store.Cache.Find(Key, 90, 30));
        Assert.Equal((new ItemRange(100, 120), 100L, Key), (found.Items, found.KeyIndex, found.KeyBase));
        Assert.Equal(segment, Assert.Single(found.Outputs!));
        Assert.Equal(segment with { Row = 35 }, Assert.Single(Assert.Single(store.Cache.Find(Key, 125, 1)).Outputs!));
    }

    [Fact]
    public async Task Everything_a_result_carries_comes_back()
    {
        var result = Result(Key, 5, 1) with
        {
            Seconds = 2.5,
            Outputs = [new("file/onnx", "model", ContentHash.Of("m"u8), 9)],
            Metrics = [new("validation/loss", 0.25)],
            Expansion = new(3, [new(new ItemRange(0, 2)), new(), new(new ItemRange(5, 6))]),
            BrokenChecks = ["metrics.gain > 0.5"],
            Attributes = """{"a":1}""",
        };
        await store.Cache.Put([result]);
        var found = Assert.Single(store.Cache.Find(Key, 5, 1));
        Assert.Equal(CookEntry.Encode(result), CookEntry.Encode(found));
        Assert.Equal(result.Attributes, found.Attributes);
    }

    [Fact]
    public async Task Failed_cached_and_keyless_results_are_not_kept()
    {
        await store.Cache.Put([
            Result(Key, 0, 1) with { Kind = ResultKind.Failed, Failure = Failure.Invalid("a.b", "c") }, Result(Key, 1, 1) with { Kind = ResultKind.Cached },
            Result(Key, 2, 1) with { Kind = ResultKind.Returned }, Result(default, 3, 1)]);
        Assert.Empty(store.Cache.Find(Key, 0, 10));
        Assert.Empty(store.Cache.Find(default, 0, 10));
    }

    [Fact]
    public async Task Results_are_kept_with_the_events_that_bring_them_or_not_at_all()
    {
        var run = await store.Create(Journal.FarmStoreContract.Run("a"));
        await Assert.ThrowsAsync<FarmException>(() => store.Append(run, new(7, [[1]], [Result(Key, 0, 1)])));
        Assert.Empty(store.Cache.Find(Key, 0, 1));
        await store.Append(run, new(1, [[1]], [Result(Key, 0, 1)]));
        Assert.Single(store.Cache.Find(Key, 0, 1));
    }

    [Fact]
    public async Task Entries_of_a_broken_artifact_are_dropped_and_no_others()
    {
        var (bad, good) = (new OutputRef("geometry", "g", ContentHash.Of("bad"u8), 1, 0), new OutputRef("geometry", "g", ContentHash.Of("good"u8), 1, 0));
        await store.Cache.Put([Result(Key, 0, 10) with { Outputs = [bad] }, Result(Key, 10, 10) with { Outputs = [good] }, Result(OtherKey, 0, 5) with { Outputs = [good, bad with { Name = "h" }] }]);
        Assert.Equal(15, await store.Cache.Forget([bad.Hash]));
        Assert.Equal([new ItemRange(10, 20)], store.Cache.Find(Key, 0, 100).Select(r => r.Items));
        Assert.Empty(store.Cache.Find(OtherKey, 0, 100));
        Assert.Equal(0, await store.Cache.Forget([bad.Hash]));
        Assert.Equal(10, await store.Cache.Forget([good.Hash]));
    }

    // Against a plain array: whatever is put and dropped in whatever order, each index has its newest result, and entries are disjoint.
    [Fact]
    public void Newest_result_of_each_index_is_found() =>
        Gen.Select(Gen.Int[0, 30], Gen.Int[1, 12], Gen.Bool).Array[1, 12].Sample(steps =>
        {
            var key = ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(string.Join(',', steps)));
            var expected = new double[64];
            for (int i = 0; i < steps.Length; i++)
            {
                var (start, count, drop) = steps[i];
                if (drop) store.Cache.Forget([new CookQuery(key, start, count)]).GetAwaiter().GetResult();
                // Seconds are split evenly when a result is cut, so per item they tell which result it is.
                else store.Cache.Put([Result(key, start, count) with { Seconds = (i + 1) * count }]).GetAwaiter().GetResult();
                expected.AsSpan(start, count).Fill(drop ? 0 : i + 1);
            }
            var found = store.Cache.Find(key, 0, 64);
            var actual = new double[64];
            foreach (var result in found) actual.AsSpan((int)result.Items.Start, (int)result.Items.Count).Fill(Math.Round(result.Seconds / result.Items.Count, 6));
            return actual.SequenceEqual(expected) && found.Sum(r => r.Items.Count) == expected.Count(e => e > 0);
        }, iter: 150, threads: 1);

    [Fact]
    public async Task Million_items_of_a_hundred_leases_are_a_hundred_entries()
    {
        await store.Cache.Put([.. Enumerable.Range(0, 100).Select(i => Result(Key, i * 10_000L, 10_000))]);
        var found = store.Cache.Find(Key, 0, 1_000_000);
        Assert.Equal(1_000_000, found.Sum(r => r.Items.Count));
        Assert.Equal(100, found.Count);
    }

    [Fact]
    public async Task Queries_answers_and_artifact_lists_round_trip_and_broken_bytes_are_named()
    {
        CookQuery[] queries = [new(Key, 0, 5), new(OtherKey, 1L << 40, 1)];
        Assert.Equal(queries, CookQueryCodec.DecodeQueries(CookQueryCodec.Encode(queries)));
        await store.Cache.Put([Result(Key, 0, 3)]);
        byte[] answers = CookQueryCodec.Encode(store.Cache.Find(queries));
        Assert.Equal([1, 0], CookQueryCodec.DecodeAnswers(answers).Select(a => a.Count));
        Assert.Equal([Key, OtherKey], CookQueryCodec.DecodeArtifacts(CookQueryCodec.Encode([Key, OtherKey])));

        Assert.Equal("wire.corrupt", Assert.Throws<FarmException>(() => CookQueryCodec.DecodeArtifacts(new byte[33])).Failure.Code);
        byte[] bytes = CookQueryCodec.Encode(queries);
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte).Sample((at, value) =>
        {
            byte[] broken = [.. bytes];
            broken[at] = value;
            try { CookQueryCodec.DecodeQueries(broken); }
            catch (FarmException e) { Assert.Equal("wire.corrupt", e.Failure.Code); }
            Assert.Throws<FarmException>(() => CookQueryCodec.DecodeQueries(bytes.AsSpan(0, at)));
        }, iter: 300);
    }

    private static ItemResult Result(ContentHash key, long index, long count) => new(new(index, index + count), ResultKind.Succeeded, KeyBase: key, KeyIndex: index);
}

/// <summary>The contract, on SQLite.</summary>
public sealed class SqliteCookCache : CookCacheContract
{
    private readonly TemporaryFolder folder = new();

    protected override IFarmStore Open() => FarmStore.Open(folder.File("farm.db"));

    protected override void Discard() => folder.Dispose();
}

/// <summary>The contract, on PostgreSQL.</summary>
public sealed class PostgresCookCacheTests : CookCacheContract
{
    private string? database;

    protected override IFarmStore Open() => ExampleMlFarm.Scheduler.Journal.Postgres.PostgresFarmStore.Open(database ??= World.PostgresServer.NewDatabase()).GetAwaiter().GetResult();

    protected override void Discard() => World.PostgresServer.Drop(database!);
}
