using ExampleMlFarm.Tests.Farm.World;

namespace ExampleMlFarm.Tests.Farm.Commands;

/// <summary>Whoever only looks needs no right to write.</summary>
public sealed class LookingTests : IDisposable
{
    private readonly FakeProject project = new();

    public void Dispose() => project.Dispose();

    private string State() => string.Join('\n', Directory.EnumerateFileSystemEntries(project.Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(path => File.Exists(path) ? $"{path} {File.GetLastWriteTimeUtc(path):O}" : path));

    [Fact]
    public void Looking_writes_nothing_where_the_journal_is_closed()
    {
        string tmp = Path.Combine(project.Root, ".mlfarm", "artifacts", "tmp");
        Directory.Delete(tmp);
        string before = State();
        foreach (string[] words in (string[][])[["runs"], ["show", "1"], ["show", "1/train/1"], ["items", "1"], ["logs", "1/simulate"], ["explain", "1/train/0"], ["metrics", "1/train"], ["dataset", "ls"]])
        {
            var printed = project.Run(words);
            Assert.True(printed.Code == 0, $"{string.Join(' ', words)}: {printed.Error}");
        }
        Assert.Equal(before, State());
    }
}
