using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Serving;
using ExampleMlFarm.Farm.Serving.Access;
using ExampleMlFarm.Farm.Serving.Hosting;
using ExampleMlFarm.Scheduler.Hosting;

namespace ExampleMlFarm.Tests.Farm.World;

/// <summary>The fake project as a farm that decides, behind an address on the loopback interface, with a key of each role. No worker.</summary>
public sealed class HttpFarm : IAsyncLifetime
{
    private EmbeddedSilo silo = null!;
    private HttpServer server = null!, closed = null!;
    private readonly Dictionary<FarmRole, string> tokens = [];

    /// <summary>The project.</summary>
    public FakeProject Project { get; } = new();

    /// <summary>Where programs of this machine need no key.</summary>
    public Uri Open => server.Url;

    /// <summary>Where everybody needs one.</summary>
    public Uri Closed => closed.Url;

    /// <summary>What is answered.</summary>
    internal HttpServer Server => closed;

    /// <summary>The farm.</summary>
    internal ServedFarm Farm { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        silo = await EmbeddedSilo.Start(Project.Root, new() { ResumesStoredRuns = true });
        Farm = new(silo.Grains, silo.Store, silo.Artifacts, Path.Combine(Project.Root, ".mlfarm", "logs"), TimeProvider.System);
        foreach (var role in Enum.GetValues<FarmRole>())
        {
            var key = ApiKey.Mint();
            await new KeyStore(silo.Store).Add(key.ToStored($"the {FarmRoles.Word(role)}", role, TimeProvider.System.GetUtcNow(), "test"));
            tokens[role] = key.Reveal();
        }
        server = await HttpServer.Start(Farm, Listening.Parse("http://127.0.0.1:0", null, null, false, false));
        closed = await HttpServer.Start(Farm, Listening.Parse("http://127.0.0.1:0", null, null, false, true));
    }

    /// <summary>A client that shows a key; with null it shows none.</summary>
    internal HttpClient Client(FarmRole? role) => Client(role is { } r ? tokens[r] : null);

    /// <summary>A client that shows this key.</summary>
    public HttpClient Client(string? token)
    {
        var client = new HttpClient { BaseAddress = new Uri(closed.Url, "/api/v1/"), Timeout = TimeSpan.FromSeconds(30) };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>The key of a role.</summary>
    internal string Token(FarmRole role) => tokens[role];

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await closed.DisposeAsync();
        await silo.DisposeAsync();
        Project.Dispose();
    }
}

/// <summary>Shorter words for calls.</summary>
internal static class ApiCalls
{
    /// <summary>Gets JSON, which must be there.</summary>
    public static async Task<JsonNode> Json(this HttpClient client, string path)
    {
        using var response = await client.GetAsync(path);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>Posts JSON; the status and the answer.</summary>
    public static async Task<(int Status, JsonNode? Body)> Post(this HttpClient client, string path, JsonObject body, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var response = await client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }
}
