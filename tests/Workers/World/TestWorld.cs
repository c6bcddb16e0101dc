using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Workers;
using ExampleMlFarm.Workers.Disk;
using ExampleMlFarm.Workers.Programs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ExampleMlFarm.Tests.Workers.World;

/// <summary>A worker, its farm, a clock that the test drives, and a folder that goes away.</summary>
internal sealed class TestWorld : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;
    private bool stopped;

    public TestWorld(RunPlan plan, Func<RunPlan, IRunProgram> program, int slots = 1, Action<FakeFarm>? prepare = null, Func<TestWorld, DiskRoom>? disk = null, Action? loading = null)
    {
        State = Directory.CreateTempSubdirectory("mlfarm-workers-").FullName;
        Store = new(Path.Combine(State, "artifacts"));
        Farm = new(plan, Time);
        prepare?.Invoke(Farm);
        Id = new("test-1-1");
        var made = program(plan);
        Worker = new(new(State, Id, slots), Farm, (_, _) =>
        {
            loading?.Invoke();
            return Task.FromResult(made);
        }, Time, NullLogger.Instance, disk?.Invoke(this));
        running = Task.Run(() => Worker.Run(stop.Token));
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public string State { get; }

    public WorkerId Id { get; }

    public FakeFarm Farm { get; }

    public ArtifactStore Store { get; }

    public Worker Worker { get; }

    public WorkerFolders Folders => new(State, Id);

    public static PlanNode Node(string name, long items, params Dependency[] dependencies) =>
        new(name, new ItemRule.Fixed(items), dependencies);

    /// <summary>Lets time pass, a twentieth of a second at a time, until the condition holds; fails after twenty real seconds.</summary>
    public async Task Until(Func<bool> condition, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, $"not within 20 s: {what}; run: {Farm.Ask(m => $"{m.Status} {string.Join(' ', m.Failures(3))}")}");
            Time.Advance(TimeSpan.FromSeconds(0.05));
            Farm.Tell(new TimePassed(Time.GetUtcNow()));
            await Task.Delay(1);
        }
    }

    public Task Finished() => Until(() => Farm.Ask(m => m.IsFinished), "the run ends");

    public ItemState StateOf(int node, long item) => Farm.Ask(m => m.StateOf(new(node), item));

    public IReadOnlyList<ItemResult> Results(int node, long items) => Farm.Ask(m => m.Results(new(node), new(0, items)).ToList());

    public async Task Stop()
    {
        if (stopped) return;
        stopped = true;
        await stop.CancelAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!running.IsCompleted && !limit.IsCancellationRequested)
        {
            Time.Advance(TimeSpan.FromSeconds(0.1));
            await Task.Delay(1);
        }
        await running;
        await Worker.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        stop.Dispose();
        Directory.Delete(State, recursive: true);
    }
}
