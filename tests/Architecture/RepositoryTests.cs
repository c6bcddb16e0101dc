using System.Text.RegularExpressions;

namespace ExampleMlFarm.Tests.Architecture;

public partial class RepositoryTests
{
    [Fact]
    public void Solution_lists_exactly_the_projects_on_disk()
    {
        var listed = SolutionEntry().Matches(Repository.Read("ExampleMlFarm.sln")).Select(m => m.Groups[1].Value.Replace('\\', '/')).Order(StringComparer.Ordinal);
        var onDisk = Repository.Files("src", "*.csproj").Concat(Repository.Files("tests", "*.csproj")).Concat(Repository.Files("bench", "*.csproj")).Order(StringComparer.Ordinal);
        Assert.Equal(onDisk, listed);
    }

    [Fact]
    public void Every_package_has_an_exact_version_and_a_reason()
    {
        var reasons = Repository.Read("docs/decisions/0002-packages.md");
        foreach (Match package in PackageEntry().Matches(Repository.Read("Directory.Packages.props")))
        {
            Assert.Matches(@"^\d+\.\d+\.\d+(\.\d+)?$", package.Groups[2].Value);
            Assert.True(reasons.Contains($"| {package.Groups[1].Value} |"), $"package {package.Groups[1].Value} has no line in docs/decisions/0002-packages.md");
        }
    }

    [Fact]
    public void Links_between_documents_lead_somewhere() => Assert.Empty(Pages().SelectMany(p => BrokenLinks(p, Repository.Read(p))));

    [Fact]
    public void Planted_broken_link_is_reported() =>
        Assert.Equal("README.md links to docs/nowhere.md, which does not exist", Assert.Single(BrokenLinks("README.md", "see [this](docs/nowhere.md) and [that](https://example.org)")));

    [Fact]
    public void Nothing_is_left_open_in_the_code() => Assert.Empty(Sources().SelectMany(f => LeftOpen(f, Repository.Read(f))));

    [Fact]
    public void Planted_marker_is_reported() => Assert.Single(LeftOpen("src/X.cs", "throw new NotImplemented" + "Exception();"));

    [Fact]
    public void Files_stay_short_enough_to_hold_one_theme() => Assert.Empty(Sources().SelectMany(f => TooLong(f, Repository.Read(f))));

    [Fact]
    public void Planted_long_file_is_reported() => Assert.Single(TooLong("src/X.cs", new string('\n', 601)));

    private static IEnumerable<string> Pages() => Repository.Files("docs", "*.md").Append("README.md");

    private static IEnumerable<string> Sources() => Repository.Files("src", "*.cs").Concat(Repository.Files("tests", "*.cs"));

    private static IEnumerable<string> BrokenLinks(string page, string text) =>
        from Match link in Link().Matches(text)
        let target = link.Groups[1].Value.Split('#')[0]
        where target.Length > 0 && !target.Contains("://")
        where !Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(page)!, target))
        select $"{page} links to {target}, which does not exist";

    private static IEnumerable<string> LeftOpen(string file, string text) =>
        from marker in new[] { "throw new NotImplemented" + "Exception", "TO" + "DO", "FIX" + "ME" }
        where text.Contains(marker)
        select $"{file} holds {marker}: finish it, or say at run time what is not there";

    // 400 lines is the habit's upper end; what stands between 400 and 600 has its reason at the top of the file.
    private static IEnumerable<string> TooLong(string file, string text)
    {
        int lines = text.Count(c => c == '\n');
        if (lines > 600) yield return $"{file} has {lines} lines; split it by theme";
    }

    [GeneratedRegex("""= "[^"]+", "([^"]+\.csproj)",""")]
    private static partial Regex SolutionEntry();

    [GeneratedRegex("""<PackageVersion Include="([^"]+)" Version="([^"]+)" />""")]
    private static partial Regex PackageEntry();

    [GeneratedRegex("""\]\(([^)\s]+)\)""")]
    private static partial Regex Link();
}
