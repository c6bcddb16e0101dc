using System.Text.Json.Nodes;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Checking;
using ExampleMlFarm.Recipes.Yaml;
using NJsonSchema;

namespace ExampleMlFarm.Tests.Recipes;

public sealed class CatalogueTests
{
    private static async Task<JsonSchema> Schema() => await JsonSchema.FromJsonAsync(ToDraft4(RecipeSchema.Generate(FakeCatalogue.Instance))!.ToJsonString(), TestContext.Current.CancellationToken);

    /// <summary>The validator knows draft 4: "if a then b" is "not a, or b" there, and definitions have their old name.</summary>
    private static JsonNode? ToDraft4(JsonNode? node) => node switch
    {
        JsonObject o when o.ContainsKey("if") => new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["not"] = ToDraft4(o["if"]) }, ToDraft4(o["then"])) },
        JsonObject o => new JsonObject(o.Where(p => p.Key != "$schema").Select(p => KeyValuePair.Create(p.Key == "$defs" ? "definitions" : p.Key, p.Key == "$ref" ? JsonValue.Create(p.Value!.GetValue<string>().Replace("$defs", "definitions", StringComparison.Ordinal)) : ToDraft4(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(ToDraft4)]),
        _ => node?.DeepClone(),
    };

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMapping m => new JsonObject(m.Entries.Select(e => KeyValuePair.Create(e.Key.Text, ToJson(e.Value)))),
        YamlList l => new JsonArray([.. l.Entries.Select(ToJson)]),
        YamlScalar { IsPlain: true } s when double.TryParse(s.Text, out double d) => d == Math.Floor(d) ? JsonValue.Create((long)d) : JsonValue.Create(d),
        YamlScalar { IsPlain: true, Text: "true" or "false" } s => JsonValue.Create(s.Text == "true"),
        var s => JsonValue.Create(((YamlScalar)s).Text),
    };

    private static string Json(string yaml) => ToJson(YamlReader.Read(yaml, new Diagnostics("r.yaml"))!)!.ToJsonString();

    [Fact]
    public async Task Recipe_of_the_design_conforms_to_the_schema() => Assert.Empty((await Schema()).Validate(Json(TestFiles.Read("Good/ml-deformer.yaml"))));

    [Theory]
    [InlineData("recipe: 1\nnodes: {a: {uses: pcaa}}")]
    [InlineData("recipe: 1\nnodes: {a: {user: pca}}")]
    [InlineData("recipe: 1\nnodes: {a: {uses: pca, with: {component: 3}}}")]
    [InlineData("recipe: 1\nnodes: {a: {uses: pca, with: {components: 0}}}")]
    [InlineData("nodes: {a: {uses: pca}}")]
    [InlineData("recipe: 1\nnodes: {a: {steps: [ml_train_regression]}}")]
    public async Task Schema_finds_the_mistakes_an_editor_should_show(string yaml) => Assert.NotEmpty((await Schema()).Validate(Json(yaml)));

    [Fact]
    public void Options_are_described_with_type_default_range_and_unit()
    {
        string text = CatalogueText.Show(FakeCatalogue.Instance.Find("ml_train_regression")!);
        Assert.Contains("  learning_rate  float = 0.001\n      Learning rate (above 0)\n", text, StringComparison.Ordinal);
        Assert.Contains("  activation  relu | gelu | silu = gelu\n", text, StringComparison.Ordinal);
        Assert.Contains("      patience  int = 10\n", text, StringComparison.Ordinal);
        Assert.Contains("  dataset  node, required\n", text, StringComparison.Ordinal);
        Assert.Contains("  metric   validation/loss: Loss on validation data\n", text, StringComparison.Ordinal);
        Assert.Contains("| `early_stopping.patience` | int | 10 |", CatalogueText.Markdown(FakeCatalogue.Instance.Find("ml_train_regression")!), StringComparison.Ordinal);
    }

    public sealed record Undocumented
    {
        public int Count { get; init; }
    }

    public sealed record Impossible
    {
        [Option("A date")] public DateTime When { get; init; }
    }

    [Fact]
    public void Property_without_description_or_of_an_impossible_type_is_refused()
    {
        Assert.Equal("Undocumented.Count has no [Option] that says what it means", Assert.Throws<ArgumentException>(() => NodeDescriptor.From<Undocumented>("x", 1, "")).Message);
        Assert.Equal("Impossible.When: no option can be a DateTime", Assert.Throws<ArgumentException>(() => NodeDescriptor.From<Impossible>("x", 1, "")).Message);
    }

    private sealed record Shared
    {
        [Option("How many.")]
        public int Count { get; init; } = 3;

        [Option("Where from.", Required = true)]
        public NodeInput? Source { get; init; }
    }

    private sealed record Sharing
    {
        [OptionGroup]
        public Shared Common { get; init; } = new();

        [Option("How wide.")]
        public double Width { get; init; } = 2;
    }

    private sealed record TwiceCounted
    {
        [OptionGroup]
        public Shared Common { get; init; } = new();

        [Option("How many more.")]
        public int Count { get; init; }
    }

    private sealed record GroupInGroup
    {
        [OptionGroup]
        public Sharing Outer { get; init; } = new();
    }

    [Fact]
    public void Options_of_a_group_stand_beside_the_others()
    {
        var descriptor = NodeDescriptor.From<Sharing>("x", 1, "");
        Assert.Equal(["count", "source", "width"], descriptor.Options.Select(o => o.Name));
        var read = descriptor.Read<Sharing>(new() { ["count"] = 5L, ["source"] = new System.Text.Json.Nodes.JsonObject { ["$node"] = "a", ["dependency"] = 1L } });
        Assert.Equal((5, "a", 2.0), (read.Common.Count, read.Common.Source!.Node, read.Width));
        // Another item does not see what this one was given.
        Assert.Equal(3, descriptor.Read<Sharing>([]).Common.Count);
        Assert.Equal("TwiceCounted has two options 'count'", Assert.Throws<ArgumentException>(() => NodeDescriptor.From<TwiceCounted>("x", 1, "")).Message);
        Assert.Equal("GroupInGroup.Outer is a group with a group inside", Assert.Throws<ArgumentException>(() => NodeDescriptor.From<GroupInGroup>("x", 1, "")).Message);
    }
}
