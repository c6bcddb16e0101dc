using System.Runtime.InteropServices;

namespace ExampleMlFarm.Artifacts;

/// <summary>What lies at a path.</summary>
public enum FileKind : byte
{
    /// <summary>Nothing.</summary>
    Missing = 0,
    /// <summary>A file with bytes in it.</summary>
    File = 1,
    /// <summary>A folder.</summary>
    Folder = 2,
    /// <summary>A link; only when links are not followed, or lead nowhere.</summary>
    Link = 3,
    /// <summary>A named pipe: opening it would wait for a writer.</summary>
    Pipe = 4,
    /// <summary>A socket.</summary>
    Socket = 5,
    /// <summary>A device, such as /dev/zero, which has no end.</summary>
    Device = 6,
}

/// <summary>Tells files from all else that can lie at a path, without opening anything.</summary>
public static class FileKinds
{
    /// <summary>What lies there. With <paramref name="followLinks"/> a link is what it leads to, or <see cref="FileKind.Link"/> when that is not there.</summary>
    public static FileKind Of(string path, bool followLinks)
    {
        if (!OperatingSystem.IsLinux()) return System.IO.File.Exists(path) ? FileKind.File : Directory.Exists(path) ? FileKind.Folder : FileKind.Missing;
        if (DurableFiles.ModeOf(path, followLinks) is { } mode) return OfMode(mode);
        return followLinks && DurableFiles.ModeOf(path, followLinks: false) is not null ? FileKind.Link : FileKind.Missing;
    }

    /// <summary>The word for people, with its article.</summary>
    public static string Word(FileKind kind) => kind switch
    {
        FileKind.Missing => "nothing", FileKind.File => "a file", FileKind.Folder => "a folder", FileKind.Link => "a link",
        FileKind.Pipe => "a named pipe", FileKind.Socket => "a socket", _ => "a device",
    };

    // The highest four bits of a mode, as stat(2) defines them.
    private static FileKind OfMode(int mode) => (mode & 0xF000) switch
    {
        0x8000 => FileKind.File, 0x4000 => FileKind.Folder, 0xA000 => FileKind.Link, 0x1000 => FileKind.Pipe, 0xC000 => FileKind.Socket, _ => FileKind.Device,
    };
}
