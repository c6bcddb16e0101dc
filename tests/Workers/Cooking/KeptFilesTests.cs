using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Workers.Cooking;

namespace ExampleMlFarm.Tests.Workers.Cooking;

public sealed class KeptFilesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mlfarm-kept-").FullName;
    private readonly ArtifactStore store;
    private readonly KeptFiles kept;
    private readonly string original;
    private readonly ContentHash content;

    public KeptFilesTests()
    {
        store = new(Path.Combine(folder, "artifacts"));
        kept = new(store, Path.Combine(folder, "files"));
        original = Path.Combine(folder, "step.py");
        File.WriteAllText(original, "old");
        content = store.PutFile(original, move: false).Hash;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Program_gets_the_original_while_it_is_unchanged_and_the_copy_from_then_on()
    {
        Assert.Equal(original, kept.OriginalOrCopy(original, content));
        File.WriteAllText(original, "new!");
        Assert.False(kept.IsUnchanged(original, content));
        string copy = kept.OriginalOrCopy(original, content);
        Assert.Equal(("step.py", "old"), (Path.GetFileName(copy), File.ReadAllText(copy)));
        File.Delete(original);
        Assert.Equal(copy, kept.OriginalOrCopy(original, content));
        File.WriteAllText(original, "old");
        Assert.Equal(original, kept.OriginalOrCopy(original, content));
    }

    [Fact]
    public void Edit_that_keeps_the_size_is_seen_by_its_time()
    {
        Assert.True(kept.IsUnchanged(original, content));
        File.WriteAllText(original, "odd");
        File.SetLastWriteTimeUtc(original, File.GetLastWriteTimeUtc(original).AddMilliseconds(1));
        Assert.False(kept.IsUnchanged(original, content));
    }

    [Fact]
    public void Copy_is_made_once_and_lost_contents_are_named()
    {
        string copy = kept.CopyOf(original, content);
        Assert.NotEqual(original, copy);
        Assert.Equal("old", File.ReadAllText(copy));
        store.Delete(content);
        Assert.Equal(copy, kept.CopyOf(original, content));
        // Gone from the store, but the original is still what it was.
        Directory.Delete(Path.GetDirectoryName(copy)!, recursive: true);
        Assert.Equal(copy, kept.CopyOf(original, content));
        Directory.Delete(Path.GetDirectoryName(copy)!, recursive: true);
        File.WriteAllText(original, "new!");
        var gone = Assert.Throws<FarmException>(() => kept.CopyOf(original, content));
        Assert.Equal("file.gone", gone.Failure.Code);
        Assert.Contains("step.py", gone.Message);
    }
}
