using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using Polly;
using Polly.Retry;

namespace ExampleMlFarm.Workers.Links.Http;

/// <summary>
/// The farm's artifacts over HTTP. What was sent or received before a connection broke is not sent again. It checks no bytes: the store that asks and the server that
/// takes do.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class HttpArtifacts : IArtifactOrigin
{
    /// <summary>Files up to this size are sent whole and unasked: asking first would take as long.</summary>
    public const int WholeBytes = 256 << 10;

    /// <summary>Size of a piece of a larger file: what a broken connection may cost.</summary>
    public const int PieceBytes = 4 << 20;

    // A size that was heard of is believed for this long: one lease asks for the same artifact many times.
    private const double BelievedSeconds = 30;
    private const double StalledSeconds = 25;
    private const int Attempts = 9, MostBelieved = 100_000;

    private readonly HttpClient http;
    private readonly TimeProvider time;
    private readonly ResiliencePipeline retrying;
    private readonly ConcurrentDictionary<ContentHash, (long SizeBytes, long HeardAt)> believed = new();

    /// <summary>Artifacts of a farm.</summary>
    /// <param name="http">A client whose base address is the root of the farm's API.</param>
    /// <param name="time">Clock; the system's unless given.</param>
    public HttpArtifacts(HttpClient http, TimeProvider? time = null)
    {
        this.http = http;
        this.time = time ?? TimeProvider.System;
        // In all about twelve seconds: longer than a server takes to be replaced.
        retrying = new ResiliencePipelineBuilder { TimeProvider = this.time }.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<HttpRequestException>().Handle<IOException>().Handle<TimeoutException>(),
            BackoffType = DelayBackoffType.Exponential, Delay = TimeSpan.FromMilliseconds(50), MaxDelay = TimeSpan.FromSeconds(3), MaxRetryAttempts = Attempts,
        }).Build();
    }

    /// <summary>The farm has said that it has this artifact, so that it need not be asked again at once.</summary>
    public void Believe(ContentHash hash, long sizeBytes)
    {
        if (believed.Count >= MostBelieved) believed.Clear();
        believed[hash] = (sizeBytes, time.GetTimestamp());
    }

    /// <inheritdoc/>
    public long? SizeOf(ContentHash hash)
    {
        if (believed.TryGetValue(hash, out var known) && time.GetElapsedTime(known.HeardAt).TotalSeconds < BelievedSeconds) return known.SizeBytes;
        believed.TryRemove(hash, out _);
        return Blocking($"artifact {hash} cannot be asked for", async token =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, $"artifacts/{hash}");
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
            if (IsAbsent(response)) return (long?)null;
            Accept(response);
            long size = response.Content.Headers.ContentLength ?? throw new HttpRequestException("the answer has no Content-Length");
            Believe(hash, size);
            return size;
        }, whenSilent: null);
    }

    /// <inheritdoc/>
    public bool Fetch(ContentHash hash, Stream into)
    {
        ArgumentNullException.ThrowIfNull(into);
        return Blocking($"artifact {hash} cannot be fetched", async token =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"artifacts/{hash}");
            if (into.Length > 0) request.Headers.Range = new RangeHeaderValue(into.Length, null);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
            if (IsAbsent(response)) return false;
            // All of it is there already: only its bytes have to be checked.
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return true;
            Accept(response);
            if (response.StatusCode != HttpStatusCode.PartialContent) into.SetLength(0);
            into.Position = into.Length;
            await Copy(await response.Content.ReadAsStreamAsync(token), into, token);
            return true;
        }, whenSilent: false);
    }

    /// <summary>Sends an artifact to the farm unless it has it; goes on where an earlier attempt was cut off.</summary>
    /// <param name="store">Where it lies.</param>
    /// <param name="hash">Its name.</param>
    /// <param name="cancellation">Gives up; what has arrived stays there.</param>
    /// <exception cref="FarmException"><c>farm.unreachable</c>, or the store's own <c>artifact.missing</c> and <c>artifact.corrupt</c>.</exception>
    public async Task Upload(ArtifactStore store, ContentHash hash, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(store);
        try
        {
            await retrying.ExecuteAsync(async token =>
            {
                await using var file = store.Open(hash);
                if (file.Length <= WholeBytes && await Whole(file, hash, token)) return;
                await Pieces(file, hash, token);
            }, cancellation);
        }
        catch (Exception e) when (IsSilence(e)) { throw Unreachable($"artifact {hash} cannot be sent", e); }
    }

    private async Task<bool> Whole(FileStream file, ContentHash hash, CancellationToken cancellation)
    {
        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes, cancellation);
        using var response = await http.PutAsync($"artifacts/{hash}", new ByteArrayContent(bytes), cancellation);
        // Somebody began to send it in pieces: go on with these.
        if (response.StatusCode == HttpStatusCode.Conflict) return false;
        Accept(response);
        return true;
    }

    private async Task Pieces(FileStream file, ContentHash hash, CancellationToken cancellation)
    {
        long there = await Number(await http.GetAsync($"artifacts/{hash}/arrived", cancellation), cancellation);
        byte[] piece = [];
        while (there >= 0)
        {
            // What lies there is longer than the file: somebody else's rubbish under this name; the server drops it when it is complete.
            if (there > file.Length) throw new HttpRequestException($"{there} bytes of {hash} are there, of {file.Length}");
            if (piece.Length == 0) piece = new byte[Math.Min(PieceBytes, file.Length - there)];
            int length = (int)Math.Min(piece.Length, file.Length - there);
            file.Position = there;
            await file.ReadExactlyAsync(piece.AsMemory(0, length), cancellation);
            using var response = await http.PatchAsync(string.Create(CultureInfo.InvariantCulture, $"artifacts/{hash}?offset={there}&size={file.Length}"), new ByteArrayContent(piece, 0, length), cancellation);
            long now = await Number(response, cancellation);
            if (now == file.Length) return;
            // Another worker sends the same file at the same time: wait for it rather than race.
            if (now <= there && now != 0) throw new HttpRequestException($"artifact {hash} does not grow");
            there = now;
        }
    }

    private static async Task<long> Number(HttpResponseMessage response, CancellationToken cancellation)
    {
        using (response)
        {
            Accept(response);
            return long.TryParse(await response.Content.ReadAsStringAsync(cancellation), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
                ? number : throw new HttpRequestException("what answers is no farm");
        }
    }

    // Refusals are tried again too: a server that starts, a file that somebody else sends, bytes that came to harm on the way. Whoever waits has no better thing to do.
    private static void Accept(HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode) throw new HttpRequestException($"the farm answers {(int)response.StatusCode}", null, response.StatusCode);
    }

    private static bool IsAbsent(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.NotFound) return false;
        return response.Headers.Contains(FailoverHandler.NotAskedHeader) ? throw new NotAskedException() : true;
    }

    private async Task Copy(Stream from, Stream into, CancellationToken cancellation)
    {
        var block = new byte[1 << 18];
        using var stalled = new CancellationTokenSource(TimeSpan.FromSeconds(StalledSeconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stalled.Token);
        try
        {
            for (int read; (read = await from.ReadAsync(block, either.Token)) > 0;)
            {
                into.Write(block, 0, read);
                stalled.CancelAfter(TimeSpan.FromSeconds(StalledSeconds));
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested) { throw new TimeoutException($"nothing came for {StalledSeconds} s"); }
    }

    // Slots have threads of their own, and nothing else to do on them.
    private T Blocking<T>(string what, Func<CancellationToken, Task<T>> call, T whenSilent)
    {
        try { return retrying.ExecuteAsync(async token => await call(token)).AsTask().GetAwaiter().GetResult(); }
        // Whoever answered does not have it, and the others have not been there for long: it is taken for lost, and made again.
        catch (NotAskedException) { return whenSilent; }
        catch (Exception e) when (IsSilence(e)) { throw Unreachable(what, e); }
    }

    private static bool IsSilence(Exception e) => e is HttpRequestException or IOException or TimeoutException;

    private static FarmException Unreachable(string what, Exception cause) =>
        new(new Failure(FailureClass.Transient, "farm.unreachable", $"{what}: {(cause.InnerException ?? cause).Message.TrimEnd('.')}"), cause);

    private sealed class NotAskedException() : HttpRequestException("some servers do not answer");
}
