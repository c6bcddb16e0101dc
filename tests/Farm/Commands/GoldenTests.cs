using ExampleMlFarm.Tests.Farm.World;

namespace ExampleMlFarm.Tests.Farm.Commands;

/// <summary>Every table and JSON shape, as people and programs get them. Fields may be added; one that goes or changes shows here.</summary>
public class GoldenTests(FakeProject project) : IClassFixture<FakeProject>
{
    private static readonly (string Name, string[] Words)[] Looks =
    [
        ("runs", ["runs"]),
        ("show-run", ["show", "1"]),
        ("show-run-open", ["show", "last"]),
        ("show-node", ["show", "1/train"]),
        ("show-item", ["show", "1/train/1"]),
        ("show-item-failed", ["show", "2/simulate/2"]),
        ("items-node", ["items", "1/simulate"]),
        ("items-run", ["items", "2"]),
        ("items-failed", ["items", "2@failed,running"]),
        ("items-query", ["items", "1/train?validation/loss<0.2"]),
        ("items-fields", ["items", "1/train", "--fields", "address,width,metrics.epochs,reason", "--sort", "-width"]),
        ("items-limit", ["items", "1/simulate", "--limit", "2"]),
        ("logs", ["logs", "1/simulate"]),
        ("logs-failed", ["logs", "1@failed"]),
        ("explain-failed", ["explain", "2/simulate/2"]),
        ("explain-waiting", ["explain", "2/dataset/0"]),
        ("explain-changed", ["explain", "2/simulate/1"]),
        ("explain-run", ["explain", "2"]),
        ("metrics", ["metrics", "1/train"]),
        ("compare-runs", ["compare", "1", "2"]),
        ("compare-items", ["compare", "1/train/0", "1/train/1"]),
        ("artifacts-ls", ["artifacts", "ls", "1"]),
        ("dataset-ls", ["dataset", "ls"]),
        ("dataset-show", ["dataset", "show", "1"]),
        ("dataset-head", ["dataset", "head", "1", "--limit", "2"]),
        ("dataset-verify", ["dataset", "verify", "1"]),
        ("model-ls", ["model", "ls"]),
        ("model-show", ["model", "show", "1/train/1"]),
        ("retry-dry", ["retry", "2/simulate@failed", "--dry-run"]),
        ("skip-dry", ["skip", "2/simulate/2-4", "--dry-run"]),
        ("cancel-dry", ["cancel", "2", "--dry-run"]),
    ];

    public static TheoryData<string> Names => [.. Looks.Select(l => l.Name)];

    internal static string[] WordsOf(string name) => Looks.First(l => l.Name == name).Words;

    [Theory, MemberData(nameof(Names))]
    public void Terminal_shows_what_it_showed(string name)
    {
        var printed = project.InTerminal(100, WordsOf(name));
        Assert.Equal(0, printed.Code);
        Assert.All(printed.Out.Split('\n'), line => Assert.True(line.Length <= 100, line));
        Golden.Check($"{name}.txt", printed.Out + (printed.Error.Length > 0 ? $"-- standard error\n{printed.Error}" : ""));
    }

    [Theory, MemberData(nameof(Names))]
    public void Narrow_terminal_is_never_passed(string name)
        => Assert.All(project.InTerminal(80, WordsOf(name)).Out.Split('\n'), line => Assert.True(line.Length <= 80, line));

    [Theory, MemberData(nameof(Names))]
    public void Json_keeps_its_shape(string name)
    {
        var printed = project.Run([.. WordsOf(name), "--json"]);
        var json = System.Text.Json.Nodes.JsonNode.Parse(printed.Out)!;
        Golden.Check($"{name}.json", json.ToJsonString(Indented) + "\n");
    }

    [Theory]
    [InlineData("runs"), InlineData("items-node"), InlineData("items-run"), InlineData("logs"), InlineData("metrics"), InlineData("artifacts-ls"), InlineData("compare-items"), InlineData("dataset-head"), InlineData("explain-run")]
    public void Pipe_gets_tabs_with_full_values(string name) => Golden.Check($"{name}.tsv", project.Run(WordsOf(name)).Out);

    [Theory]
    [InlineData("items-node"), InlineData("runs"), InlineData("artifacts-ls")]
    public void Names_are_addresses(string name) => Golden.Check($"{name}.name", project.Run([.. WordsOf(name), "-o", "name"]).Out);

    private static readonly System.Text.Json.JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
