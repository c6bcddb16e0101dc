using ExampleMlFarm.Nodes;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Tests.Nodes.World;

namespace ExampleMlFarm.Tests.Nodes;

public sealed class CatalogueTests
{
    public static TheoryData<string> Names => [.. Catalogue.All.Where(t => t.Descriptor.Family != "basics").Select(t => t.Descriptor.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Every_option_of_a_node_is_documented(string name)
    {
        var type = Catalogue.Get(name).Descriptor;
        Assert.True(type.Summary.EndsWith('.'), type.Summary);
        Assert.NotEmpty(type.Family);
        Check(type.Options);

        void Check(IReadOnlyList<OptionDescriptor> options)
        {
            foreach (var option in options)
            {
                Assert.True(option.Doc.Length >= 10, $"{name}.{option.Name} says only '{option.Doc}'");
                if (option.Type is OptionType.Fields nested) Check(nested.Options);
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void The_example_of_a_node_is_a_recipe_that_compiles_and_uses_it(string name)
    {
        string example = Catalogue.Get(name).Descriptor.Example;
        var result = RecipeCompiler.Compile(example, $"{name}.yaml", new Dictionary<string, string>(), Catalogue.Descriptors, new DiskFiles("."));
        Assert.True(result.Succeeded, string.Join('\n', result.Errors));
        Assert.Contains(name, example, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Names))]
    public void The_readme_of_a_node_shows_the_example_of_the_catalogue(string name)
    {
        string family = Path.Combine(Repository.Root, "src/Nodes");
        var readme = Directory.EnumerateFiles(family, "README.md", SearchOption.AllDirectories).Select(File.ReadAllText).Where(t => t.StartsWith($"# {name}\n", StringComparison.Ordinal));
        Assert.Contains($"```yaml\n{Catalogue.Get(name).Descriptor.Example}```\n", Assert.Single(readme), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_node_folder_has_its_node_in_the_catalogue()
    {
        var known = Catalogue.All.Select(t => t.Descriptor.Name).ToHashSet();
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src/Nodes"), "README.md", SearchOption.AllDirectories).Where(f => !f.Contains("/Basics/", StringComparison.Ordinal)))
            Assert.Contains(File.ReadLines(file).First()[2..], known);
    }
}
