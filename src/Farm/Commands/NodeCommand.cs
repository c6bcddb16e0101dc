using System.CommandLine;
using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm node</c>: the node types that recipes may use.</summary>
internal static class NodeCommand
{
    private static readonly Column<NodeDescriptor>[] Columns =
    [
        new("node", d => d.Name), new("family", d => d.Family, _ => ""), new("takes", d => Word(d.Input)), new("gives", d => Word(d.Output)),
        new("operator", d => d.IsOperator, _ => ""), new("version", d => d.Version, _ => ""), new("summary", d => d.Summary, GivesWay: true),
    ];

    public static Command Create() => new("node", "Shows the node types that recipes may use.\nExample: mlfarm node show pca") { List(), Show() };

    private static Command List()
    {
        var command = new Command("ls", "Lists node types.\nExample: mlfarm node ls");
        command.SetAction(invocation =>
        {
            TableWriter.Write(invocation.Terminal, invocation.Format, Columns, Catalogue.Descriptors.All, d => d.Name, Catalogue.Descriptors.All.Count, "node types");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Show()
    {
        var type = new Argument<string>("type") { Description = "Name of the node type." };
        type.CompletionSources.Add(_ => Catalogue.Descriptors.All.Select(d => d.Name));
        var command = new Command("show", "Shows a node type with every option and an example.\nExample: mlfarm node show ml_train_regression") { type };
        command.SetAction(invocation =>
        {
            string name = invocation.Parsed.GetRequiredValue(type);
            var found = Catalogue.Descriptors.Find(name) ?? throw new CliException(ExitCode.NotFound, $"there is no node type \"{name}\"", $"node types: {string.Join(", ", Catalogue.Descriptors.All.Select(d => d.Name))}");
            if (invocation.Format is OutputFormat.Json or OutputFormat.Ndjson) invocation.Terminal.Out.WriteLine(Json(found).ToJsonString());
            else invocation.Terminal.Out.Write(CatalogueText.Show(found));
            return ExitCode.Success;
        });
        return command;
    }

    private static JsonObject Json(NodeDescriptor type)
    {
        var json = TableWriter.Json(Columns, type);
        json["houdini_names"] = new JsonArray([.. type.HoudiniNames.Select(n => (JsonNode)JsonValue.Create(n))]);
        json["options"] = Options(type.Options);
        json["metrics"] = new JsonArray([.. type.Metrics.Select(m => (JsonNode)new JsonObject { ["name"] = m.Name, ["doc"] = m.Doc })]);
        json["example"] = type.Example;
        return json;
    }

    private static JsonArray Options(IReadOnlyList<OptionDescriptor> options) => new([.. options.Select(o => (JsonNode)new JsonObject
    {
        ["name"] = o.Name, ["type"] = o.Type is OptionType.Fields ? "mapping" : o.Type.Describe(), ["doc"] = o.Doc, ["required"] = o.Required, ["range"] = o.DescribeRange(), ["unit"] = o.Unit,
        ["default"] = o.Default?.DeepClone(), ["options"] = o.Type is OptionType.Fields f ? Options(f.Options) : null,
    })]);

    private static string Word(DataKind kind) => kind.ToString().ToLowerInvariant();
}
