using System.Runtime.CompilerServices;
using ExampleMlFarm.Farm.Commands;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Tests.Farm.World;

namespace ExampleMlFarm.Tests.Farm.Commands;

/// <summary>Pages in <c>docs</c> that the program writes about itself. MLFARM_GOLDEN=write writes them anew.</summary>
public class DocsTests
{
    private static string Folder([CallerFilePath] string caller = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(caller)!, "../../../docs"));

    public static TheoryData<string> Pages => [.. DocsPages.All().Keys];

    [Theory, MemberData(nameof(Pages))]
    public void Page_says_what_the_program_does(string page) => Golden.CheckFile(Path.Combine(Folder(), page), DocsPages.All()[page]);

    [Fact]
    public void Every_node_type_has_its_page_and_no_page_is_left_over() =>
        Assert.Equal(Catalogue.Descriptors.All.Select(d => $"{d.Name}.md").Append("README.md").Order(StringComparer.Ordinal),
            Directory.GetFiles(Path.Combine(Folder(), "nodes")).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
}
