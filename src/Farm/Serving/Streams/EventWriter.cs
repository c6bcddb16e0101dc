using System.Text;
using Microsoft.AspNetCore.Http;

namespace ExampleMlFarm.Farm.Serving.Streams;

/// <summary>
/// Writes server-sent events to one listener. Writing waits for the network, so a slow listener slows nobody but itself; one that reads nothing is cut off by the web server.
/// A stream ends by itself after <see cref="Longest"/>: its listener comes back, and its key is looked at again.
/// </summary>
internal sealed class EventWriter : IDisposable
{
    /// <summary>How long one stream lasts.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan BetweenBeats = TimeSpan.FromSeconds(10);

    private readonly HttpContext context;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource over;
    private readonly CancellationTokenSource late;
    private long written;

    /// <summary>A stream to whoever made the call.</summary>
    public EventWriter(HttpContext context, TimeProvider time, CancellationToken stopping)
    {
        (this.context, this.time) = (context, time);
        late = new(Longest, time);
        over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping, late.Token);
        written = time.GetTimestamp();
    }

    /// <summary>True when the listener is gone, the stream is old, or the server stops.</summary>
    public bool IsOver => over.IsCancellationRequested;

    /// <summary>Is cancelled then.</summary>
    public CancellationToken Over => over.Token;

    /// <summary>Answers that a stream follows.</summary>
    public async Task Begin()
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        // Proxies that collect answers would hold events back.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        await Send("retry: 1000\n\n"u8.ToArray());
        await Flush();
    }

    /// <summary>Writes an event.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">What the listener knows with it.</param>
    /// <param name="data">JSON in one line.</param>
    public async Task Write(string kind, string id, ReadOnlyMemory<byte> data)
    {
        await Send(Encoding.UTF8.GetBytes($"event: {kind}\nid: {id}\ndata: "));
        await Send(data);
        await Send("\n\n"u8.ToArray());
    }

    /// <summary>Sends what is written.</summary>
    public Task Flush()
    {
        written = time.GetTimestamp();
        return context.Response.Body.FlushAsync(Over);
    }

    /// <summary>Shows that the connection lives, when nothing was written for a while.</summary>
    public async Task Beat()
    {
        if (time.GetElapsedTime(written) < BetweenBeats) return;
        await Send(":\n\n"u8.ToArray());
        await Flush();
    }

    /// <summary>Waits.</summary>
    public Task Wait(TimeSpan span) => Task.Delay(span, time, Over);

    /// <inheritdoc/>
    public void Dispose()
    {
        over.Dispose();
        late.Dispose();
    }

    private ValueTask Send(ReadOnlyMemory<byte> bytes) => context.Response.Body.WriteAsync(bytes, Over);
}
