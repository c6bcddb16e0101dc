using System.Text.Json;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Nodes.Basics;

/// <summary>A node with <c>run:</c>: any program. Puts together what it is told; starting it is the host's work.</summary>
public static class Command
{
    /// <summary>Runs the command of one item.</summary>
    /// <param name="spec">The evaluated command and its outputs.</param>
    /// <param name="attributes">The item's attributes as a JSON object.</param>
    /// <param name="cook">The item.</param>
    public static void Cook(ItemSpec spec, Func<string> attributes, CookContext cook)
    {
        var words = new string[spec.Command.Count];
        for (int i = 0; i < words.Length; i++) words[i] = spec.Command[i].Join(node => PathOf(node, cook), cook.ProgramPath, spec.IsShellLine);
        var outputs = new KeyValuePair<string, string>[spec.Outputs.Count];
        for (int i = 0; i < outputs.Length; i++) outputs[i] = new(spec.Outputs[i].Name, spec.Outputs[i].Path);
        cook.RunCommand(new(words, spec.IsShellLine, outputs, attributes(), cook.Inputs.Count == 0 ? null : writer => WriteInputs(writer, cook)));
    }

    /// <summary>A node on the command line stands for the one file that it put out.</summary>
    private static string PathOf(NodeInput node, CookContext cook)
    {
        var item = cook.Input(node).Single();
        var files = item.Outputs.Where(o => o.Row < 0).ToList();
        return files.Count == 1 ? item.Path(files[0].Name)
            : throw Core.FarmException.Invalid("command.which_file",
                $"'${{{{ nodes.{node.Node} }}}}' stands for one file, but {item} put out {files.Count}: read the list in the file that MLFARM_ITEM names");
    }

    private static void WriteInputs(Utf8JsonWriter writer, CookContext cook)
    {
        writer.WriteStartObject();
        foreach (var input in cook.Inputs)
        {
            writer.WriteStartArray(input.Name);
            foreach (var item in input)
            {
                writer.WriteStartObject();
                writer.WriteString("node"u8, item.Node);
                writer.WriteNumber("index"u8, item.Index);
                writer.WritePropertyName("attributes"u8);
                item.Attributes.WriteTo(writer);
                writer.WriteStartObject("metrics"u8);
                foreach (var metric in item.Metrics) WriteNumber(writer, metric.Name, metric.Value);
                writer.WriteEndObject();
                writer.WriteStartObject("outputs"u8);
                foreach (var output in item.Outputs)
                {
                    writer.WriteStartObject(output.Name);
                    writer.WriteString("tag"u8, output.Tag);
                    writer.WriteString("path"u8, item.Path(output.Name));
                    // Geometry is a row of an Arrow file that it shares with others.
                    if (output.Row >= 0) writer.WriteNumber("row"u8, output.Row);
                    writer.WriteEndObject();
                }
                writer.WriteEndObject();
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    // JSON has no words for infinity and NaN.
    private static void WriteNumber(Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value)) writer.WriteNumber(name, value);
        else writer.WriteNull(name);
    }
}
