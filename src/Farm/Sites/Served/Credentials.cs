using System.Text.Json;
using ExampleMlFarm.Farm.Output;

namespace ExampleMlFarm.Farm.Sites.Served;

/// <summary>Keys that <c>mlfarm auth login</c> keeps, by address of the farm: a file that only its owner may read.</summary>
/// <param name="path">The file.</param>
internal sealed class Credentials(string path)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Those of the user: <c>~/.config/mlfarm/credentials</c>, or below XDG_CONFIG_HOME.</summary>
    public static Credentials OfUser() => new(Path.Combine(Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } set ? set
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config"), "mlfarm", "credentials"));

    /// <summary>The file.</summary>
    public string FileName => path;

    /// <summary>The key for a farm; null when none is kept.</summary>
    /// <exception cref="CliException">The file cannot be read.</exception>
    public string? Find(Uri farm) => Read().GetValueOrDefault(Name(farm));

    /// <summary>Keeps a key.</summary>
    public void Keep(Uri farm, string token)
    {
        var all = Read();
        all[Name(farm)] = token;
        Write(all);
    }

    /// <summary>Forgets a key; false when there was none.</summary>
    public bool Forget(Uri farm)
    {
        var all = Read();
        if (!all.Remove(Name(farm))) return false;
        Write(all);
        return true;
    }

    private SortedDictionary<string, string> Read()
    {
        if (!File.Exists(path)) return new(StringComparer.Ordinal);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
            throw new CliException(ExitCode.NotSignedIn, $"others may read {path}, which holds keys", $"chmod 600 {path}, and let an administrator revoke the keys if others use this machine");
        try { return new(JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(path)) ?? [], StringComparer.Ordinal); }
        catch (JsonException e) { throw new CliException(ExitCode.Invalid, $"{path} is damaged: {e.Message}", "remove it and sign in again: mlfarm auth login"); }
    }

    private void Write(SortedDictionary<string, string> all)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string draft = path + ".draft";
        File.Delete(draft);
        var owned = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) owned.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(draft, owned)) JsonSerializer.Serialize(file, all, Indented);
        File.Move(draft, path, overwrite: true);
    }

    private static string Name(Uri farm) => farm.GetLeftPart(UriPartial.Authority);
}
