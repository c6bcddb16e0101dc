namespace ExampleMlFarm.Scheduler.Hosting;

/// <summary>What can be set about a farm's scheduler; the defaults suit one machine.</summary>
public sealed record SchedulerOptions
{
    /// <summary>A worker that says nothing for longer is lost, and its leases go to others. Seconds.</summary>
    public double SilenceSeconds { get; init; } = 30;

    /// <summary>The longest a poll is held back. Orleans gives up on calls after 30 s, so this stays well below. Seconds.</summary>
    public double LongestPollSeconds { get; init; } = 10;

    /// <summary>A snapshot is taken when the events since the last one are larger than this and than the snapshot itself. Bytes.</summary>
    public long SnapshotAfterBytes { get; init; } = 4 << 20;

    /// <summary>
    /// True when the farm works on every unfinished run it finds in its store, as servers do; false when only on those it is told to, as the embedded farm of a folder does.
    /// </summary>
    public bool ResumesStoredRuns { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
