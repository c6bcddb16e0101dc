using System.Net;
using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Farm.Serving;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Scheduler.Journal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ExampleMlFarm.Tests.Farm.World;

/// <summary>The fake project behind an address on the loopback interface. Nothing decides: orders have nobody who carries them out.</summary>
public sealed class ServedProject : IAsyncDisposable, IDisposable
{
    private readonly FarmStore store;
    private readonly WebApplication application;

    public ServedProject()
    {
        Project.BeServed();
        string state = Path.Combine(Project.Root, ".mlfarm");
        store = FarmStore.Open(Path.Combine(state, "farm.db"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddRouting();
        builder.WebHost.ConfigureKestrel(o => o.Listen(IPAddress.Loopback, 0));
        application = builder.Build();
        application.UseProblems();
        FarmApi.Map(application, new ServedFarm(null!, store, new ArtifactStore(Path.Combine(state, "artifacts")), Path.Combine(state, "logs"), TimeProvider.System));
        application.StartAsync().GetAwaiter().GetResult();
        Url = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    public FakeProject Project { get; } = new();

    public string Url { get; }

    public async ValueTask DisposeAsync()
    {
        await application.DisposeAsync();
        store.Dispose();
        Project.Dispose();
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
