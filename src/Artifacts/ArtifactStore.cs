using System.Collections.Concurrent;
using System.Security.Cryptography;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Artifacts;

/// <summary>
/// A folder of files named by the SHA-256 of their content (<c>ab/cdef…</c>). It does not know what the files are or who needs them.
/// </summary>
/// <remarks>
/// Publication is: temporary file, fsync, rename, fsync of the folder, so that a file under its name is complete even after a power cut.
/// Putting the same content twice stores it once. Before a file is first used in a process its bytes are hashed again; afterwards it is
/// trusted for as long as its size, times and inode stay the same. Several threads and processes may use one folder.
/// </remarks>
public sealed class ArtifactStore
{
    /// <summary>Large enough to keep the disk streaming, small enough for one core's cache.</summary>
    private const int BlockBytes = 1 << 20;

    private readonly string temporary, quarantine;
    private readonly bool[] folderExists = new bool[256];
    private readonly ConcurrentDictionary<ContentHash, DurableFiles.Stamp> verified = new();
    private readonly Lock[] fetching = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];
    private readonly IArtifactOrigin? origin;
    private static long temporaryCount;

    /// <summary>Opens a store, makes its folders, and removes the unfinished files of processes that are gone.</summary>
    /// <param name="root">The folder, such as <c>.mlfarm/artifacts</c>.</param>
    /// <param name="origin">Where artifacts come from that are not there; null when this folder is all there is.</param>
    public ArtifactStore(string root, IArtifactOrigin? origin = null) : this(root, toRead: false) => this.origin = origin;

    /// <summary>Opens a store for whoever only reads: nothing is made or removed, and the folder may be one that cannot be written.</summary>
    public static ArtifactStore OpenToRead(string root) => new(root, toRead: true);

    private ArtifactStore(string root, bool toRead)
    {
        Root = Path.GetFullPath(root);
        temporary = Path.Combine(Root, "tmp");
        quarantine = Path.Combine(Root, "quarantine");
        if (toRead) return;
        Directory.CreateDirectory(temporary);
        RemoveLeftovers();
    }

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>Hears of every artifact that is stored, fetched or about to be read, so that others may be let go. Called on any thread; must be quick.</summary>
    public Action<ContentHash>? Used { get; init; }

    /// <summary>Where an artifact lies, whether or not it is there.</summary>
    public string PathOf(ContentHash hash)
    {
        string name = hash.ToString();
        return Path.Combine(Root, name[..2], name[2..]);
    }

    /// <summary>Stores bytes that are in memory.</summary>
    public StoredArtifact Put(ReadOnlySpan<byte> content)
    {
        var artifact = new StoredArtifact(ContentHash.Of(content), content.Length);
        if (AlreadyStored(artifact)) return artifact;
        string file = NewTemporaryPath();
        try
        {
            using (var handle = File.OpenHandle(file, FileMode.CreateNew, FileAccess.Write))
            {
                RandomAccess.Write(handle, content, 0);
                RandomAccess.FlushToDisk(handle);
            }
            Publish(file, artifact);
            return artifact;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw DurableFiles.WriteFailed($"an output of {content.Length} bytes", e); }
        finally { File.Delete(file); }
    }

    /// <summary>Stores what is left of a stream.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="expected">What they must be; null takes any.</param>
    /// <exception cref="FarmException"><c>artifact.mismatch</c>: they are others, and nothing was stored.</exception>
    public StoredArtifact Put(Stream content, ContentHash? expected = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        string file = NewTemporaryPath();
        try
        {
            var artifact = CopyAndHash(content, file);
            if (expected is { } promised && promised != artifact.Hash) throw Mismatch(promised, artifact);
            if (!AlreadyStored(artifact)) Publish(file, artifact);
            return artifact;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw DurableFiles.WriteFailed("an output", e); }
        finally { File.Delete(file); }
    }

    /// <summary>
    /// Stores a file. With <paramref name="move"/> the file itself becomes the artifact where the file system allows it, and is gone from
    /// its old place in any case; nobody may hold it open for writing. Links are followed, and copied.
    /// </summary>
    public StoredArtifact PutFile(string path, bool move)
    {
        var info = new FileInfo(path);
        if (!info.Exists) throw FarmException.Invalid("artifact.source_missing", $"{path} does not exist, so it cannot be an output. Check that the command writes it.");
        // Opening a pipe waits for its writer, and a device may have no end.
        if (FileKinds.Of(path, followLinks: true) is var kind && kind != FileKind.File)
            throw FarmException.Invalid("artifact.not_a_file", $"{path} is {FileKinds.Word(kind)}{(kind == FileKind.Link ? $" to '{info.LinkTarget}', which is not there" : "")}; only files can be outputs.");
        bool isLink = info.LinkTarget is not null;
        if (!move || isLink)
        {
            using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
            var copied = Put(source);
            if (move) File.Delete(path);
            return copied;
        }
        try
        {
            StoredArtifact artifact;
            using (var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0))
            {
                artifact = new(HashOf(source), source.Length);
                if (!AlreadyStored(artifact)) RandomAccess.FlushToDisk(source.SafeFileHandle);
            }
            if (!AlreadyStored(artifact) && !TryPublishByRename(path, artifact)) return PutFileFromElsewhere(path);
            File.Delete(path);
            return artifact;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw DurableFiles.WriteFailed(path, e); }
    }

    /// <summary>
    /// Opens an artifact for reading, after its bytes were verified. A damaged one is set aside, so that cooking again can publish it again.
    /// </summary>
    /// <param name="hash">Its name.</param>
    /// <param name="sizeBytes">Its size where known: tells a truncated file from an edited one.</param>
    /// <exception cref="FarmException"><c>artifact.missing</c>, or <c>artifact.corrupt</c> when truncated or altered.</exception>
    public FileStream Open(ContentHash hash, long sizeBytes = -1)
    {
        var check = CheckAndSetAside(hash, sizeBytes);
        if (!check.IsIntact) throw new FarmException(check.ToFailure(hash));
        return new FileStream(PathOf(hash), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16);
    }

    /// <summary>The path of an artifact whose bytes were verified, for programs that want a path. Throws as <see cref="Open"/> does.</summary>
    public string VerifiedPath(ContentHash hash, long sizeBytes = -1)
    {
        var check = CheckAndSetAside(hash, sizeBytes);
        return check.IsIntact ? PathOf(hash) : throw new FarmException(check.ToFailure(hash));
    }

    /// <summary>
    /// Appends bytes to a file that arrives in pieces, at <paramref name="offset"/>, and stores it when it has all its bytes. What arrived stays over a restart.
    /// </summary>
    /// <param name="hash">What the whole file is.</param>
    /// <param name="offset">Where the piece begins: as long as what is there, or nothing is changed.</param>
    /// <param name="sizeBytes">Size of the whole.</param>
    /// <param name="piece">The bytes.</param>
    /// <param name="cancellation">Ends reading; what was read stays.</param>
    /// <returns>Bytes that are there now; <paramref name="sizeBytes"/> when the file is stored.</returns>
    /// <exception cref="FarmException"><c>artifact.mismatch</c>: the whole is not what was promised, and is dropped. <c>artifact.busy</c>: somebody else sends it at this moment.</exception>
    public async Task<long> Append(ContentHash hash, long offset, long sizeBytes, Stream piece, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(piece);
        if (AlreadyStored(new(hash, sizeBytes))) return sizeBytes;
        string draft = DraftOf(hash);
        Directory.CreateDirectory(Path.GetDirectoryName(draft)!);
        await using (var file = OpenDraft(draft, hash))
        {
            if (file.Length != offset) return file.Length;
            file.Position = offset;
            await piece.CopyToAsync(file, BlockBytes, cancellation);
            if (file.Length < sizeBytes) return file.Length;
            file.Position = 0;
            var found = new StoredArtifact(HashOf(file), file.Length);
            if (found != new StoredArtifact(hash, sizeBytes))
            {
                file.SetLength(0);
                throw Mismatch(hash, found);
            }
        }
        PutFile(draft, move: true);
        return sizeBytes;
    }

    /// <summary>Bytes of a file in pieces that have arrived.</summary>
    public long Arrived(ContentHash hash) => new FileInfo(DraftOf(hash)) is { Exists: true } draft ? draft.Length : 0;

    /// <summary>Looks at an artifact; changes nothing. Hashes the bytes unless this process has done so and the file is untouched since.</summary>
    public ArtifactCheck Check(ContentHash hash, long sizeBytes = -1)
    {
        Used?.Invoke(hash);
        string path = PathOf(hash);
        if (DurableFiles.StampOf(path) is null && origin is not null && Fetch(hash) is { IsIntact: false } absent) return absent;
        if (DurableFiles.StampOf(path) is not { } stamp) return new(ArtifactVerdict.Missing, $"artifact {hash} is not in {Root}: it was deleted, or never stored there.");
        if (verified.TryGetValue(hash, out var known) && known == stamp && (sizeBytes < 0 || sizeBytes == stamp.SizeBytes)) return ArtifactCheck.Intact;
        if (sizeBytes >= 0 && stamp.SizeBytes < sizeBytes) return new(ArtifactVerdict.Truncated, $"artifact {hash} has {stamp.SizeBytes} of its {sizeBytes} bytes.");
        ContentHash found;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0);
            found = HashOf(stream);
        }
        catch (FileNotFoundException) { return new(ArtifactVerdict.Missing, $"artifact {hash} vanished from {Root} while it was read."); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return new(ArtifactVerdict.Corrupt, $"artifact {hash} cannot be read: {e.Message}"); }
        if (found != hash) return new(ArtifactVerdict.Corrupt, $"artifact {hash} holds other bytes than were stored (SHA-256 {found}, {stamp.SizeBytes} bytes).");
        if (sizeBytes >= 0 && sizeBytes != stamp.SizeBytes) return new(ArtifactVerdict.Corrupt, $"artifact {hash} has {stamp.SizeBytes} bytes; its record says {sizeBytes}.");
        verified[hash] = stamp;
        return ArtifactCheck.Intact;
    }

    /// <summary>A quick look at an artifact that reads no bytes: whether it is there, and has its size.</summary>
    public ArtifactCheck Glance(ContentHash hash, long sizeBytes)
    {
        if (DurableFiles.StampOf(PathOf(hash)) is null && origin?.SizeOf(hash) is { } elsewhere)
            return elsewhere == sizeBytes ? ArtifactCheck.Intact : new(ArtifactVerdict.Corrupt, $"artifact {hash} has {elsewhere} bytes where it is kept; {sizeBytes} were stored.");
        if (DurableFiles.StampOf(PathOf(hash)) is not { } stamp) return new(ArtifactVerdict.Missing, $"artifact {hash} is not in {Root}: it was deleted, or never stored there.");
        if (stamp.SizeBytes == sizeBytes) return ArtifactCheck.Intact;
        return new(stamp.SizeBytes < sizeBytes ? ArtifactVerdict.Truncated : ArtifactVerdict.Corrupt, $"artifact {hash} has {stamp.SizeBytes} bytes; {sizeBytes} were stored.");
    }

    /// <summary>As <see cref="Check"/>; a truncated or corrupt file is moved to <c>quarantine/</c> with its reason beside it.</summary>
    public ArtifactCheck CheckAndSetAside(ContentHash hash, long sizeBytes = -1)
    {
        var check = Check(hash, sizeBytes);
        if (check.Verdict is ArtifactVerdict.Truncated or ArtifactVerdict.Corrupt) SetAside(hash, check.Reason);
        return check;
    }

    /// <summary>True when a file with this name is there, whatever its bytes.</summary>
    public bool Contains(ContentHash hash) => File.Exists(PathOf(hash)) || origin?.SizeOf(hash) is not null;

    /// <summary>True when the file lies in this very folder.</summary>
    public bool IsHere(ContentHash hash) => File.Exists(PathOf(hash));

    /// <summary>All artifacts, in the order of their names, with the sizes that the files have now.</summary>
    public IEnumerable<StoredArtifact> List()
    {
        for (int first = 0; first < 256; first++)
        {
            var folder = new DirectoryInfo(Path.Combine(Root, first.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
            if (!folder.Exists) continue;
            foreach (var file in folder.GetFiles().OrderBy(f => f.Name, StringComparer.Ordinal))
                if (ContentHash.TryParse(folder.Name + file.Name, out var hash)) yield return new(hash, file.Length);
        }
    }

    /// <summary>Bytes of all artifacts together.</summary>
    public long SizeBytes() => List().Sum(a => a.SizeBytes);

    /// <summary>Removes an artifact; false when it was not there.</summary>
    public bool Delete(ContentHash hash)
    {
        string path = PathOf(hash);
        verified.TryRemove(hash, out _);
        if (!File.Exists(path)) return false;
        File.Delete(path);
        return true;
    }

    private string DraftOf(ContentHash hash) => Path.Combine(Root, "arriving", hash.ToString());

    private static FileStream OpenDraft(string draft, ContentHash hash)
    {
        try { return new FileStream(draft, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 0); }
        // EWOULDBLOCK: the lock that goes with a file that is not shared.
        catch (IOException e) when (e.HResult == 11) { throw new FarmException(new Failure(FailureClass.Transient, "artifact.busy", $"artifact {hash} is being sent by somebody else"), e); }
    }

    private static FarmException Mismatch(ContentHash promised, StoredArtifact found) => new(new Failure(FailureClass.InvalidInput, "artifact.mismatch",
        $"{found.SizeBytes} bytes came under the name {promised}, but theirs is {found.Hash}: nothing was stored. Send them again"));

    /// <summary>Gets an artifact from its origin, once for all threads that ask. What was got before a connection broke is not asked for again.</summary>
    private ArtifactCheck Fetch(ContentHash hash)
    {
        lock (fetching[(uint)hash.GetHashCode() % (uint)fetching.Length])
        {
            if (File.Exists(PathOf(hash))) return ArtifactCheck.Intact;
            string draft = Path.Combine(temporary, $"{ProcessIdentity.Current}.fetch-{hash}");
            try
            {
                using (var to = new FileStream(draft, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 0))
                {
                    to.Seek(0, SeekOrigin.End);
                    if (!origin!.Fetch(hash, to)) return new(ArtifactVerdict.Missing, $"artifact {hash} is not in the farm's store: it was deleted, or never stored there.");
                    to.Position = 0;
                    if (HashOf(to) is var found && found != hash)
                    {
                        to.SetLength(0);
                        return new(ArtifactVerdict.Corrupt, $"artifact {hash} came with other bytes than were stored (SHA-256 {found}).");
                    }
                }
                PutFile(draft, move: true);
                return ArtifactCheck.Intact;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw DurableFiles.WriteFailed($"a copy of artifact {hash}", e); }
        }
    }

    private bool AlreadyStored(StoredArtifact artifact) =>
        File.Exists(PathOf(artifact.Hash)) && CheckAndSetAside(artifact.Hash, artifact.SizeBytes).IsIntact;

    private StoredArtifact PutFileFromElsewhere(string path)
    {
        var artifact = PutFile(path, move: false);
        File.Delete(path);
        return artifact;
    }

    private bool TryPublishByRename(string file, StoredArtifact artifact)
    {
        string path = PathOf(artifact.Hash), folder = Path.GetDirectoryName(path)!;
        MakeFolder(folder, artifact.Hash);
        if (!DurableFiles.TryRename(file, path)) return false;
        DurableFiles.FlushFolder(folder);
        Used?.Invoke(artifact.Hash);
        // The bytes were hashed on their way in, so this process need not read them again.
        if (DurableFiles.StampOf(path) is { } stamp) verified[artifact.Hash] = stamp;
        return true;
    }

    private void Publish(string file, StoredArtifact artifact)
    {
        if (!TryPublishByRename(file, artifact)) throw new IOException($"{temporary} and {Root} must lie on one file system");
    }

    private void MakeFolder(string folder, ContentHash hash)
    {
        Span<byte> bytes = stackalloc byte[32];
        hash.CopyTo(bytes);
        if (folderExists[bytes[0]] && Directory.Exists(folder)) return;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            DurableFiles.FlushFolder(Root);
        }
        folderExists[bytes[0]] = true;
    }

    private void SetAside(ContentHash hash, string reason)
    {
        verified.TryRemove(hash, out _);
        Directory.CreateDirectory(quarantine);
        string to = Path.Combine(quarantine, $"{hash}-{Path.GetFileNameWithoutExtension(NewTemporaryPath())}");
        // Two processes may find the same damage at once; the second finds nothing left to move.
        try { DurableFiles.TryRename(PathOf(hash), to); }
        catch (IOException) when (!File.Exists(PathOf(hash))) { return; }
        File.WriteAllText(to + ".reason.txt", reason + "\n");
    }

    private static StoredArtifact CopyAndHash(Stream content, string file)
    {
        using var hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var handle = File.OpenHandle(file, FileMode.CreateNew, FileAccess.Write);
        byte[] block = System.Buffers.ArrayPool<byte>.Shared.Rent(BlockBytes);
        long size = 0;
        try
        {
            for (int read; (read = content.Read(block, 0, BlockBytes)) > 0; size += read)
            {
                hasher.AppendData(block, 0, read);
                RandomAccess.Write(handle, block.AsSpan(0, read), size);
            }
        }
        finally { System.Buffers.ArrayPool<byte>.Shared.Return(block); }
        RandomAccess.FlushToDisk(handle);
        return new(new ContentHash(hasher.GetHashAndReset()), size);
    }

    private static ContentHash HashOf(Stream stream)
    {
        using var hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = System.Buffers.ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            for (int read; (read = stream.Read(block, 0, BlockBytes)) > 0;) hasher.AppendData(block, 0, read);
        }
        finally { System.Buffers.ArrayPool<byte>.Shared.Return(block); }
        return new ContentHash(hasher.GetHashAndReset());
    }

    private string NewTemporaryPath() =>
        Path.Combine(temporary, $"{ProcessIdentity.Current}.{Interlocked.Increment(ref temporaryCount)}");

    private void RemoveLeftovers()
    {
        foreach (string file in Directory.EnumerateFiles(temporary))
            if (ProcessIdentity.TryParse(Path.GetFileName(file).Split('.')[0], out var owner) && owner.IsGone) File.Delete(file);
    }
}
