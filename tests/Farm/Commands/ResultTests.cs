using System.Text;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Geometry.Formats;
using ExampleMlFarm.Tests.Farm.World;

namespace ExampleMlFarm.Tests.Farm.Commands;

public sealed class ResultTests : IDisposable
{
    private readonly FakeProject project = new();
    private readonly string folder = Directory.CreateTempSubdirectory("mlfarm-results-").FullName;

    public void Dispose()
    {
        project.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private ContentHash HashOf(string address, string name)
    {
        var found = JsonNode.Parse(project.Run("artifacts", "ls", address, "--name", name, "--json").Out)!.AsArray();
        return ContentHash.TryParse((string?)found[0]!["sha256"], out var hash) ? hash : throw new InvalidOperationException("no hash");
    }

    [Fact]
    public void Cat_writes_the_bytes_and_nothing_else()
    {
        var printed = project.Run("artifacts", "cat", "1/simulate/3", "--name", "mesh");
        Assert.Equal("mesh of item 3\n", Encoding.UTF8.GetString(printed.Bytes));
        Assert.Empty(printed.Out);
    }

    [Fact]
    public void Get_places_outputs_of_several_items_apart_and_writes_over_nothing()
    {
        Assert.Equal(0, project.Run("artifacts", "get", "1/simulate@done", "--dir", folder).Code);
        Assert.Equal("mesh of item 3\n", File.ReadAllText(Path.Combine(folder, "simulate", "3", "mesh.obj")));
        Assert.Equal(ExitCode.Usage, (ExitCode)project.Run("artifacts", "get", "1/simulate@done", "--dir", folder).Code);
        Assert.Equal(0, project.Run("artifacts", "get", "1/simulate@done", "--dir", folder, "--force").Code);
    }

    [Theory]
    [InlineData("npz"), InlineData("raw"), InlineData("csv")]
    public void Dataset_is_exported_in_every_format(string format)
    {
        var printed = project.Run("dataset", "export", "1", "--to", format, "--dir", folder);
        Assert.Equal(0, printed.Code);
        Assert.True(new FileInfo(Path.Combine(folder, $"dataset.{format}")).Length > 0);
        if (format == "npz") Assert.Equal([5L, 2L], NumpyFile.ReadNpz(Path.Combine(folder, "dataset.npz"))["input"].Shape);
    }

    [Fact]
    public void Damaged_shard_is_named_and_ends_with_status_3()
    {
        string shard = (string)JsonNode.Parse(project.Run("dataset", "show", "1", "--json").Out)!["shards"]![1]!["file"]!;
        string path = project.ArtifactPath(HashOf("1/dataset", shard));
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        var printed = project.Run("dataset", "verify", "1");
        Assert.Equal(ExitCode.Invalid, (ExitCode)printed.Code);
        Assert.Contains(shard, printed.Out, StringComparison.Ordinal);
        Assert.Single(printed.Out.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void Dataset_folder_on_disk_is_read_like_one_in_a_run()
    {
        project.Run("artifacts", "get", "1/dataset", "--dir", folder);
        Assert.Contains("is intact", project.Run("dataset", "verify", folder).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Looking_at_a_dataset_leaves_no_folder_behind()
    {
        string[] before = Directory.GetDirectories(Path.GetTempPath(), "mlfarm-dataset-*");
        project.Run("dataset", "verify", "1");
        project.Run("dataset", "head", "1");
        // Tests beside this one have such folders for a moment.
        var left = Directory.GetDirectories(Path.GetTempPath(), "mlfarm-dataset-*").Except(before).ToList();
        Assert.True(SpinWait.SpinUntil(() => left.TrueForAll(f => !Directory.Exists(f)), TimeSpan.FromSeconds(10)), string.Join(", ", left));
    }

    [Fact]
    public void Models_of_several_items_are_exported_under_names_of_their_own()
    {
        Assert.Equal(0, project.Run("model", "export", "1", "--dir", folder).Code);
        Assert.Equal(["train-0-model.onnx", "train-1-model.onnx"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Model_format_that_was_not_made_is_answered_with_those_that_were()
    {
        var printed = project.Run("model", "export", "1/train/0", "--to", "glb", "--dir", folder);
        Assert.Equal(ExitCode.NotFound, (ExitCode)printed.Code);
        Assert.Contains("onnx", printed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_model_file_is_an_error_with_words()
    {
        string file = Path.Combine(folder, "bad.mldeform");
        File.WriteAllBytes(file, [.. "PK"u8, 3, 4, 1, 2, 3]);
        var printed = project.Run("model", "show", file);
        Assert.Equal(ExitCode.Invalid, (ExitCode)printed.Code);
        Assert.Contains("is no readable deformer bundle", printed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Init_writes_a_recipe_that_checks_and_never_over_another()
    {
        string made = Path.Combine(folder, "demo");
        foreach (string name in ExampleMlFarm.Recipes.Library.RecipeLibrary.Names.Where(n => n.StartsWith("command", StringComparison.Ordinal)))
        {
            Assert.Equal(0, project.Run("init", made, "--from", name).Code);
            Assert.Equal(0, project.Run("check", Path.Combine(made, $"{name}.yaml")).Code);
            Assert.Equal(ExitCode.Usage, (ExitCode)project.Run("init", made, "--from", name).Code);
        }
        Assert.NotNull(JsonNode.Parse(File.ReadAllText(Path.Combine(made, ".mlfarm", "recipe.schema.json"))));
    }

    [Theory]
    [InlineData("recipe"), InlineData("items"), InlineData("events")]
    public void Schemas_are_json(string of) => Assert.Equal("https://json-schema.org/draft/2020-12/schema", (string?)JsonNode.Parse(project.Run("schema", of).Out)!["$schema"]);

    [Fact]
    public void Watch_of_a_run_that_nothing_works_on_ends_instead_of_waiting()
    {
        var printed = project.Run("watch", "1", "-o", "ndjson");
        Assert.Equal(0, printed.Code);
        Assert.All(printed.Out.TrimEnd('\n').Split('\n'), line => Assert.NotNull(JsonNode.Parse(line)!["event"]));
    }
}
