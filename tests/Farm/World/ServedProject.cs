using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Farm.Serving;
using ExampleMlFarm.Farm.Serving.Hosting;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Tests.Farm.World;

/// <summary>The fake project behind an address on the loopback interface. Nothing decides: orders have nobody who carries them out.</summary>
public sealed class ServedProject : IAsyncDisposable, IDisposable
{
    private readonly FarmStore store;
    private readonly HttpServer server;

    public ServedProject()
    {
        Project.BeServed();
        string state = Path.Combine(Project.Root, ".mlfarm");
        store = FarmStore.Open(Path.Combine(state, "farm.db"));
        server = HttpServer.Start(new ServedFarm(null!, store, new ArtifactStore(Path.Combine(state, "artifacts")), Path.Combine(state, "logs"), TimeProvider.System),
            Listening.Parse("http://127.0.0.1:0", null, null, insecure: false, requireKeys: false)).GetAwaiter().GetResult();
        Url = server.Url.ToString().TrimEnd('/');
    }

    public FakeProject Project { get; } = new();

    public string Url { get; }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        store.Dispose();
        Project.Dispose();
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
