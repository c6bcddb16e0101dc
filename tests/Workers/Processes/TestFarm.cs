using System.Collections.Concurrent;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Workers.Processes;
using Microsoft.Extensions.Logging;

namespace ExampleMlFarm.Tests.Workers.Processes;

/// <summary>A silo in this process and workers in processes of their own, in a folder that goes away.</summary>
internal sealed class TestFarm : IAsyncDisposable
{
    private TestFarm(string folder, EmbeddedSilo silo) => (Folder, Silo) = (folder, silo);

    public string Folder { get; }

    public EmbeddedSilo Silo { get; }

    public LocalWorkers? Workers { get; private set; }

    /// <summary>What the owner of the workers told people.</summary>
    public HeardWords Heard { get; } = new();

    public static async Task<TestFarm> Start(string? folder = null)
    {
        folder ??= Directory.CreateTempSubdirectory("mlfarm-farm-").FullName;
        return new(folder, await EmbeddedSilo.Start(folder));
    }

    public void StartWorkers(int processes, int slots) =>
        Workers = new(Environment.ProcessPath!, ["worker"], processes, new(Folder, slots), new GrainFarewells(Silo.Grains), Heard);

    public async Task<IRunGrain> Submit(string recipe, Func<byte[], byte[]>? refreeze = null)
    {
        var compiled = RecipeCompiler.Compile(recipe, "test.yaml", new Dictionary<string, string>(), Catalogue.Descriptors, new DiskFiles(Folder));
        Assert.True(compiled.Program is not null, string.Join('\n', compiled.Errors));
        var frozen = FrozenRun.Freeze(compiled.Program);
        long run = await Silo.Grains.GetGrain<IFarmGrain>(0).Submit(
            new(compiled.Program.Name, Folder, refreeze?.Invoke(frozen) ?? frozen, PlanCodec.Encode(compiled.Program.Plan), 0));
        return Silo.Grains.GetGrain<IRunGrain>(run);
    }

    public static async Task<RunView> Finish(IRunGrain run, double seconds = 60)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        for (long known = 0; ;)
        {
            var view = await run.Watch(known, 1);
            if ((RunStatus)view.Status is not (RunStatus.Running or RunStatus.Empty or RunStatus.Paused)) return view;
            Assert.False(limit.IsCancellationRequested, $"not finished within {seconds} s: {string.Join(' ', view.Nodes.Select(n => $"{n.Name} {string.Join(',', n.Counts)}"))} {string.Join(' ', view.Failures.Select(f => f.Message))}");
            known = view.Sequence;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Workers is not null) await Workers.DisposeAsync();
        await Silo.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Keeps what is logged.</summary>
    internal sealed class HeardWords : ILogger
    {
        private readonly ConcurrentQueue<string> words = new();

        public IReadOnlyList<string> Words => [.. words];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => words.Enqueue(formatter(state, exception));
    }
}
