using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using Polly;
using Polly.Retry;

namespace ExampleMlFarm.Workers.Links.Http;

/// <summary>
/// Calls of a worker to the servers of its farm. It only dials out. Every call may be made twice, and goes to the next server when one does not answer.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class FarmClient : IDisposable
{
    /// <summary>Path of the API below a server's address.</summary>
    public const string ApiPath = "api/v1/";

    // The longest poll and what its answer may take to arrive.
    private const double CallSeconds = 60;

    private readonly ResiliencePipeline retrying;
    private readonly TimeProvider time;

    /// <summary>A way to a farm.</summary>
    /// <param name="servers">Addresses of its servers, such as <c>http://farm:8470</c>; at least one.</param>
    /// <param name="key">API key of workers; empty for none.</param>
    /// <param name="time">Clock.</param>
    /// <param name="network">What carries requests; the network unless given.</param>
    public FarmClient(IReadOnlyList<Uri> servers, string key, TimeProvider time, HttpMessageHandler? network = null)
    {
        this.time = time;
        var roots = servers.Select(s => new Uri(s.AbsoluteUri.EndsWith('/') ? s : new Uri(s.AbsoluteUri + "/"), ApiPath)).ToList();
        network ??= new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(3), PooledConnectionLifetime = TimeSpan.FromMinutes(10), MaxConnectionsPerServer = 64 };
        // The handler knows how long an answer may take; bodies may take as long as they need.
        Http = new HttpClient(new FailoverHandler(roots, network, time)) { BaseAddress = roots[0], Timeout = Timeout.InfiniteTimeSpan };
        if (key.Length > 0) Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        Artifacts = new(Http, time);
        // Whoever calls tries again for as long as it takes, and says so; this only bridges the moment in which a server changes.
        retrying = new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<FarmUnreachableException>(),
            BackoffType = DelayBackoffType.Exponential, Delay = TimeSpan.FromMilliseconds(50), MaxDelay = TimeSpan.FromSeconds(1), MaxRetryAttempts = 4,
        }).Build();
    }

    /// <summary>The client below the API's root.</summary>
    public HttpClient Http { get; }

    /// <summary>The farm's artifacts.</summary>
    public HttpArtifacts Artifacts { get; }

    /// <summary>Introduces a worker.</summary>
    /// <exception cref="FarmUnreachableException">No server answers.</exception>
    /// <exception cref="FarmException"><c>farm.refused</c>: the key is wrong.</exception>
    public Task<SessionWords> Register(string host, CancellationToken cancellation) => Json("worker/register", new RegisterWords(host), HttpWordsJson.Default.RegisterWords, HttpWordsJson.Default.SessionWords, null, cancellation);

    /// <summary>Posts JSON and reads JSON.</summary>
    public async Task<TAnswer> Json<TBody, TAnswer>(string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, SessionWords? session, CancellationToken cancellation)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, bodyType);
        var answer = await Call(() => new(HttpMethod.Post, path) { Content = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/json") } } }, session, null, cancellation);
        try { return JsonSerializer.Deserialize(answer!, answerType) ?? throw new JsonException("null"); }
        catch (JsonException e) { throw new FarmUnreachableException($"what answers is no farm: {e.Message}", e); }
    }

    /// <summary>Posts bytes and reads bytes.</summary>
    public async Task<byte[]> Post(string path, byte[] body, SessionWords session, RunId? run, CancellationToken cancellation, string? encoding = null) =>
        (await Call(() =>
        {
            var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/octet-stream") } };
            if (encoding is not null) content.Headers.ContentEncoding.Add(encoding);
            return new(HttpMethod.Post, path) { Content = content };
        }, session, run, cancellation))!;

    /// <summary>Puts bytes under a path.</summary>
    public Task Put(string path, byte[] body, SessionWords session, CancellationToken cancellation) => Call(() => new(HttpMethod.Put, path) { Content = new ByteArrayContent(body) }, session, null, cancellation);

    /// <summary>Gets bytes; null when there is nothing under that path, unless it is of a run: then that is gone.</summary>
    public Task<byte[]?> Get(string path, SessionWords session, RunId? run, CancellationToken cancellation) => Call(() => new(HttpMethod.Get, path), session, run, cancellation);

    /// <summary>Removes what is under a path.</summary>
    public Task Delete(string path, SessionWords session, CancellationToken cancellation) => Call(() => new(HttpMethod.Delete, path), session, null, cancellation);

    /// <inheritdoc/>
    public void Dispose() => Http.Dispose();

    private async Task<byte[]?> Call(Func<HttpRequestMessage> make, SessionWords? session, RunId? run, CancellationToken cancellation)
    {
        return await retrying.ExecuteAsync(async token =>
        {
            using var request = make();
            using var late = new CancellationTokenSource(TimeSpan.FromSeconds(CallSeconds), time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(token, late.Token);
            if (session is not null) request.Headers.Add(SessionWords.Header, session.ToHeader());
            try
            {
                using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseContentRead, either.Token);
                var body = await response.Content.ReadAsByteArrayAsync(either.Token);
                if (response.IsSuccessStatusCode) return body;
                if (response.StatusCode == HttpStatusCode.NotFound && run is null && request.Method == HttpMethod.Get) return null;
                throw Refusal(response.StatusCode, body, run);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException) { throw new FarmUnreachableException((e.InnerException ?? e).Message, e); }
            catch (OperationCanceledException e) when (!token.IsCancellationRequested) { throw new FarmUnreachableException($"no whole answer came within {CallSeconds} s", e); }
        }, cancellation);
    }

    private static Exception Refusal(HttpStatusCode status, byte[] body, RunId? run)
    {
        string code = "", detail = $"the farm answers {(int)status}";
        try
        {
            using var problem = JsonDocument.Parse(body);
            if (problem.RootElement.ValueKind == JsonValueKind.Object)
            {
                if (problem.RootElement.TryGetProperty("code", out var c) && c.ValueKind == JsonValueKind.String) code = c.GetString()!;
                if (problem.RootElement.TryGetProperty("detail", out var d) && d.ValueKind == JsonValueKind.String) detail = $"{d.GetString()} ({(int)status})";
            }
        }
        catch (JsonException) { }
        if (run is { } gone && code == "run.unknown") return new RunGoneException(gone);
        // Wrong keys and requests that a server of this version does not understand do not become right by asking again; all else may.
        return status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge
            ? new FarmException(new Failure(FailureClass.Permanent, "farm.refused", detail)) : new FarmUnreachableException(detail);
    }
}
