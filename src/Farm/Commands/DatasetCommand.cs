using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Geometry.Datasets;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm dataset</c>: data sets of this project, by address or folder.</summary>
internal static class DatasetCommand
{
    private const int RunsLookedThrough = 50, ValuesShown = 3;

    private enum ExportFormat { Npz, Raw, Csv }

    private sealed record Row(long Number, long Example, string Split, float[] Input, float[] Target);

    public static Command Create() => new("dataset", "Looks at data sets, checks and exports them.\nExample: mlfarm dataset verify last") { List(), Show(), Head(), Export(), Verify() };

    private static Argument<string> Dataset() => new("dataset") { Description = "A folder with dataset.json, or the run, node or item that made one.", DefaultValueFactory = _ => "last" };

    private static Command List()
    {
        var command = new Command("ls", $"Lists data sets of the newest {RunsLookedThrough} runs.\nExample: mlfarm dataset ls");
        command.SetAction(invocation =>
        {
            using var look = Globals.LookFrom(invocation.Parsed);
            var found = OutputLists.Newest(look, RunsLookedThrough, DatasetLook.Of);
            TableWriter.Write(invocation.Terminal, invocation.Format, OutputLists.Columns(invocation.Now), found, f => f.Line.Address, found.Count, "data sets");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Show()
    {
        var named = Dataset();
        var command = new Command("show", "Shows rows, widths, splits, shards and what is not in it.\nExample: mlfarm dataset show last") { named };
        command.SetAction(invocation =>
        {
            using var found = DatasetLook.Find(invocation.Parsed.GetRequiredValue(named), Globals.FolderOf(invocation.Parsed), () => Globals.TryLookFrom(invocation.Parsed));
            found.Page().Write(invocation);
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Head()
    {
        var named = Dataset();
        var rows = LookOptions.Limit(5);
        var split = new Option<string?>("--split") { Description = "Only rows of this split." };
        var command = new Command("head", "Prints the first rows. A table shows the first values; JSON has all.\nExample: mlfarm dataset head last --split test --limit 3") { named, rows, split };
        command.SetAction(invocation =>
        {
            using var found = DatasetLook.Find(invocation.Parsed.GetRequiredValue(named), Globals.FolderOf(invocation.Parsed), () => Globals.TryLookFrom(invocation.Parsed));
            using var dataset = Geometry.Datasets.Dataset.Open(found.Folder);
            var numbers = invocation.Parsed.GetValue(split) is { } only ? dataset.RowsOf(only) : null;
            long total = numbers?.LongLength ?? dataset.Rows, count = Math.Min(total, LookOptions.Most(invocation.Parsed.GetValue(rows)));
            var shown = new List<Row>();
            for (long i = 0; i < count; i++)
            {
                long row = numbers?[i] ?? i;
                shown.Add(new(row, dataset.Example(row), dataset.Manifest.Splits[dataset.SplitOf(row)].Name, dataset.Input(row).ToArray(), dataset.Target(row).ToArray()));
            }
            TableWriter.Write(invocation.Terminal, invocation.Format,
            [
                new("row", r => r.Number, RightAligned: true), new("example_id", r => r.Example, RightAligned: true), new("split", r => r.Split),
                new("input", r => Values(r.Input), r => First(r.Input)), new Column<Row>("target", r => Values(r.Target), r => First(r.Target)),
            ], shown, r => $"{r.Number}", total, "rows");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Export()
    {
        var named = Dataset();
        var to = new Option<ExportFormat>("--to") { Description = "npz (NumPy), raw (float32 with a .json beside it) or csv.", DefaultValueFactory = _ => ExportFormat.Npz };
        var folder = LookOptions.Folder();
        var split = new Option<string?>("--split") { Description = "Only this split." };
        var force = new Option<bool>("--force") { Description = "Write over a file that is there." };
        var command = new Command("export", "Writes a data set for other programs.\nExample: mlfarm dataset export last --to npz --split train --dir data") { named, to, folder, split, force };
        command.SetAction(invocation =>
        {
            string working = Globals.FolderOf(invocation.Parsed);
            using var found = DatasetLook.Find(invocation.Parsed.GetRequiredValue(named), working, () => Globals.TryLookFrom(invocation.Parsed));
            using var dataset = Geometry.Datasets.Dataset.Open(found.Folder);
            string? only = invocation.Parsed.GetValue(split);
            var format = invocation.Parsed.GetValue(to);
            string path = Path.Combine(Path.GetFullPath(invocation.Parsed.GetValue(folder) ?? ".", working), $"dataset{(only is null ? "" : $"-{only}")}.{format.ToString().ToLowerInvariant()}");
            if (File.Exists(path) && !invocation.Parsed.GetValue(force)) throw new CliException(ExitCode.Usage, $"{path} is there already", "--force writes over it");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            switch (format)
            {
                case ExportFormat.Npz: DatasetExport.ToNpz(dataset, path, only); break;
                case ExportFormat.Raw: DatasetExport.ToRaw(dataset, path, only); break;
                default: DatasetExport.ToCsv(dataset, path, only); break;
            }
            invocation.Terminal.Out.WriteLine(invocation.Format is OutputFormat.Json or OutputFormat.Ndjson ? new JsonObject { ["path"] = path, ["size_bytes"] = new FileInfo(path).Length }.ToJsonString() : path);
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Verify()
    {
        var named = Dataset();
        var command = new Command("verify", "Reads every shard and checks it against its hash. Exit status 3 when one is damaged.\nExample: mlfarm dataset verify last/dataset") { named };
        command.SetAction(invocation =>
        {
            using var found = DatasetLook.Find(invocation.Parsed.GetRequiredValue(named), Globals.FolderOf(invocation.Parsed), () => Globals.TryLookFrom(invocation.Parsed));
            var failures = Geometry.Datasets.Dataset.Verify(found.Folder);
            bool json = invocation.Format is OutputFormat.Json or OutputFormat.Ndjson;
            if (json)
                invocation.Terminal.Out.WriteLine(new JsonObject { ["dataset"] = found.Name, ["intact"] = failures.Count == 0, ["problems"] = new JsonArray([.. failures.Select(f => (JsonNode)Said(found, f.Message))]) }.ToJsonString());
            else if (failures.Count == 0) invocation.Terminal.Out.WriteLine($"{found.Name} is intact");
            else
                foreach (var failure in failures) invocation.Terminal.Out.WriteLine(Said(found, failure.Message));
            return failures.Count == 0 ? ExitCode.Success : ExitCode.Invalid;
        });
        return command;
    }

    // The folder of links means nothing to people; its name stands for the address.
    private static string Said(DatasetLook found, string message) => message.Replace(found.Folder, found.Name, StringComparison.Ordinal);

    private static JsonArray Values(float[] values) => new([.. values.Select(v => (JsonNode?)(float.IsFinite(v) ? JsonValue.Create(v) : null))]);

    private static string First(float[] values) => string.Join(' ', values.Take(ValuesShown).Select(v => v.ToString("0.####", CultureInfo.InvariantCulture))) + (values.Length > ValuesShown ? $" … ({values.Length})" : "");
}
