using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Tests.Farm.World;

namespace ExampleMlFarm.Tests.Farm.Commands;

/// <summary>A recipe's name becomes a folder's, so it must not lead anywhere else.</summary>
public sealed class RecipeNameTests(FakeProject project) : IClassFixture<FakeProject>
{
    private Printed Check(string name, string file = "named.yaml")
    {
        string path = Path.Combine(project.Root, file);
        File.WriteAllText(path, $"recipe: 1\n{(name.Length > 0 ? $"name: {name}\n" : "")}nodes:\n  a: {{ generate: 1, run: echo }}\n");
        return project.Run("check", path);
    }

    [Theory]
    [InlineData("../../../evil"), InlineData("'..'"), InlineData("'.'"), InlineData("a/b"), InlineData("/etc/passwd"), InlineData("\"a\\nb\""), InlineData("''"), InlineData("'a '"), InlineData("-rf"), InlineData("'a:b'")]
    [InlineData("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz")]
    public void Name_that_could_lead_elsewhere_is_an_error_with_its_place(string name)
    {
        var printed = Check(name);
        Assert.Equal(ExitCode.Invalid, (ExitCode)printed.Code);
        Assert.Contains("named.yaml:2:7  error  ", printed.Out, StringComparison.Ordinal);
        Assert.Contains("cannot name a recipe", printed.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cloth"), InlineData("Cloth 2.1_final-b"), InlineData("Größe")]
    public void Plain_name_is_fine(string name) => Assert.Equal(0, Check(name).Code);

    [Fact]
    public void Recipe_without_a_name_takes_that_of_its_file_with_odd_characters_left_out() => Assert.Equal(0, Check("", "my; sweep (2).yaml").Code);

    [Theory]
    [InlineData("../../evil"), InlineData(".."), InlineData("/tmp/evil"), InlineData("a/../../../b")]
    public void Output_folder_lies_in_the_out_folder_whatever_the_recipe_is_called(string name)
        => Assert.Equal(Path.Combine(project.Root, "out"), Path.GetDirectoryName(OutputFolder.Of(new ProjectFolder(project.Root), name, new RunId(3))));
}
