using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Scheduler.Journal;
using ExampleMlFarm.Scheduler.Journal.Postgres;

namespace ExampleMlFarm.Farm.Commands;

/// <summary>What is done to the store of a farm apart from running it: <c>server backup</c>, <c>server migrate</c>.</summary>
internal static class ServerStores
{
    /// <summary>Environment variable with the connection string: a command line can be read by everybody on the machine.</summary>
    public const string Variable = "MLFARM_DATABASE";

    public static Option<string?> Database() => new("--database") { HelpName = "connection", Description = $"PostgreSQL: \"Host=db;Database=mlfarm;…\"; {Variable} unless given; else this folder's SQLite." };

    /// <summary>The connection string; null for the folder's own database.</summary>
    public static string? DatabaseOf(ParseResult parsed, Option<string?> option) => (parsed.GetValue(option) ?? Environment.GetEnvironmentVariable(Variable)) is { Length: > 0 } given ? given : null;

    /// <summary>Opens the store of a folder or database for changes beside a server that may run.</summary>
    /// <exception cref="CliException">The folder has none.</exception>
    public static async Task<IFarmStore> Open(ParseResult parsed, Option<string?> option, CancellationToken cancellation)
        => DatabaseOf(parsed, option) is { } database ? await PostgresFarmStore.Open(database, cancellation) : FarmStore.Open(FileOf(ProjectFolder.FindOrCreate(Globals.FolderOf(parsed))));

    public static Command Backup()
    {
        var to = new Argument<string>("file") { Description = "File to write, or a folder for it." };
        var database = Database();
        var command = new Command("backup", "Copies the farm's database while it runs. Artifacts are files of their own: copy their folder after it.\nExample: mlfarm server backup /backup") { to, database };
        command.SetAction(async (invocation, cancellation) =>
        {
            string path = Path.GetFullPath(invocation.Parsed.GetRequiredValue(to), Globals.FolderOf(invocation.Parsed));
            string? connection = DatabaseOf(invocation.Parsed, database);
            if (Directory.Exists(path)) path = Path.Combine(path, $"mlfarm-{invocation.Now:yyyyMMdd-HHmmss}.{(connection is null ? "db" : "dump")}");
            if (File.Exists(path)) throw new CliException(ExitCode.Usage, $"{path} is there already", "name another file");
            if (connection is not null) await Dump(connection, path, cancellation);
            else await Task.Run(() => FarmStore.Backup(FileOf(Globals.ProjectOf(invocation.Parsed)), path), cancellation);
            Say(invocation, new() { ["backup"] = path, ["size_bytes"] = new FileInfo(path).Length }, $"{path}  {Format.Size(new FileInfo(path).Length)}");
            invocation.Hint(connection is null ? "put it back as .mlfarm/farm.db when no server runs" : "put it back with pg_restore");
            return ExitCode.Success;
        });
        return command;
    }

    public static Command Migrate()
    {
        var database = Database();
        var command = new Command("migrate", "Brings the farm's database to the version of this program; server start does it, too.\nExample: mlfarm server migrate") { database };
        command.SetAction(async (invocation, cancellation) =>
        {
            (long from, long to) = DatabaseOf(invocation.Parsed, database) is { } connection ? await PostgresFarmStore.Migrate(connection, cancellation) : Locked(Globals.ProjectOf(invocation.Parsed));
            Say(invocation, new() { ["from"] = from, ["to"] = to }, from == to ? $"version {to}: nothing to do" : from == 0 ? $"made with version {to}" : $"version {from} is now version {to}");
            return ExitCode.Success;
        });
        return command;
    }

    private static (long From, long To) Locked(ProjectFolder project)
    {
        using var held = FarmLock.Take(project.Root);
        return FarmStore.Migrate(FileOf(project));
    }

    private static async Task Dump(string connection, string path, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("pg_dump") { RedirectStandardError = true, ArgumentList = { "--format=custom", "--no-password", "--file", path } };
        // By environment: a command line can be read by everybody on the machine.
        foreach (var (name, value) in PostgresFarmStore.EnvironmentOf(connection)) start.Environment[name] = value;
        Process process;
        try { process = Process.Start(start)!; }
        catch (Win32Exception) { throw new CliException(ExitCode.Unexpected, "pg_dump is not on this machine", "install PostgreSQL's client (Debian: postgresql-client), or back up where the database runs"); }
        using (process)
        {
            string said = await process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            if (process.ExitCode == 0) return;
            File.Delete(path);
            throw new FarmException(new(FailureClass.Transient, "farm.backup", $"pg_dump failed: {said.Trim()}"));
        }
    }

    private static void Say(Invocation invocation, JsonObject json, string text)
        => invocation.Terminal.Out.WriteLine(invocation.Format is OutputFormat.Json or OutputFormat.Ndjson ? json.ToJsonString() : text);

    private static string FileOf(ProjectFolder project) => Path.Combine(project.State, "farm.db");
}
