using System.Collections.Concurrent;
using System.Security.Cryptography;
using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;

namespace ExampleMlFarm.Workers.Cooking;

/// <summary>
/// The files that recipes name, as they were when their run was submitted. The store keeps them by content; here they get their own name back, since
/// programs look at extensions and people read messages.
/// </summary>
/// <remarks>Safe for several threads; one for all slots of a process.</remarks>
/// <param name="store">Where the contents are.</param>
/// <param name="folder">Where copies with names are made: one folder for each content.</param>
public sealed class KeptFiles(ArtifactStore store, string folder)
{
    private readonly ConcurrentDictionary<(string Path, ContentHash Content), Stamp> unchanged = new();

    /// <summary>The copy.</summary>
    /// <exception cref="FarmException"><c>file.gone</c>: the store has lost it and the original is another by now.</exception>
    public string CopyOf(string path, ContentHash content)
    {
        string home = Path.Combine(folder, content.ToString()), copy = Path.Combine(home, Path.GetFileName(path));
        if (File.Exists(copy)) return copy;
        Directory.CreateDirectory(home);
        string draft = Path.Combine(home, $".{Environment.ProcessId}-{Environment.CurrentManagedThreadId}");
        File.Copy(Source(path, content), draft, overwrite: true);
        File.SetUnixFileMode(draft, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        File.Move(draft, copy, overwrite: true);
        return copy;
    }

    /// <summary>
    /// The original while it is as it was, for a program that finds further files beside it; else the copy. Ask <see cref="IsUnchanged"/> again when the program
    /// has ended.
    /// </summary>
    public string OriginalOrCopy(string path, ContentHash content) => IsUnchanged(path, content) ? path : CopyOf(path, content);

    /// <summary>True when the file has that content; it is read only when its size or time of change differ from the last look.</summary>
    public bool IsUnchanged(string path, ContentHash content)
    {
        try
        {
            var before = Stamp.Of(path);
            if (before is null) return false;
            if (unchanged.TryGetValue((path, content), out var known) && known == before) return true;
            using var stream = File.OpenRead(path);
            if (new ContentHash(SHA256.HashData(stream)) != content || Stamp.Of(path) != before) return false;
            unchanged[(path, content)] = before.Value;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private string Source(string path, ContentHash content)
    {
        try { return store.VerifiedPath(content); }
        catch (FarmException) when (IsUnchanged(path, content)) { return path; }
        catch (FarmException e) when (e.Failure.Code is not (FailureCodes.ArtifactMissing or FailureCodes.ArtifactCorrupt)) { throw; }
        catch (FarmException e)
        {
            throw new FarmException(new Failure(FailureClass.Permanent, "file.gone",
                $"'{path}' is not what it was when the run was submitted, and the copy kept then (sha256 {content}) is not in the store: put the old file back, or submit the recipe anew"), e);
        }
    }

    private readonly record struct Stamp(long Bytes, DateTime ChangedUtc)
    {
        public static Stamp? Of(string path)
        {
            var info = new FileInfo(path);
            return info.Exists ? new(info.Length, info.LastWriteTimeUtc) : null;
        }
    }
}
