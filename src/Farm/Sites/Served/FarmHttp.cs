using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Serving;
using ExampleMlFarm.Workers.Links.Http;
using Polly;
using Polly.Retry;

namespace ExampleMlFarm.Farm.Sites.Served;

/// <summary>
/// Calls to a farm's HTTP API. Calls that may be made twice are tried again for some seconds while nobody answers; what the farm itself answers is final, and its
/// problem details become the message of the command.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
internal sealed class FarmHttp : IDisposable
{
    // A farm that never answered is soon given up; one that did is being started anew, and is waited for.
    private const int Attempts = 6, AttemptsOnceAnswered = 20;
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(100);

    private readonly HttpClient http;
    private readonly ResiliencePipeline retrying;
    private volatile bool hasAnswered;

    /// <summary>A way to the farm at an address.</summary>
    /// <param name="url">Its address, without the path of the API.</param>
    /// <param name="token">API key; empty for none.</param>
    /// <param name="time">Clock.</param>
    /// <param name="others">Further servers of the same farm, for when the first does not answer.</param>
    public FarmHttp(Uri url, string token, TimeProvider time, params IReadOnlyList<Uri> others)
    {
        Url = url;
        http = new HttpClient(new FailoverHandler([url, .. others], new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All, ConnectTimeout = TimeSpan.FromSeconds(5) }, time))
        {
            BaseAddress = new Uri(url, FarmApi.Root.TrimStart('/') + "/"), Timeout = LongestAnswer,
        };
        if (token.Length > 0) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        retrying = new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is HttpRequestException or IOException && (hasAnswered || args.AttemptNumber < Attempts)),
            BackoffType = DelayBackoffType.Exponential, Delay = TimeSpan.FromMilliseconds(100), MaxDelay = TimeSpan.FromSeconds(2), MaxRetryAttempts = AttemptsOnceAnswered,
        }).Build();
    }

    /// <summary>The farm's address.</summary>
    public Uri Url { get; }

    /// <summary>Gets bytes; null when there is nothing there (404 or 204).</summary>
    /// <exception cref="CliException">The farm cannot be reached, or refuses.</exception>
    public Answer? Get(string path, long from = 0)
    {
        return Send(() =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (from > 0) request.Headers.Range = new(from, null);
            return request;
        }, absentIsNull: true);
    }

    /// <summary>Gets bytes of what every farm has.</summary>
    /// <exception cref="CliException">The farm cannot be reached, refuses, or is none.</exception>
    public Answer Demand(string path) => Get(path) ?? throw Unreachable(new IOException("what answers there is no farm"));

    /// <summary>Bytes of what is under that path; null when nothing is.</summary>
    public long? SizeOf(string path) => Send(() => new HttpRequestMessage(HttpMethod.Head, path), absentIsNull: true)?.Length;

    /// <summary>Appends to a file what it lacks of what is under that path; false when nothing is. A connection that breaks is taken up where it broke.</summary>
    public bool Download(string path, Stream into)
    {
        try
        {
            return retrying.Execute(() =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                if (into.Length > 0) request.Headers.Range = new(into.Length, null);
                using var response = http.Send(request, HttpCompletionOption.ResponseHeadersRead);
                if (response.StatusCode == HttpStatusCode.NotFound) return false;
                if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return true;
                if (response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway) throw new HttpRequestException($"it answers {(int)response.StatusCode}");
                using var body = response.Content.ReadAsStream();
                if (!response.IsSuccessStatusCode) throw Refusal(response.StatusCode, []);
                // Whoever answers without a range begins at the beginning.
                if (response.StatusCode == HttpStatusCode.OK) into.SetLength(0);
                into.Seek(0, SeekOrigin.End);
                body.CopyTo(into);
                return true;
            });
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException) { throw Unreachable(e); }
    }

    /// <summary>Deletes what is under a path; doing it twice is doing it once.</summary>
    public void Delete(string path) => Send(() => new HttpRequestMessage(HttpMethod.Delete, path), absentIsNull: false);

    /// <summary>Puts a file under a path.</summary>
    public void PutFile(string path, string file) => Send(() => new HttpRequestMessage(HttpMethod.Put, path) { Content = new StreamContent(File.OpenRead(file)) }, absentIsNull: false);

    /// <summary>Posts bytes that only ask.</summary>
    /// <exception cref="CliException">The farm cannot be reached, or refuses.</exception>
    public Answer Post(string path, byte[] body) => Send(() => new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) }, absentIsNull: false)!;

    /// <summary>Posts JSON and reads JSON. The same call made twice has its effect once, since both carry the same key.</summary>
    /// <exception cref="CliException">The farm cannot be reached, or refuses.</exception>
    public JsonNode? Post(string path, JsonObject body, string idempotencyKey)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(body);
        var answer = Send(() =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/json") } } };
            request.Headers.Add("Idempotency-Key", idempotencyKey);
            return request;
        }, absentIsNull: false)!;
        return answer.Body.Length == 0 ? null : JsonNode.Parse(answer.Body);
    }

    /// <summary>The message for a farm that does not answer.</summary>
    public CliException Unreachable(Exception cause) => new(ExitCode.Unreachable, $"the farm at {Url} cannot be reached: {(cause.InnerException ?? cause).Message.TrimEnd('.')}",
        "is the address right (MLFARM_URL, --url), and does a server run there? mlfarm server start");

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private Answer? Send(Func<HttpRequestMessage> make, bool absentIsNull)
    {
        try
        {
            return retrying.Execute(() =>
            {
                using var request = make();
                using var response = http.Send(request, HttpCompletionOption.ResponseContentRead);
                if (response.StatusCode == HttpStatusCode.NoContent || (absentIsNull && response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.RequestedRangeNotSatisfiable)) return null;
                hasAnswered = true;
                // A server that goes away says so; another one, or the same one later, answers.
                if (response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway) throw new HttpRequestException($"it answers {(int)response.StatusCode}");
                using var memory = new MemoryStream();
                response.Content.ReadAsStream().CopyTo(memory);
                if (!response.IsSuccessStatusCode) throw Refusal(response.StatusCode, memory.ToArray());
                return new Answer(memory.ToArray(), response.Content.Headers.ContentLength ?? memory.Length, response.Headers.TryGetValues("Mlfarm-Sequence", out var values) && long.TryParse(values.First(), out long sequence) ? sequence : 0);
            });
        }
        catch (Exception e) when (e is HttpRequestException or IOException) { throw Unreachable(e); }
        catch (TaskCanceledException e) { throw Unreachable(e); }
    }

    private CliException Refusal(HttpStatusCode status, byte[] body)
    {
        string message = $"the farm at {Url} answers {(int)status}", hint = "";
        string? at = null;
        try
        {
            if (JsonNode.Parse(body) is JsonObject problem)
            {
                message = (string?)problem["detail"] ?? (string?)problem["title"] ?? message;
                hint = (string?)problem["hint"] ?? "";
                at = (string?)problem["at"];
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) { }
        var code = status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ExitCode.NotSignedIn,
            HttpStatusCode.NotFound => ExitCode.NotFound,
            HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.Conflict => ExitCode.Invalid,
            _ => ExitCode.Unexpected,
        };
        if (code == ExitCode.NotSignedIn && hint.Length == 0) hint = "sign in with: mlfarm auth login";
        return new(code, message, hint.Length > 0 ? hint : null, at);
    }
}

/// <summary>What a farm answered.</summary>
/// <param name="Body">The bytes.</param>
/// <param name="Length">Bytes that the answer has, or would have had it been asked with GET.</param>
/// <param name="Sequence">The event number that came along; 0 when none did.</param>
internal sealed record Answer(byte[] Body, long Length, long Sequence);
