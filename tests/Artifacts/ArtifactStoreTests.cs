using System.Security.Cryptography;
using CsCheck;
using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Tests.Artifacts;

public sealed class ArtifactStoreTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mlfarm-artifacts-").FullName;
    private readonly ArtifactStore store;

    public ArtifactStoreTests() => store = new(Path.Combine(folder, "artifacts"));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Bytes_stream_and_file_of_one_content_are_one_artifact_named_by_its_sha256()
    {
        byte[] content = Bytes(300_000);
        string file = Write("source.bin", content);

        var first = store.Put(content);
        Assert.Equal(first, store.Put(new MemoryStream(content)));
        Assert.Equal(first, store.PutFile(file, move: false));
        Assert.True(File.Exists(file));
        Assert.Equal(first, store.PutFile(file, move: true));
        Assert.False(File.Exists(file));

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), first.Hash.ToString());
        Assert.Equal([first], store.List());
        Assert.Equal(300_000, store.SizeBytes());
        Assert.Equal(content, ReadAll(first));
        Assert.Empty(Temporaries());
    }

    [Fact]
    public void Any_content_comes_back_as_it_was_put() =>
        Gen.Byte.Array[0, 5000].Sample(content => ReadAll(store.Put(content)).AsSpan().SequenceEqual(content), iter: 60);

    [Fact]
    public void Moved_file_of_a_new_content_becomes_the_artifact_without_a_copy()
    {
        string file = Write("moved.bin", Bytes(5000));
        ulong before = Inode(file);
        var artifact = store.PutFile(file, move: true);
        Assert.Equal(before, Inode(store.PathOf(artifact.Hash)));
    }

    [Fact]
    public void Moved_link_leaves_its_target_alone()
    {
        string target = Write("target.bin", Bytes(100)), link = Path.Combine(folder, "link.bin");
        File.CreateSymbolicLink(link, target);
        var artifact = store.PutFile(link, move: true);
        Assert.True(File.Exists(target));
        Assert.False(File.Exists(link));
        Assert.Null(new FileInfo(store.PathOf(artifact.Hash)).LinkTarget);
    }

    [Fact]
    public void Moved_file_of_another_file_system_is_copied_and_removed()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "needs a second file system at /dev/shm");
        string file = Path.Combine("/dev/shm", $"mlfarm-{ProcessIdentity.Current}.bin");
        File.WriteAllBytes(file, Bytes(1000));
        var artifact = store.PutFile(file, move: true);
        Assert.False(File.Exists(file));
        Assert.Equal(Bytes(1000), ReadAll(artifact));
    }

    [Fact]
    public void Missing_source_is_named() =>
        Assert.Equal("artifact.source_missing", Assert.Throws<FarmException>(() => store.PutFile(Path.Combine(folder, "nothing"), move: true)).Failure.Code);

    [Fact]
    public void Truncated_artifact_is_found_set_aside_and_can_be_put_again()
    {
        var artifact = store.Put(Bytes(4000));
        using (var file = File.OpenWrite(store.PathOf(artifact.Hash))) file.SetLength(3999);

        Assert.Equal(ArtifactVerdict.Truncated, store.Check(artifact.Hash, artifact.SizeBytes).Verdict);
        var thrown = Assert.Throws<FarmException>(() => store.Open(artifact.Hash, artifact.SizeBytes));
        Assert.Equal(("artifact.corrupt", $"sha256:{artifact.Hash}"), (thrown.Failure.Code, thrown.Failure.Detail));
        Assert.Contains("3999 of its 4000", thrown.Message);
        Assert.False(store.Contains(artifact.Hash));
        Assert.Single(Directory.GetFiles(Path.Combine(store.Root, "quarantine"), "*.reason.txt"));

        store.Put(Bytes(4000));
        Assert.Equal(Bytes(4000), ReadAll(artifact));
    }

    [Fact]
    public void Flipped_bit_is_found_even_when_size_and_times_are_put_back()
    {
        var artifact = store.Put(Bytes(4000));
        string path = store.PathOf(artifact.Hash);
        var modified = File.GetLastWriteTimeUtc(path);
        Flip(path, 1234);
        File.SetLastWriteTimeUtc(path, modified);

        var check = store.Check(artifact.Hash, artifact.SizeBytes);
        Assert.Equal(ArtifactVerdict.Corrupt, check.Verdict);
        Assert.Equal("artifact.corrupt", check.ToFailure(artifact.Hash).Code);
    }

    [Fact]
    public void Deleted_artifact_is_missing()
    {
        var artifact = store.Put(Bytes(10));
        Assert.True(store.Delete(artifact.Hash));
        Assert.False(store.Delete(artifact.Hash));
        Assert.Equal(ArtifactVerdict.Missing, store.Check(artifact.Hash).Verdict);
        Assert.Equal("artifact.missing", Assert.Throws<FarmException>(() => store.Open(artifact.Hash)).Failure.Code);
    }

    [Fact]
    public void Record_with_another_size_is_not_believed()
    {
        var artifact = store.Put(Bytes(10));
        Assert.Equal(ArtifactVerdict.Corrupt, store.Check(artifact.Hash, 9).Verdict);
    }

    [Fact]
    public void Putting_content_whose_stored_file_is_damaged_repairs_it()
    {
        var artifact = store.Put(Bytes(50));
        Flip(store.PathOf(artifact.Hash), 3);
        store.Put(Bytes(50));
        Assert.True(new ArtifactStore(store.Root).Check(artifact.Hash, 50).IsIntact);
    }

    [Fact]
    public void Second_look_at_an_untouched_file_does_not_read_it_again()
    {
        string path = store.PathOf(store.Put(Bytes(100)).Hash);
        var again = new ArtifactStore(store.Root);
        var artifact = again.List().Single();
        Assert.True(again.Check(artifact.Hash).IsIntact);
        var accessed = new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        // Setting a time changes the change time too, so the next look hashes once more; the one after it must not.
        File.SetLastAccessTimeUtc(path, accessed);
        Assert.True(again.Check(artifact.Hash).IsIntact);
        using var closed = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.True(again.Check(artifact.Hash).IsIntact);
        Assert.False(new ArtifactStore(store.Root).Check(artifact.Hash).IsIntact);
    }

    [Fact]
    public void Parallel_puts_of_the_same_contents_agree()
    {
        var hashes = new ContentHash[64];
        Parallel.For(0, 64, i => hashes[i] = (i % 2 == 0 ? store.Put(Bytes(1000 + i % 4)) : store.Put(new MemoryStream(Bytes(1000 + i % 4)))).Hash);
        Assert.Equal(4, hashes.Distinct().Count());
        Assert.Equal(4, store.List().Count());
        Assert.All(store.List(), a => Assert.True(new ArtifactStore(store.Root).Check(a.Hash, a.SizeBytes).IsIntact));
        Assert.Empty(Temporaries());
        Assert.False(Directory.Exists(Path.Combine(store.Root, "quarantine")));
    }

    [Fact]
    public void Unfinished_file_of_a_dead_process_is_removed_and_that_of_a_living_one_stays()
    {
        var dead = ProcessIdentity.Current with { Start = ProcessIdentity.Current.Start + 1 };
        string leftover = Path.Combine(store.Root, "tmp", $"{dead}.1"), alive = Path.Combine(store.Root, "tmp", $"{ProcessIdentity.Current}.99");
        File.WriteAllText(leftover, "half");
        File.WriteAllText(alive, "half");
        _ = new ArtifactStore(store.Root);
        Assert.Equal([alive], Temporaries());
        Assert.Empty(store.List());
    }

    private string[] Temporaries() => Directory.GetFiles(Path.Combine(store.Root, "tmp"));

    private string Write(string name, byte[] content)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private byte[] ReadAll(StoredArtifact artifact)
    {
        using var stream = store.Open(artifact.Hash, artifact.SizeBytes);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (int i = 0; i < count; i++) bytes[i] = (byte)(i * 31 + count);
        return bytes;
    }

    private static void Flip(string path, int at)
    {
        byte[] content = File.ReadAllBytes(path);
        content[at] ^= 16;
        using var file = File.OpenWrite(path);
        file.Write(content);
    }

    private static ulong Inode(string path)
    {
        using var stat = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("stat", ["-c", "%i", path]) { RedirectStandardOutput = true })!;
        return ulong.Parse(stat.StandardOutput.ReadToEnd(), System.Globalization.CultureInfo.InvariantCulture);
    }
}

public sealed class ProcessIdentityTests
{
    [Fact]
    public void This_process_is_alive_and_a_later_one_with_its_number_is_another()
    {
        Assert.False(ProcessIdentity.Current.IsGone);
        Assert.True((ProcessIdentity.Current with { Start = ProcessIdentity.Current.Start + 1 }).IsGone);
        Assert.False((ProcessIdentity.Current with { Host = "elsewhere", Pid = 1 << 22 }).IsGone);
    }

    [Theory]
    [InlineData(null), InlineData(""), InlineData("a-1"), InlineData("a-b-c"), InlineData("-1-2"), InlineData("a-1-2-3"), InlineData("a--1-2")]
    public void Other_texts_are_no_identities(string? text) => Assert.False(ProcessIdentity.TryParse(text, out _));

    [Fact]
    public void Text_round_trips()
    {
        Assert.True(ProcessIdentity.TryParse(ProcessIdentity.Current.ToString(), out var same));
        Assert.Equal(ProcessIdentity.Current, same);
    }
}
