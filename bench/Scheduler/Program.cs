using System.Diagnostics;
using System.Globalization;
using ExampleMlFarm.Bench.Scheduler;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Scheduler.Journal;

// dotnet run -c Release --project bench/Scheduler [-- throughput | submit | restart | cache | journal]
string what = args.FirstOrDefault() ?? "all";
if (what == "worker")
{
    Console.WriteLine(await NoOpWorker.Work(args[1], long.Parse(args[2], CultureInfo.InvariantCulture), args[3] == "each"));
    return;
}
if (what == "victim")
{
    // Serves and works at once, until it is killed: it says the items once half of the run is acknowledged.
    await using var silo = await EmbeddedSilo.Start(args[1]);
    long run = await silo.Grains.GetGrain<IFarmGrain>(0).Submit(new("victim", args[1], [], PlanCodec.Encode(Plans.Items(1_000_000, new BatchRule.Size(500))), 0));
    await NoOpWorker.Work(args[1], run, perItem: false, limit: 500_000);
    Console.WriteLine("half");
    await Task.Delay(Timeout.Infinite);
}
if (what is "all" or "throughput") await Throughput();
if (what is "all" or "submit") await SubmitLarge();
if (what is "all" or "restart") await Restart();
if (what is "all" or "cache") await Cache();
if (what is "all" or "journal") await Journal();

static async Task Throughput()
{
    foreach (var (items, batch, form) in new (long, BatchRule, string)[]
    {
        (2_000, new BatchRule.Size(1), "range"), (1_000_000, new BatchRule.Size(100), "range"), (5_000_000, new BatchRule.Automatic(), "range"), (1_000_000, new BatchRule.Automatic(), "each"),
    })
    {
        using var folder = new Scratch();
        await using var silo = await EmbeddedSilo.Start(folder.Path);
        long run = await silo.Grains.GetGrain<IFarmGrain>(0).Submit(new("bench", folder.Path, [], PlanCodec.Encode(Plans.Items(items, batch)), 0));
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["worker", folder.Path, $"{run}", form]) { RedirectStandardOutput = true };
        using var worker = Process.Start(start)!;
        var grain = silo.Grains.GetGrain<IRunGrain>(run);
        // The clock runs from the first acknowledged item: the worker's own start is not what is measured.
        var view = await grain.State();
        while (view.Nodes[0].Counts[(int)ItemState.Succeeded] == 0) view = await grain.Watch(view.Sequence, 5);
        long before = view.Nodes[0].Counts[(int)ItemState.Succeeded];
        var watch = Stopwatch.StartNew();
        while (view.Finished is null) view = await grain.Watch(view.Sequence + 20, 1);
        double seconds = watch.Elapsed.TotalSeconds;
        await worker.WaitForExitAsync();
        Console.WriteLine($"durable no-op items, {items} items, batch {batch}, one result per {(form == "each" ? "item" : "lease")}: {(items - before) / seconds:N0} items/s, {silo.Store.Commits / seconds:N0} commits/s");
    }
}

static async Task SubmitLarge()
{
    using var folder = new Scratch();
    await using var silo = await EmbeddedSilo.Start(folder.Path);
    var farm = silo.Grains.GetGrain<IFarmGrain>(0);
    await farm.Submit(new("warm", folder.Path, [], PlanCodec.Encode(Plans.Items(10)), 0));
    long memory = GC.GetTotalMemory(true);
    var watch = Stopwatch.StartNew();
    long run = await farm.Submit(new("bench", folder.Path, [], PlanCodec.Encode(Plans.Items(10_000_000)), 0));
    double submitted = watch.Elapsed.TotalSeconds;
    await farm.Work(new("w", "here", 1, [], 1, 1, 0, 0, [], [], 0, 0));
    var reply = MessageCodec.DecodeReply(await silo.Grains.GetGrain<IRunGrain>(run).Exchange(MessageCodec.Encode(new WorkerMessage(new("w"), [], [], 1, 0))));
    Console.WriteLine($"10,000,000 items: submitted in {submitted:0.000} s, first lease ({reply.Granted[0].Items.Count} items) after {watch.Elapsed.TotalSeconds:0.000} s, {(GC.GetTotalMemory(true) - memory) / 1e7:0.00} bytes per item");
}

static async Task Restart()
{
    using var folder = new Scratch();
    using (var victim = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["victim", folder.Path]) { RedirectStandardOutput = true })!)
    {
        await victim.StandardOutput.ReadLineAsync();
        victim.Kill();
        await victim.WaitForExitAsync();
    }
    var watch = Stopwatch.StartNew();
    await using var silo = await EmbeddedSilo.Start(folder.Path);
    double started = watch.Elapsed.TotalSeconds;
    var farm = silo.Grains.GetGrain<IFarmGrain>(0);
    await farm.Activate(1);
    await farm.Work(new("w", "here", 1, [], 1, 1, 0, 0, [], [], 0, 0));
    var reply = MessageCodec.DecodeReply(await silo.Grains.GetGrain<IRunGrain>(1).Exchange(MessageCodec.Encode(new WorkerMessage(new("w"), [], [], 1, 5))));
    var counts = (await silo.Grains.GetGrain<IRunGrain>(1).State()).Nodes[0].Counts;
    Console.WriteLine($"1,000,000 items killed at {counts[(int)ItemState.Succeeded]}: silo up after {started:0.00} s, cooking again ({reply.Granted.Count} lease) after {watch.Elapsed.TotalSeconds:0.00} s");
}

static async Task Cache()
{
    using var folder = new Scratch();
    using var store = FarmStore.Open(Path.Combine(folder.Path, "farm.db"));
    var key = ContentHash.Of("ranges"u8);
    await store.Cache.Put([.. Enumerable.Range(0, 100).Select(i => Plans.Cached(key, i * 10_000L, 10_000))]);
    store.Cache.Find(key, 0, 1);
    var watch = Stopwatch.StartNew();
    long found = store.Cache.Find(key, 0, 1_000_000).Sum(r => r.Items.Count);
    Console.WriteLine($"1,000,000 cached items of 100 leases: {found} found in {watch.Elapsed.TotalMilliseconds:0.0} ms");

    const int Count = 200_000;
    var keys = Enumerable.Range(0, Count).Select(i => ContentHash.Of(BitConverter.GetBytes(i))).ToArray();
    watch.Restart();
    var writing = Process.GetCurrentProcess().TotalProcessorTime;
    foreach (var chunk in keys.Chunk(10_000)) await store.Cache.Put([.. chunk.Select(k => Plans.Cached(k, 0, 1))]);
    Console.WriteLine($"single-item keys written: {Count / watch.Elapsed.TotalSeconds:N0}/s ({Count / (Process.GetCurrentProcess().TotalProcessorTime - writing).TotalSeconds:N0}/s of processor time)");
    watch.Restart();
    var processor = Process.GetCurrentProcess().TotalProcessorTime;
    long hits = 0;
    foreach (var chunk in keys.Chunk(10_000)) hits += store.Cache.Find([.. chunk.Select(k => new ExampleMlFarm.Scheduler.Cache.CookQuery(k, 0, 1))]).Sum(r => r.Count);
    Console.WriteLine($"single-item keys found: {hits / watch.Elapsed.TotalSeconds:N0}/s ({hits / (Process.GetCurrentProcess().TotalProcessorTime - processor).TotalSeconds:N0}/s of processor time)");
}

static async Task Journal()
{
    using var folder = new Scratch();
    using var store = FarmStore.Open(Path.Combine(folder.Path, "farm.db"));
    var run = await store.Create(new("a", "", 0, DateTimeOffset.UnixEpoch, [], [1]));
    var watch = Stopwatch.StartNew();
    const int Alone = 2000, Together = 200_000;
    for (int i = 0; i < Alone; i++) await store.Append(run, new(i + 1, [new byte[100]], []));
    Console.WriteLine($"appends one by one: {Alone / watch.Elapsed.TotalSeconds:N0}/s");
    long commits = store.Commits;
    watch.Restart();
    var appends = new Task[Together];
    for (int i = 0; i < Together; i++) appends[i] = store.Append(run, new(Alone + i + 1, [new byte[100]], []));
    await Task.WhenAll(appends);
    Console.WriteLine($"appends together: {Together / watch.Elapsed.TotalSeconds:N0}/s in {store.Commits - commits} commits");
}

/// <summary>Plans and results of the measurements.</summary>
internal static class Plans
{
    /// <summary>One node of independent items.</summary>
    public static RunPlan Items(long count, BatchRule? batch = null) => new([new("items", new ItemRule.Fixed(count), []) { Batch = batch ?? new BatchRule.Automatic() }]);

    /// <summary>A cacheable result with one output.</summary>
    public static ItemResult Cached(ContentHash key, long index, long count) =>
        new(new(index, index + count), ResultKind.Succeeded, 1, [new("geometry", "geometry", key, 1000, index)], key, index);
}

/// <summary>A folder that is removed in the end.</summary>
internal sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mlfarm-bench-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
