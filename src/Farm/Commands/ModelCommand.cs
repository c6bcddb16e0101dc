using System.CommandLine;
using System.Text.Json.Nodes;
using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Farm.Sessions;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm model</c>: trained models of this project, by address or file. Nothing in a model file is run.</summary>
internal static class ModelCommand
{
    private const int RunsLookedThrough = 50;

    private enum ModelFormat { Onnx, Mldeform, Glb, Safetensors }

    public static Command Create() => new("model", "Looks at trained models and copies them out.\nExample: mlfarm model show last/deformer") { List(), Show(), Export() };

    private static Command List()
    {
        var command = new Command("ls", $"Lists models of the newest {RunsLookedThrough} runs.\nExample: mlfarm model ls");
        command.SetAction(invocation =>
        {
            using var look = Globals.LookFrom(invocation.Parsed);
            var found = OutputLists.Newest(look, RunsLookedThrough, (shell, nodes) => Models(ArtifactLines.Of(shell, nodes)));
            TableWriter.Write(invocation.Terminal, invocation.Format, OutputLists.Columns(invocation.Now), found, f => f.Line.Address, found.Count, "models");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Show()
    {
        var named = new Argument<string>("model") { Description = "A .onnx or .mldeform file, or the run, node or item that made one.", DefaultValueFactory = _ => "last" };
        var command = new Command("show", "Shows inputs, outputs, contributions, parameters and metadata.\nExample: mlfarm model show last/train/0      mlfarm model show arm.mldeform") { named };
        command.SetAction(invocation =>
        {
            string given = invocation.Parsed.GetRequiredValue(named), path = Path.GetFullPath(given, Globals.FolderOf(invocation.Parsed));
            if (File.Exists(path)) ModelLook.Read(given, File.ReadAllBytes(path)).Page().Write(invocation);
            else
                WithOutputs(invocation, given, (artifacts, lines) =>
                {
                    var models = Models(lines).ToList();
                    // The item with a bundle also put out the network in it: one model.
                    var items = models.GroupBy(m => m.Address).ToList();
                    if (items.Count != 1)
                        throw new CliException(items.Count == 0 ? ExitCode.NotFound : ExitCode.Usage, $"{given} put out {(items.Count == 0 ? "no model" : $"{items.Count} models")}",
                            items.Count == 0 ? "mlfarm model ls lists those of this project" : $"choose one: {string.Join(", ", items.Take(4).Select(i => i.Key))}{(items.Count > 4 ? ", …" : "")}");
                    var one = items[0].FirstOrDefault(m => m.Output.Tag == "file/mldeform") ?? items[0].First();
                    using var from = artifacts.Open(one.Output.Hash, one.Output.SizeBytes);
                    using var bytes = new MemoryStream();
                    from.CopyTo(bytes);
                    ModelLook.Read($"{one.Address} {one.Output.Name}", bytes.ToArray()).Page().Write(invocation);
                });
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Export()
    {
        var named = new Argument<string>("model") { Description = "The run, node or item that made models, or a .mldeform file.", DefaultValueFactory = _ => "last" };
        var to = new Option<ModelFormat>("--to") { Description = "onnx, mldeform, glb or safetensors.", DefaultValueFactory = _ => ModelFormat.Onnx };
        var folder = LookOptions.Folder();
        var force = new Option<bool>("--force") { Description = "Write over files that are there." };
        var command = new Command("export", "Copies models out, in one of the forms they were made in.\nExample: mlfarm model export last/deformer --to glb --dir models") { named, to, folder, force };
        command.SetAction(invocation =>
        {
            string given = invocation.Parsed.GetRequiredValue(named), working = Globals.FolderOf(invocation.Parsed), file = Path.GetFullPath(given, working);
            string into = Path.GetFullPath(invocation.Parsed.GetValue(folder) ?? ".", working), format = invocation.Parsed.GetValue(to).ToString().ToLowerInvariant();
            var written = new List<string>();
            if (File.Exists(file))
            {
                if (format != "onnx") throw new CliException(ExitCode.Usage, $"a file can be exported to onnx only; {format} is made by the run", "mlfarm model export RUN/NODE --to " + format);
                string path = Free(Path.Combine(into, $"{Path.GetFileNameWithoutExtension(file)}.onnx"), invocation.Parsed.GetValue(force));
                Directory.CreateDirectory(into);
                File.WriteAllBytes(path, ModelLook.Read(given, File.ReadAllBytes(file)).Onnx);
                written.Add(path);
            }
            else
                WithOutputs(invocation, given, (artifacts, lines) =>
                {
                    var all = lines.ToList();
                    var chosen = all.Where(l => l.Output.Tag == $"file/{format}").ToList();
                    if (chosen.Count == 0)
                        throw new CliException(ExitCode.NotFound, $"{given} put out no {format}", $"it put out: {string.Join(", ", all.Where(l => l.Output.Tag.StartsWith("file/", StringComparison.Ordinal)).Select(l => l.Output.Tag[5..]).Distinct().DefaultIfEmpty("no files"))}");
                    foreach (var line in chosen)
                    {
                        string name = Path.GetFileName(line.Output.Name);
                        string path = Free(Path.Combine(into, chosen.Count == 1 ? name : $"{line.Node}-{line.Item}-{name}"), invocation.Parsed.GetValue(force));
                        FileCopies.Write(artifacts, line.Output, path);
                        written.Add(path);
                    }
                });
            if (invocation.Format is OutputFormat.Json or OutputFormat.Ndjson) invocation.Terminal.Out.WriteLine(new JsonArray([.. written.Select(w => (JsonNode)new JsonObject { ["path"] = w, ["size_bytes"] = new FileInfo(w).Length })]).ToJsonString());
            else foreach (string path in written) invocation.Terminal.Out.WriteLine(path);
            return ExitCode.Success;
        });
        return command;
    }

    private static string Free(string path, bool force) => force || !File.Exists(path) ? path : throw new CliException(ExitCode.Usage, $"{path} is there already", "--force writes over it");

    private static IEnumerable<ArtifactLine> Models(IEnumerable<ArtifactLine> lines) => lines.Where(l => l.Output.Tag is "file/onnx" or "file/mldeform");

    private static void WithOutputs(Invocation invocation, string named, System.Action<ArtifactStore, IEnumerable<ArtifactLine>> act)
    {
        if (!AddressParser.TryParse(named, out var address, out string? error) || Globals.TryLookFrom(invocation.Parsed) is not { } look)
            throw new CliException(ExitCode.NotFound, $"there is no model \"{named}\": no such file{(error is null ? "" : $", and {error}")}", "mlfarm model ls lists those of this project");
        using var _ = look;
        var shell = look.Load(address);
        act(look.Artifacts, ArtifactLines.Of(shell, ItemSelection.Asked(look, shell, address)));
    }
}
