using System.CommandLine;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm artifacts</c>: what items put out, by address.</summary>
internal static class ArtifactsCommand
{
    private static readonly Option<string?> Name = new("--name") { Description = "Only outputs of this name, or whose tag begins so: model.onnx, geometry, file/json." };

    public static Command Create() => new("artifacts", "Lists, copies, prints and removes what items put out.\nExample: mlfarm artifacts ls last/train/0") { List(), Get(), Cat(), Remove() };

    private static Argument<string> Address(string? standard = null) => LookOptions.Address("A run, a node, items or states.", standard);

    private static Command List()
    {
        var address = Address("last");
        var limit = LookOptions.Limit(1000);
        var command = new Command("ls", "Lists outputs of items.\nExample: mlfarm artifacts ls last/train --name file/onnx") { address, Name, limit };
        command.SetAction(invocation => With(invocation, address, (look, shell, lines) =>
        {
            var all = lines.ToList();
            TableWriter.Write(invocation.Terminal, invocation.Format, ArtifactLines.Columns(look), [.. all.Take(LookOptions.Most(invocation.Parsed.GetValue(limit)))], l => l.Address, all.Count, "artifacts");
            return ExitCode.Success;
        }));
        return command;
    }

    private static Command Get()
    {
        var address = Address();
        var folder = LookOptions.Folder();
        var force = new Option<bool>("--force") { Description = "Write over files that are there." };
        var command = new Command("get", "Copies outputs into a folder, checked against their hashes. Geometry becomes .npz.\nExample: mlfarm artifacts get last/train@done --name model.onnx --dir models") { address, Name, folder, force };
        command.SetAction(invocation => With(invocation, address, (look, _, lines) =>
        {
            string to = Path.GetFullPath(invocation.Parsed.GetValue(folder) ?? ".", Globals.FolderOf(invocation.Parsed));
            var all = lines.ToList();
            if (all.Count == 0) throw new CliException(ExitCode.NotFound, "these items put out nothing of that kind", $"look with: mlfarm artifacts ls {invocation.Parsed.GetRequiredValue(address)}");
            var several = all.Select(l => l.Address).Distinct().Count() > 1;
            var targets = all.Select(l => (Line: l, Path: Path.Combine(several ? Path.Combine(to, l.Node, $"{l.Item}") : to, l.IsRow ? $"{Path.GetFileName(l.Output.Name)}.npz" : FileCopies.NameOf(l.Output)))).ToList();
            if (!invocation.Parsed.GetValue(force) && targets.FirstOrDefault(t => File.Exists(t.Path)) is { Path: { } there })
                throw new CliException(ExitCode.Usage, $"{there} is there already", "--force writes over it");
            foreach (var (line, path) in targets) FileCopies.Write(look.Artifacts, line.Output, path);
            TableWriter.Write(invocation.Terminal, invocation.Format, [new("path", t => t.Path), new("address", t => t.Line.Address), new Column<(ArtifactLine Line, string Path)>("size_bytes", t => new FileInfo(t.Path).Length, t => Format.Size(new FileInfo(t.Path).Length), true, "SIZE")],
                targets, t => t.Path, targets.Count, "files");
            return ExitCode.Success;
        }));
        return command;
    }

    private static Command Cat()
    {
        var address = Address();
        var command = new Command("cat", "Writes the bytes of one output to standard output.\nExample: mlfarm artifacts cat last/analyze/0 --name report.html > report.html") { address, Name };
        command.SetAction(invocation => With(invocation, address, (look, _, lines) =>
        {
            var one = lines.Where(l => !l.IsRow).Take(2).ToList();
            if (one.Count != 1) throw new CliException(one.Count == 0 ? ExitCode.NotFound : ExitCode.Usage, $"cat writes one file; this names {(one.Count == 0 ? "none" : "several")}", $"choose one with --name: mlfarm artifacts ls {invocation.Parsed.GetRequiredValue(address)}");
            using var from = look.Artifacts.Open(one[0].Output.Hash, one[0].Output.SizeBytes);
            using var to = invocation.Terminal.OpenBytes();
            from.CopyTo(to);
            to.Flush();
            return ExitCode.Success;
        }));
        return command;
    }

    private static Command Remove()
    {
        var address = Address();
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be removed." };
        var command = new Command("rm", "Removes outputs from the store. Items that lack them cook again when they are needed.\nExample: mlfarm artifacts rm 142/simulate --dry-run") { address, Name, yes, dryRun };
        command.SetAction(async (invocation, cancellation) =>
        {
            var asked = AddressArgument.Parse(invocation.Parsed.GetRequiredValue(address));
            using var look = Globals.LookFrom(invocation.Parsed);
            var shell = look.Load(asked);
            var files = ArtifactLines.Named(ArtifactLines.Of(shell, ItemSelection.Asked(look, shell, asked)), invocation.Parsed.GetValue(Name)).Select(l => (l.Output.Hash, l.Output.SizeBytes)).Distinct().Where(f => look.Artifacts.Contains(f.Hash)).ToList();
            long bytes = files.Sum(f => f.SizeBytes);
            var touched = Touched(shell, [.. files.Select(f => f.Hash)]);
            string what = $"remove {Format.Count(files.Count)} {(files.Count == 1 ? "file" : "files")} ({Format.Size(bytes)}) with results of {string.Join(", ", touched.Select(t => $"{t.Key} ({Format.Count(t.Value)} {(t.Value == 1 ? "item" : "items")})"))}";
            if (files.Count == 0) invocation.Hint("nothing to remove");
            else if (invocation.Parsed.GetValue(dryRun)) invocation.Terminal.Out.WriteLine($"would {what}");
            else if (invocation.Parsed.GetValue(yes) || Confirmation.Ask(invocation.Terminal, $"{char.ToUpperInvariant(what[0])}{what[1..]}?"))
            {
                await look.Site.Remove([.. files.Select(f => f.Hash)], cancellation);
                invocation.Terminal.Out.WriteLine(what);
                invocation.Hint($"they are cooked again by: mlfarm resume {shell.Id}");
            }
            else invocation.Hint("nothing was changed");
            return ExitCode.Success;
        });
        return command;
    }

    // Segments are shared: removing one takes the rows of items that were not named along, so these are counted too.
    private static SortedDictionary<string, long> Touched(RunShell shell, HashSet<ContentHash> hashes)
    {
        var items = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var use in shell.Machine.Artifacts().Where(u => hashes.Contains(u.Output.Hash)).GroupBy(u => u.Node))
        {
            var set = new RangeSet();
            foreach (var u in use) set.Add(u.Items);
            items[shell.Machine.Plan!.Nodes[use.Key.Value].Name] = set.ItemCount;
        }
        return items;
    }

    private static ExitCode With(Invocation invocation, Argument<string> address, Func<RunLook, RunShell, IEnumerable<ArtifactLine>, ExitCode> act)
    {
        var asked = AddressArgument.Parse(invocation.Parsed.GetRequiredValue(address));
        using var look = Globals.LookFrom(invocation.Parsed);
        var shell = look.Load(asked);
        return act(look, shell, ArtifactLines.Named(ArtifactLines.Of(shell, ItemSelection.Asked(look, shell, asked)), invocation.Parsed.GetValue(Name)));
    }
}
