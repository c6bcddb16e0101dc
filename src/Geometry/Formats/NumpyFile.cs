using System.IO.Compression;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Files;

namespace ExampleMlFarm.Geometry.Formats;

/// <summary>NumPy's files: one array in <c>.npy</c>, several in <c>.npz</c>. Equal arrays give equal bytes.</summary>
public static class NumpyFile
{
    // Deflate makes at most 1032 bytes of one; an entry that claims more is damage.
    private const long MaxDeflateRatio = 1032;

    // The earliest date a zip entry can have: no clock in the bytes.
    private static readonly DateTimeOffset FixedDate = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void WriteNpy(string path, NamedArray array)
    {
        using var file = new PublishedFile(path);
        Npy.Write(file.Stream, array);
        file.Publish();
    }

    /// <exception cref="FarmException"><c>npy.corrupt</c>, <c>file.missing</c></exception>
    public static NamedArray ReadNpy(string path) => Reading(path, "npy.corrupt", stream =>
        Npy.Read(stream, Path.GetFileNameWithoutExtension(path), stream.Length));

    /// <param name="path">The file.</param>
    /// <param name="arrays">Written in this order under their names.</param>
    /// <param name="compress">Deflate, as <c>numpy.savez_compressed</c> does; otherwise stored.</param>
    public static void WriteNpz(string path, IReadOnlyList<NamedArray> arrays, bool compress = false)
    {
        using var file = new PublishedFile(path);
        // Not disposed: that would close the file before its publication.
        var buffered = new BufferedStream(file.Stream, 1 << 16);
        using (var zip = new ZipArchive(buffered, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var array in arrays)
            {
                var entry = zip.CreateEntry(array.Name + ".npy", compress ? CompressionLevel.Optimal : CompressionLevel.NoCompression);
                entry.LastWriteTime = FixedDate;
                // .NET marks entries with the permissions of the platform otherwise.
                entry.ExternalAttributes = 0;
                using var stream = entry.Open();
                Npy.Write(stream, array);
            }
        buffered.Flush();
        file.Publish();
    }

    /// <summary>All arrays of the file, by name.</summary>
    /// <exception cref="FarmException"><c>npz.corrupt</c>, naming the array; <c>file.missing</c></exception>
    public static IReadOnlyDictionary<string, NamedArray> ReadNpz(string path) => Reading(path, "npz.corrupt", stream =>
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
        var arrays = new SortedDictionary<string, NamedArray>(StringComparer.Ordinal);
        foreach (var entry in zip.Entries)
        {
            if (!entry.FullName.EndsWith(".npy", StringComparison.Ordinal)) continue;
            var name = entry.FullName[..^4];
            try
            {
                if (!arrays.TryAdd(name, ReadEntry(entry, name, stream.Length))) throw new InvalidDataException("it is there twice");
            }
            catch (Exception e) when (IsDamage(e))
            {
                throw new InvalidDataException($"array '{name}': {e.Message}", e);
            }
        }
        return arrays;
    });

    private static NamedArray ReadEntry(ZipArchiveEntry entry, string name, long fileBytes)
    {
        if (entry.CompressedLength > fileBytes || entry.Length > MaxDeflateRatio * entry.CompressedLength + 64)
            throw new InvalidDataException($"it claims {entry.Length} bytes");
        using var stream = new ChecksumStream(entry.Open());
        var array = Npy.Read(stream, name, entry.Length);
        if (stream.ReadByte() >= 0) throw new InvalidDataException("bytes follow the array");
        return stream.Checksum == entry.Crc32 ? array : throw new InvalidDataException("its checksum does not match");
    }

    private static T Reading<T>(string path, string code, Func<FileStream, T> read)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            return read(stream);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FarmException(Failure.Invalid("file.missing", $"The file '{path}' does not exist."), e);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw new FarmException(Failure.Invalid(code, $"The file '{path}' cannot be read: {e.Message.TrimEnd('.')}."), e);
        }
    }

    private static bool IsDamage(Exception e) => e is InvalidDataException or EndOfStreamException or IOException or NotSupportedException
        or ArgumentException or OverflowException or UnauthorizedAccessException;
}
