using System.Runtime.InteropServices;

namespace ExampleMlFarm.Geometry.Files;

/// <summary>
/// A file that appears whole or not at all: written beside its place, flushed to the disk, and renamed there. Disposed
/// without <see cref="Publish"/>, it leaves nothing behind.
/// </summary>
public sealed partial class PublishedFile : IDisposable
{
    private static int _count;
    private readonly string _temporary;
    private bool _published;

    public PublishedFile(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        var folder = System.IO.Path.GetDirectoryName(Path)!;
        Directory.CreateDirectory(folder);
        // Unique among processes and threads; the name never reaches the bytes.
        _temporary = System.IO.Path.Combine(folder,
            $".{System.IO.Path.GetFileName(Path)}.{Environment.ProcessId}-{Interlocked.Increment(ref _count)}.partial");
        // Writers buffer for themselves, so the stream does not.
        Stream = new FileStream(_temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
    }

    public string Path { get; }

    public FileStream Stream { get; }

    public void Publish()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(_temporary, Path, overwrite: true);
        _published = true;
        SyncFolder(System.IO.Path.GetDirectoryName(Path)!);
    }

    /// <summary>Writes a small file at once.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using var file = new PublishedFile(path);
        file.Stream.Write(content);
        file.Publish();
    }

    public void Dispose()
    {
        Stream.Dispose();
        if (!_published) File.Delete(_temporary);
    }

    /// <summary>Makes renames inside a folder durable; without it a power cut may undo them. Nothing to do on Windows.</summary>
    public static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var handle = OpenFolder(folder, 0);
        if (handle < 0) return;
        _ = Sync(handle);
        _ = Close(handle);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
