using ExampleMlFarm.Workers.Cooking;

namespace ExampleMlFarm.Tests.Workers.Cooking;

/// <summary>A saved partial state that cannot be used is as good as none, and says why.</summary>
public sealed class CheckpointFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mlfarm-checkpoints-").FullName;
    private readonly byte[] state = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
    private CheckpointFile File => new(folder, "key-0");
    private string Path => System.IO.Path.Combine(folder, "key-0");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Saved_state_comes_back_the_last_one_and_nothing_after_it_is_removed()
    {
        Assert.Null(File.Load(out string? damage));
        Assert.Null(damage);
        File.Save([1, 2, 3]);
        File.Save(state);
        Assert.Equal(state, File.Load(out damage));
        Assert.Null(damage);
        File.Remove();
        Assert.Null(File.Load(out damage));
        Assert.Null(damage);
        File.Remove();
        File.Save([]);
        Assert.Equal([], File.Load(out damage)!);
    }

    [Fact]
    public void File_cut_anywhere_is_damaged_and_no_error()
    {
        File.Save(state);
        var whole = System.IO.File.ReadAllBytes(Path);
        for (int length = 0; length < whole.Length; length += length < 60 ? 1 : 97)
        {
            System.IO.File.WriteAllBytes(Path, whole[..length]);
            Assert.Null(File.Load(out string? damage));
            Assert.NotNull(damage);
        }
    }

    [Fact]
    public void Any_flipped_byte_is_damage()
    {
        File.Save(state);
        var whole = System.IO.File.ReadAllBytes(Path);
        for (int at = 0; at < whole.Length; at += at < 60 ? 1 : 31)
        {
            var bad = (byte[])whole.Clone();
            bad[at] ^= 0x10;
            System.IO.File.WriteAllBytes(Path, bad);
            Assert.Null(File.Load(out string? damage));
            Assert.NotNull(damage);
        }
    }

    [Fact]
    public void State_without_a_checksum_or_a_file_that_cannot_be_read_is_damage()
    {
        System.IO.File.WriteAllBytes(Path, state);
        Assert.Null(File.Load(out string? damage));
        Assert.Contains("1000 bytes", damage, StringComparison.Ordinal);
    }
}
