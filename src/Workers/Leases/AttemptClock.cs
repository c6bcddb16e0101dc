namespace ExampleMlFarm.Workers.Leases;

/// <summary>Why an item was told to stop.</summary>
public enum StopReason : byte
{
    /// <summary>It was not.</summary>
    None = 0,
    /// <summary>Its time-out passed.</summary>
    TimedOut = 1,
    /// <summary>Its lease was taken back.</summary>
    Revoked = 2,
    /// <summary>The worker ends.</summary>
    Closing = 3,
}

/// <summary>
/// The attempt that a slot is at: since when it cooks, and whether it was told to stop. The slot begins and ends attempts, the watch stops them; one token
/// serves many attempts, since most are never stopped.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class AttemptClock(TimeProvider time) : IDisposable
{
    private readonly Lock gate = new();
    private CancellationTokenSource stop = new();
    private long startedAt, askedAt, item = -1;
    private StopReason reason;

    /// <summary>An attempt begins.</summary>
    public CancellationToken Begin(long startedItem)
    {
        lock (gate)
        {
            if (reason != StopReason.None)
            {
                stop.Dispose();
                stop = new();
                reason = StopReason.None;
            }
            item = startedItem;
            startedAt = time.GetTimestamp();
            return stop.Token;
        }
    }

    /// <summary>The attempt is over. Says how long it took, and whether it was told to stop.</summary>
    public (double Seconds, StopReason Reason) End()
    {
        lock (gate)
        {
            item = -1;
            return (time.GetElapsedTime(startedAt).TotalSeconds, reason);
        }
    }

    /// <summary>Tells the item to stop, if one cooks and was not told before.</summary>
    public void Stop(StopReason why)
    {
        lock (gate)
        {
            if (item < 0 || reason != StopReason.None) return;
            reason = why;
            askedAt = time.GetTimestamp();
            // What cooks hang on the token must not run under the gate, nor on the watch's thread.
            _ = stop.CancelAsync();
        }
    }

    /// <summary>The item that cooks (−1: none), for how long, why it should stop, and for how long it has known.</summary>
    public (long Item, double Seconds, StopReason Reason, double AskedSeconds) Look()
    {
        lock (gate)
            return (item, item < 0 ? 0 : time.GetElapsedTime(startedAt).TotalSeconds, reason, reason == StopReason.None ? 0 : time.GetElapsedTime(askedAt).TotalSeconds);
    }

    /// <inheritdoc/>
    public void Dispose() => stop.Dispose();
}
