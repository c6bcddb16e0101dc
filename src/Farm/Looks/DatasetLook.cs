using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Geometry.Datasets;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>
/// A data set as a folder, wherever it lies: one on disk, or the outputs of an item. The latter is a folder of links into the artifact store, which
/// is removed with this object.
/// </summary>
internal sealed class DatasetLook : IDisposable
{
    private const string ManifestTag = "dataset/manifest", Tag = "dataset/";
    // Set when the folder is one of links to artifacts, which may last as long as the look at the farm.
    private readonly RunLook? farm;

    private DatasetLook(string name, string folder, RunLook? farm) => (Name, Folder, this.farm) = (name, folder, farm);

    /// <summary>What to call it in messages: address or path.</summary>
    public string Name { get; }

    /// <summary>The folder with <c>dataset.json</c>.</summary>
    public string Folder { get; }

    /// <summary>Finds the data set: a folder, its <c>dataset.json</c>, or the address of a run, node or item with one.</summary>
    /// <exception cref="CliException">There is none, or there are several.</exception>
    /// <param name="named">What was typed.</param>
    /// <param name="workingFolder">Where paths start from.</param>
    /// <param name="farm">The farm for addresses; null when nothing was run yet.</param>
    public static DatasetLook Find(string named, string workingFolder, Func<RunLook?> farm)
    {
        string path = Path.GetFullPath(named, workingFolder);
        if (File.Exists(path) && Path.GetFileName(path) == DatasetManifest.FileName) path = Path.GetDirectoryName(path)!;
        if (Directory.Exists(path)) return new(Path.GetRelativePath(workingFolder, path), path, null);
        if (!AddressParser.TryParse(named, out var address, out string? error) || farm() is not { } look)
            throw new CliException(ExitCode.NotFound, $"there is no data set \"{named}\": no such folder{(error is null ? "" : $", and {error}")}", "mlfarm dataset ls lists those of this project");
        try { return Found(named, look, address); }
        catch
        {
            look.Dispose();
            throw;
        }
    }

    private static DatasetLook Found(string named, RunLook look, Address address)
    {
        var shell = look.Load(address);
        var found = Of(shell, ItemSelection.Asked(look, shell, address)).ToList();
        return found switch
        {
            [var one] => Linked(look, shell, one),
            [] => throw new CliException(ExitCode.NotFound, $"{named} put out no data set", "mlfarm dataset ls lists those of this project"),
            _ => throw new CliException(ExitCode.Usage, $"{named} put out {found.Count} data sets", $"choose one: {string.Join(", ", found.Take(5).Select(f => f.Address))}"),
        };
    }

    /// <summary>The manifests among the outputs of items.</summary>
    public static IEnumerable<ArtifactLine> Of(RunShell shell, IEnumerable<NodeSelection> selected) => ArtifactLines.Of(shell, selected).Where(l => l.Output.Tag == ManifestTag);

    private static DatasetLook Linked(RunLook look, RunShell shell, ArtifactLine manifest)
    {
        string folder = Directory.CreateTempSubdirectory("mlfarm-dataset-").FullName;
        var node = RunLook.NodeOf(shell, manifest.Node);
        foreach (var line in ArtifactLines.Of(shell, [new(node, new(ItemRange.One(manifest.Item)))]))
            if (line.Output.Tag.StartsWith(Tag, StringComparison.Ordinal)) File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(line.Output.Name)), look.Artifacts.IsHere(line.Output.Hash) ? look.Artifacts.PathOf(line.Output.Hash) : look.Artifacts.VerifiedPath(line.Output.Hash, line.Output.SizeBytes));
        return new(manifest.Address, folder, look);
    }

    /// <summary>The description in words, as JSON and for people.</summary>
    public Page Page()
    {
        using var dataset = Dataset.Open(Folder);
        var m = dataset.Manifest;
        long bytes = m.Shards.Sum(s => s.SizeBytes);
        var json = new JsonObject
        {
            ["dataset"] = Name, ["rows"] = m.Rows, ["size_bytes"] = bytes, ["input_width"] = m.InputWidth, ["target_width"] = m.TargetWidth,
            ["input_contributions"] = m.InputContributions?.ToString(), ["target_contributions"] = m.TargetContributions?.ToString(),
            ["splits"] = new JsonArray([.. m.Splits.Select(s => (JsonNode)new JsonObject { ["name"] = s.Name, ["proportion"] = s.Proportion, ["rows"] = s.Rows })]),
            ["shards"] = new JsonArray([.. m.Shards.Select(s => (JsonNode)new JsonObject { ["file"] = s.File, ["first_row"] = s.FirstRow, ["rows"] = s.Rows, ["size_bytes"] = s.SizeBytes, ["sha256"] = s.Sha256.ToString() })]),
            ["excluded"] = Missing(m.Excluded), ["failed"] = Missing(m.Failed), ["seed"] = m.Seed, ["sha256"] = m.Sha256.ToString(),
            ["metadata"] = new JsonObject(m.Metadata.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
        };
        return new Page($"Data set {Name}  {Format.Count(m.Rows)} rows, {m.Shards.Count} {(m.Shards.Count == 1 ? "shard" : "shards")}, {Format.Size(bytes)}", json)
            .Add("", (IEnumerable<(string, string)>)
            [
                ("input", $"{m.InputWidth} values{Contributions(m.InputContributions?.ToString())}"), ("target", $"{m.TargetWidth} values{Contributions(m.TargetContributions?.ToString())}"),
                ("splits", string.Join(", ", m.Splits.Select(s => $"{s.Name} {Format.Count(s.Rows)}"))), ("seed", $"{m.Seed}"), ("sha256", m.Sha256.ToString()),
            ])
            .Add("Shards", m.Shards.Select(s => (s.File, $"rows {s.FirstRow} to {s.FirstRow + s.Rows - 1}, {Format.Size(s.SizeBytes)}")))
            .Add("Not in it", m.Excluded.Select(x => ($"{x.Example}", $"excluded: {x.Reason}")).Concat(m.Failed.Select(x => ($"{x.Example}", $"failed: {x.Reason}"))).Take(20))
            .Add("Metadata", m.Metadata.Select(p => (p.Key, p.Value)));
    }

    public void Dispose()
    {
        if (farm is null) return;
        Directory.Delete(Folder, recursive: true);
        farm.Dispose();
    }

    private static string Contributions(string? text) => string.IsNullOrEmpty(text) ? "" : $": {text}";

    private static JsonArray Missing(IReadOnlyList<MissingExample> missing) => new([.. missing.Select(x => (JsonNode)new JsonObject { ["example"] = x.Example, ["reason"] = x.Reason })]);
}
