using System.Globalization;

namespace ExampleMlFarm.Workers.Disk;

/// <summary>
/// Whether the disk that a worker writes to has room for further items. When it has not, slots wait: what fails for want of space is no fault of the
/// item, and would fail the next one too. It does not know what is written.
/// </summary>
/// <remarks>
/// Short of room means: less is free than a small reserve, which the farm's journal needs to go on; or a write has failed, and since then neither has
/// more become free than there was when the item began, nor enough time passed to try again. The latter lets two items that only together need too
/// much go on one after the other. Safe for several threads; <see cref="IsShort"/> is one read of memory, and somebody has to call <see cref="Look"/>.
/// </remarks>
public sealed class DiskRoom
{
    private readonly Func<(long FreeBytes, long TotalBytes)?> measure;
    private readonly TimeProvider time;
    private readonly double patienceSeconds;
    private readonly Action<Notice> tell;
    private readonly Lock gate = new();
    private long hitAt, neededBytes = -1, lookedAt, lastFreeBytes = long.MaxValue;
    private volatile bool isShort;

    /// <summary>The room on the disk that holds a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="time">Clock.</param>
    /// <param name="tell">Hears when there is no room, and when there is again.</param>
    /// <param name="measure">Free and total bytes of the disk, null when they cannot be told; the operating system's answer unless given.</param>
    public DiskRoom(string folder, TimeProvider time, Action<Notice> tell, Func<(long FreeBytes, long TotalBytes)?>? measure = null)
    {
        Folder = folder;
        this.time = time;
        this.tell = tell;
        this.measure = measure ?? Measure;
        // Workers that were stopped by each other must not all come back at the same moment.
        patienceSeconds = Limits.DiskPatienceSeconds * (1 + Environment.ProcessId % 8 / 8.0);
        Look();
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>True when no further item should begin.</summary>
    public bool IsShort => isShort;

    /// <summary>What was free at the last look; as if there were no end of it where the system does not tell.</summary>
    public long LastFreeBytes => Interlocked.Read(ref lastFreeBytes);

    /// <summary>True when less is free now than the reserve.</summary>
    public bool IsBelowReserve => measure() is { } now && now.FreeBytes < Reserve(now.TotalBytes);

    /// <summary>A write has failed for want of space.</summary>
    /// <param name="freeAtStartBytes">What was free before the item that failed began.</param>
    public void Hit(long freeAtStartBytes)
    {
        lock (gate)
        {
            hitAt = time.GetTimestamp();
            neededBytes = freeAtStartBytes == long.MaxValue ? long.MaxValue : freeAtStartBytes + Math.Max(64 << 10, freeAtStartBytes / 20);
        }
        Look();
    }

    /// <summary>Looks at the disk, at most twice a second unless something has failed.</summary>
    public void Look()
    {
        Notice? news = null;
        lock (gate)
        {
            if (neededBytes < 0 && lookedAt != 0 && time.GetElapsedTime(lookedAt).TotalSeconds < 0.5) return;
            lookedAt = time.GetTimestamp();
            var now = measure();
            Interlocked.Exchange(ref lastFreeBytes, now?.FreeBytes ?? long.MaxValue);
            if (neededBytes >= 0 && (now?.FreeBytes >= neededBytes || time.GetElapsedTime(hitAt).TotalSeconds > patienceSeconds)) neededBytes = -1;
            bool becomes = neededBytes >= 0 || (now is { } known && known.FreeBytes < Reserve(known.TotalBytes));
            if (becomes != isShort)
            {
                string free = now is { } told ? $", {Megabytes(told.FreeBytes)} free" : "";
                news = becomes
                    ? new($"disk {Folder}", $"disk full: {Folder}{free}; make room, work goes on by itself", false)
                    : new($"disk {Folder}", $"work goes on: {Folder}{free}", true);
                isShort = becomes;
            }
        }
        if (news is not null) tell(news);
    }

    // The farm's journal and logs go on in it while items wait.
    private static long Reserve(long totalBytes) => Math.Min(Limits.DiskReserveBytes, totalBytes / 50);

    private (long, long)? Measure()
    {
        try
        {
            var drive = new DriveInfo(Folder);
            return (drive.AvailableFreeSpace, drive.TotalSize);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException) { return null; }
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:#,0.#} MB");
}
