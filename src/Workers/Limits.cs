namespace ExampleMlFarm.Workers;

/// <summary>Bounds of the worker, each with its reason.</summary>
public static class Limits
{
    /// <summary>What one attempt may log: enough for any person, small enough that a program in a loop does not fill the disk.</summary>
    public const long AttemptLogBytes = 64L << 20;

    /// <summary>A slot starts another log file after this, so that old ones can be removed whole.</summary>
    public const long LogFileBytes = 256L << 20;

    /// <summary>Lines are cut here: longer ones are data, not words.</summary>
    public const int LogLineBytes = 64 << 10;

    /// <summary>Results are reported about this often within a lease: what a crash may cost, against messages per second.</summary>
    public const double FlushSeconds = 1;

    /// <summary>Geometry collected in memory before a segment is written although a second has not passed.</summary>
    public const long SegmentBytes = 64L << 20;

    /// <summary>How long a long-poll may stay at the run or the farm; the scheduler allows ten.</summary>
    public const double PollSeconds = 8;

    /// <summary>A worker that cooks says so this often: well below the time after which a silent worker counts as lost.</summary>
    public const double HeartbeatSeconds = 2;

    /// <summary>The watch looks at all slots this often: how late a time-out is noticed.</summary>
    public const double WatchSeconds = 0.1;

    /// <summary>A cook that does not stop for this long after it was told to is taken for hanging, and its process is ended.</summary>
    public const double StuckSeconds = 30;

    /// <summary>How long a worker that ends waits for its last reports to be acknowledged; they lie in its outbox.</summary>
    public const double LeaveSeconds = 10;

    /// <summary>Leases kept ready per slot beyond the one that cooks: hides the round trip.</summary>
    public const int PrefetchedLeasesPerSlot = 1;

    /// <summary>Decoded inputs kept for later items, by estimate of what they hold.</summary>
    public const int RememberedInputs = 64;

    /// <summary>Most metrics (names) one item may report: they are stored with the item.</summary>
    public const int MetricsPerItem = 256;

    /// <summary>Slots wait when less than this is free on the disk (or a fiftieth of it, for small ones): the farm's journal goes on in it.</summary>
    public const long DiskReserveBytes = 64L << 20;

    /// <summary>An item that failed for want of space is tried again after this, up to twice as long, although no more has become free.</summary>
    public const double DiskPatienceSeconds = 30;

    /// <summary>Longest name of a metric; it stands in tables and file names.</summary>
    public const int MetricNameCharacters = 200;

    /// <summary>What is kept of the artifacts of a farm elsewhere, unless said otherwise: some data sets' worth, on a disk that others use too.</summary>
    public const long CacheBytes = 20L << 30;

    /// <summary>The artifacts that are kept are counted this often, when some came: a look at the folder costs time for each of them.</summary>
    public const double CacheLookSeconds = 5;

    /// <summary>What is new in log files is sent to a farm elsewhere this often: how late people see it.</summary>
    public const double LogSendSeconds = 1;

    /// <summary>The longest piece of a log file that is sent at once, before it is packed.</summary>
    public const int LogPieceBytes = 4 << 20;

    /// <summary>The memory of an item's programs is looked at this often: how late too much is found, against reading the tables of all of them.</summary>
    public const double MemoryLookSeconds = 0.5;
}
