using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Scheduler.Runs;

/// <summary>Why a parked poll goes on.</summary>
internal enum PollEnd { Woken, TimedOut, Released }

/// <summary>
/// Calls that wait for something to say. At most one of each worker waits for long: a newer call of the same worker releases the older.
/// </summary>
/// <remarks>
/// Not safe for several threads, but for the token; continuations run where the waiter runs. When the process stops, the token sends everybody home:
/// a grain is not deactivated before its calls have ended.
/// </remarks>
internal sealed class ParkedPolls(TimeProvider time, CancellationToken stopping)
{
    private sealed record Poll(WorkerId Worker, TaskCompletionSource<PollEnd> Done);

    private readonly List<Poll> parked = [];
    private readonly Dictionary<WorkerId, long> calls = [];
    private bool closed;

    /// <summary>Calls that wait.</summary>
    public int Count => parked.Count;

    /// <summary>Grows with every wake. A call that remembers it from before it looked for work misses no wake on its way to the park.</summary>
    public long Wakes { get; private set; }

    /// <summary>A worker has called: an older call of it that waits goes home. Returns the number of this call.</summary>
    public long Arrive(WorkerId worker)
    {
        Release(worker);
        return calls[worker] = calls.GetValueOrDefault(worker) + 1;
    }

    /// <summary>
    /// Waits until it is woken or released, or for this long; not at all when there was a wake since <paramref name="seen"/>, or when the worker has called
    /// anew since <paramref name="call"/>.
    /// </summary>
    public async Task<PollEnd> Park(WorkerId worker, TimeSpan atMost, long seen, long? call = null)
    {
        if (closed || stopping.IsCancellationRequested || (call is not null && calls.GetValueOrDefault(worker) != call)) return PollEnd.Released;
        if (Wakes != seen) return PollEnd.Woken;
        if (atMost <= TimeSpan.Zero) return PollEnd.TimedOut;
        var poll = new Poll(worker, new(TaskCreationOptions.RunContinuationsAsynchronously));
        parked.Add(poll);
        using var stop = stopping.Register(static p => ((Poll)p!).Done.TrySetResult(PollEnd.Released), poll);
        using var timer = time.CreateTimer(static p => ((Poll)p!).Done.TrySetResult(PollEnd.TimedOut), poll, atMost, Timeout.InfiniteTimeSpan);
        try { return await poll.Done.Task; }
        finally { parked.Remove(poll); }
    }

    /// <summary>Lets every waiting call look again, oldest first.</summary>
    public void WakeAll()
    {
        Wakes++;
        foreach (var poll in parked) poll.Done.TrySetResult(PollEnd.Woken);
    }

    /// <summary>Lets the waiting calls of one worker look again.</summary>
    public void Wake(WorkerId worker)
    {
        Wakes++;
        foreach (var poll in parked)
            if (poll.Worker == worker) poll.Done.TrySetResult(PollEnd.Woken);
    }

    /// <summary>A worker is gone: its call goes home, and its numbers start anew.</summary>
    public void Forget(WorkerId worker)
    {
        Release(worker);
        calls.Remove(worker);
    }

    private void Release(WorkerId worker)
    {
        foreach (var poll in parked)
            if (poll.Worker == worker) poll.Done.TrySetResult(PollEnd.Released);
    }

    /// <summary>Sends everybody home, now and from now on.</summary>
    public void Close()
    {
        closed = true;
        foreach (var poll in parked) poll.Done.TrySetResult(PollEnd.Released);
    }
}
