using System.Buffers;
using System.IO.MemoryMappedFiles;
using ExampleMlFarm.Core;

namespace ExampleMlFarm.Geometry.Files;

/// <summary>A file as read-only memory: pages are read when they are touched, and nothing is copied.</summary>
/// <remarks>
/// For published files, which never change in place; cutting a file while it is mapped ends the process with a bus error.
/// Spans must not be used after <see cref="Dispose"/>. Safe for use by several threads.
/// </remarks>
public sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;
    private byte* _start;

    private MappedFile(string path, long length, MemoryMappedFile? map)
    {
        (Path, Length, _map) = (path, length, map);
        if (map is null) return;
        _view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public string Path { get; }

    public long Length { get; }

    /// <exception cref="FarmException"><c>file.missing</c> or <c>file.unreadable</c></exception>
    public static MappedFile Open(string path)
    {
        try
        {
            var length = new FileInfo(path).Length;
            // An empty file cannot be mapped, but is a file.
            if (length == 0) return new(path, 0, null);
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            var map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new(path, stream.Length, map);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FarmException(new(FailureClass.InvalidInput, "file.missing", $"The file '{path}' does not exist."), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FarmException(new(FailureClass.Transient, "file.unreadable", $"The file '{path}' cannot be read: {e.Message}"), e);
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">The range leaves the file.</exception>
    public ReadOnlySpan<byte> Span(long offset, int length)
    {
        if (offset < 0 || length < 0 || offset > Length - length)
            throw new ArgumentOutOfRangeException(nameof(offset), $"Bytes {offset} to {offset + length} leave '{Path}' of {Length} bytes.");
        if (length == 0) return [];
        ObjectDisposedException.ThrowIf(_start is null, this);
        return new(_start + offset, length);
    }

    /// <summary>A range as memory, for readers that want it; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Memory(long offset, int length)
    {
        _ = Span(offset, length);
        return new View(this, offset, length).Memory;
    }

    public void Dispose()
    {
        if (_start is not null) _view!.SafeMemoryMappedViewHandle.ReleasePointer();
        _start = null;
        _view?.Dispose();
        _map?.Dispose();
    }

    private sealed class View(MappedFile file, long offset, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan()
        {
            ObjectDisposedException.ThrowIf(file._start is null && length > 0, file);
            return new(file._start + offset, length);
        }

        public override MemoryHandle Pin(int elementIndex = 0) => new(file._start + offset + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
