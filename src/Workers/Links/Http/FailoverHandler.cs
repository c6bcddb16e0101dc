using System.Net;

namespace ExampleMlFarm.Workers.Links.Http;

/// <summary>
/// Carries requests to one of several servers of a farm: to the one that answered last, and when it does not answer, to the next. An artifact that one server does not have
/// is asked of the others. It does not know what is asked.
/// </summary>
/// <remarks>
/// Requests must bear being made twice, and their content being read twice. A body that goes on arriving is not watched here. Safe for several threads.
/// </remarks>
public sealed class FailoverHandler : DelegatingHandler
{
    /// <summary>On an answer that nothing is there: how many servers did not answer, and may have it.</summary>
    public const string NotAskedHeader = "Mlfarm-Not-Asked";

    /// <summary>A server that has not begun to answer after this, which is well above the longest poll, is taken for gone. Seconds.</summary>
    public const double AnswerSeconds = 25;

    private readonly Uri[] servers;
    private readonly TimeProvider time;
    private int current;

    /// <summary>A way to the servers.</summary>
    /// <param name="servers">Their addresses, each ending in a slash; requests are made below the first of them.</param>
    /// <param name="network">What carries a request to one server.</param>
    /// <param name="time">For the longest wait.</param>
    public FailoverHandler(IReadOnlyList<Uri> servers, HttpMessageHandler network, TimeProvider time) : base(network)
    {
        ArgumentOutOfRangeException.ThrowIfZero(servers.Count);
        (this.servers, this.time) = ([.. servers], time);
    }

    /// <summary>As <see cref="SendAsync"/>, for callers that have nothing else to do meanwhile.</summary>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => Task.Run(() => SendAsync(request, cancellationToken), cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var below = servers[0].MakeRelativeUri(request.RequestUri!);
        bool asksAll = (request.Method == HttpMethod.Get || request.Method == HttpMethod.Head) && below.OriginalString.Contains("artifacts/", StringComparison.Ordinal);
        int first = Volatile.Read(ref current), silent = 0;
        HttpResponseMessage? absent = null;
        Exception? lastCause = null;
        for (int i = 0; i < servers.Length; i++)
        {
            int at = (first + i) % servers.Length;
            request.RequestUri = new Uri(servers[at], below);
            try
            {
                var response = await Ask(request, cancellationToken);
                if (response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway && i < servers.Length - 1)
                {
                    response.Dispose();
                    silent++;
                    continue;
                }
                if (response.StatusCode == HttpStatusCode.NotFound && asksAll)
                {
                    absent?.Dispose();
                    absent = response;
                    continue;
                }
                absent?.Dispose();
                if (silent > 0) Volatile.Write(ref current, at);
                return response;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
            {
                lastCause = e;
                silent++;
            }
        }
        if (absent is null) throw lastCause as HttpRequestException ?? new HttpRequestException(lastCause?.Message ?? "no server answers", lastCause);
        if (silent > 0) absent.Headers.Add(NotAskedHeader, $"{silent}");
        return absent;
    }

    private async Task<HttpResponseMessage> Ask(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(AnswerSeconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try { return await base.SendAsync(request, either.Token); }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested) { throw new TimeoutException($"{request.RequestUri!.Authority} does not answer"); }
    }
}
