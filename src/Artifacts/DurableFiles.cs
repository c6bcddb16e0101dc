using System.Runtime.InteropServices;
using ExampleMlFarm.Core;

namespace ExampleMlFarm.Artifacts;

/// <summary>
/// What the base library does not offer and publication needs: fsync of a folder, a rename that never copies, and a file's identity.
/// </summary>
/// <remarks>
/// After a power cut a renamed file is there only if its folder was written out as well. Elsewhere than on Linux the folder is left to the system.
/// </remarks>
internal static partial class DurableFiles
{
    private const int CrossDevice = 18;

    /// <summary>What tells an untouched file from one that was written to: change time and inode included, which no tool sets back.</summary>
    public readonly record struct Stamp(long SizeBytes, long ModifiedTicks, long ChangedTicks, ulong Inode);

    /// <summary>The stamp of a file; null when there is none.</summary>
    public static Stamp? StampOf(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            var info = new FileInfo(path);
            return info.Exists ? new(info.Length, info.LastWriteTimeUtc.Ticks, 0, 0) : null;
        }
        const int currentFolder = -100;
        const uint sizeTimesInode = 0x40 | 0x80 | 0x100 | 0x200;
        Span<byte> raw = stackalloc byte[256];
        if (Statx(currentFolder, path, 0, sizeTimesInode, ref MemoryMarshal.GetReference(raw)) != 0) return null;
        // struct statx is the same on every architecture: inode at 32, size at 40, change time at 96, modification time at 112.
        static long Ticks(ReadOnlySpan<byte> t) => BitConverter.ToInt64(t) * 1_000_000_000 + BitConverter.ToUInt32(t[8..]);
        return new(BitConverter.ToInt64(raw[40..]), Ticks(raw[112..]), Ticks(raw[96..]), BitConverter.ToUInt64(raw[32..]));
    }

    /// <summary>Kind and permissions of what lies at a path, as stat(2) gives them; null when nothing does. Linux only.</summary>
    public static int? ModeOf(string path, bool followLinks)
    {
        const int currentFolder = -100, doNotFollow = 0x100;
        const uint typeAndMode = 0x1 | 0x2;
        Span<byte> raw = stackalloc byte[256];
        if (Statx(currentFolder, path, followLinks ? 0 : doNotFollow, typeAndMode, ref MemoryMarshal.GetReference(raw)) != 0) return null;
        return BitConverter.ToUInt16(raw[28..]);
    }

    /// <summary>Renames, replacing what is there; false when the two lie on different file systems.</summary>
    public static bool TryRename(string from, string to)
    {
        if (!OperatingSystem.IsLinux())
        {
            File.Move(from, to, overwrite: true);
            return true;
        }
        if (Rename(from, to) == 0) return true;
        int error = Marshal.GetLastPInvokeError();
        if (error == CrossDevice) return false;
        throw new IOException($"could not rename {from} to {to}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    /// <summary>Writes the folder's entries to the disk.</summary>
    public static void FlushFolder(string folder)
    {
        if (!OperatingSystem.IsLinux()) return;
        // Read-only and closed in children (O_CLOEXEC); a folder opens like a file.
        int handle = OpenFolder(folder, 0x80000);
        if (handle < 0) throw new IOException($"could not open folder {folder}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        try
        {
            if (Sync(handle) != 0)
                throw new IOException($"could not write folder {folder} to the disk: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}", Marshal.GetLastPInvokeError());
        }
        finally { _ = CloseHandle(handle); }
    }

    /// <summary>Turns a full or failing disk into a failure that names what was being written.</summary>
    public static FarmException WriteFailed(string what, Exception cause) =>
        new(new Failure(FailureClass.Transient, "artifact.write", $"{what} could not be stored: {cause.Message}. Free some space or check the disk, then retry."), cause);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte buffer);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseHandle(int handle);
}
