namespace ExampleMlFarm.Workers.Disk;

/// <summary>Tells a full disk from other trouble with files.</summary>
public static class FullDisk
{
    // errno.h: ENOSPC and EDQUOT. The base library puts the number of an error that it has no class for into HResult.
    private const int NoSpace = 28, OverQuota = 122;

    /// <summary>True when an exception, or what caused it, is that nothing more can be written.</summary>
    public static bool IsCauseOf(Exception? exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
            if (e is IOException && e.HResult is NoSpace or OverQuota) return true;
        return false;
    }
}
