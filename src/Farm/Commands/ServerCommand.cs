using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Farm.Serving.Hosting;
using Microsoft.Extensions.Logging;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm server</c>: a farm for other machines.</summary>
internal static class ServerCommand
{
    public static Command Create() => new("server", "A farm that others reach over the network.\nExample: mlfarm server start --workers 4") { Start(), Status(), Audit(), ServerStores.Backup(), ServerStores.Migrate() };

    private static Command Start()
    {
        var listen = new Option<string>("--listen") { HelpName = "url", Description = $"Address to answer at; {Listening.Standard} unless given.", DefaultValueFactory = _ => Listening.Standard };
        var database = ServerStores.Database();
        var artifacts = new Option<string?>("--artifacts") { HelpName = "dir", Description = "Folder of artifacts, with --database." };
        var cluster = new Option<string?>("--cluster-address") { HelpName = "ip[:port[:port]]", Description = "Where other servers reach this one; 127.0.0.1 and free ports unless given." };
        var name = new Option<string>("--cluster") { HelpName = "name", Description = "Servers of one name share a database.", DefaultValueFactory = _ => "mlfarm" };
        var workers = new Option<int>("--workers", "-w") { Description = "Worker processes to start here, a slot each." };
        var certificate = new Option<string?>("--tls-certificate") { HelpName = "pem", Description = "Certificate, for https." };
        var key = new Option<string?>("--tls-key") { HelpName = "pem", Description = "Its key." };
        var insecure = new Option<bool>("--insecure") { Description = "Allow http beyond this machine." };
        var keys = new Option<bool>("--require-keys") { Description = "Want keys on this machine, too." };
        var log = new Option<string>("--log") { HelpName = "text|json", Description = "Shape of the log.", DefaultValueFactory = _ => "text" };
        var command = new Command("start", "Serves the farm of this folder until it is ended; unfinished runs go on.\nExample: mlfarm server start --workers 4") { listen, database, artifacts, workers, cluster, name, certificate, key, insecure, keys, log };
        command.SetAction(async (invocation, cancellation) =>
        {
            var parsed = invocation.Parsed;
            var listening = Listening.Parse(parsed.GetValue(listen)!, parsed.GetValue(certificate), parsed.GetValue(key), parsed.GetValue(insecure), parsed.GetValue(keys));
            var (endpoint, gateway) = ClusterAddress(parsed.GetValue(cluster));
            var start = new ServerStart(ProjectFolder.FindOrCreate(Globals.FolderOf(parsed)), listening)
            {
                Database = ServerStores.DatabaseOf(parsed, database), Artifacts = parsed.GetValue(artifacts), Workers = parsed.GetValue(workers),
                Cluster = endpoint, GatewayPort = gateway, ClusterName = parsed.GetValue(name)!,
            };
            bool asJson = parsed.GetValue(log) switch { "text" => false, "json" => true, var other => throw new CliException(ExitCode.Usage, $"--log is \"{other}\"; it must be text or json") };
            await using var server = await RunningServer.Start(start, b => Logging(b, asJson), cancellation);
            invocation.Terminal.Out.WriteLine(server.Url);
            invocation.Terminal.Out.Flush();
            if (listening.KeysRequired && new Serving.Access.KeyStore(server.Farm.Store).All().All(k => k.Revoked is not null))
                invocation.Hint($"nobody has a key yet; make the first one here with: mlfarm auth key create --name {Environment.UserName} --role admin");
            invocation.Hint("Ctrl+C ends it; unfinished runs go on with the next start");
            try { await Task.Delay(Timeout.InfiniteTimeSpan, invocation.Time, cancellation); }
            catch (OperationCanceledException) { }
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Status()
    {
        var command = new Command("status", "Says whether a server answers: the one at --url, or that of this folder.\nExample: mlfarm server status --url http://farm:8470");
        command.SetAction(invocation =>
        {
            using var farm = Globals.ServerOf(invocation.Parsed);
            var json = JsonNode.Parse(farm.Demand("server").Body)!.AsObject();
            new Page($"{farm.Url}  answers", json).Add("", json.Where(p => p.Value is JsonValue).Select(p => (p.Key.Replace('_', ' '), p.Value!.ToString()))).Write(invocation);
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Audit()
    {
        var limit = LookOptions.Limit(100);
        var before = new Option<long?>("--before") { Description = "Only changes with a smaller number: the next page." };
        var command = new Command("audit", "Lists who changed what, newest first; for administrators.\nExample: mlfarm server audit --limit 20") { limit, before };
        command.SetAction(invocation =>
        {
            using var farm = Globals.ServerOf(invocation.Parsed);
            int most = Math.Min(LookOptions.Most(invocation.Parsed.GetValue(limit)), Serving.Access.KeyEndpoints.MostLines);
            var rows = JsonNode.Parse(farm.Demand($"audit?limit={most}{(invocation.Parsed.GetValue(before) is { } number ? $"&before={number}" : "")}").Body)!.AsArray().Select(r => r!.AsObject()).ToList();
            // Numbers are never used twice, so the newest one is about how many there are.
            TableWriter.Write(invocation.Terminal, invocation.Format, AuditColumns, rows, r => $"{r["number"]}", rows.Count == 0 ? 0 : (int)(long)rows[0]["number"]!, "changes");
            return ExitCode.Success;
        });
        return command;
    }

    private static readonly Column<JsonObject>[] AuditColumns =
    [
        new("number", r => (long)r["number"]!, RightAligned: true), .. ((string[])["at", "who", "address", "what", "reason", "before", "after"]).Select(name => new Column<JsonObject>(name, r => (string?)r[name], GivesWay: name is "what" or "reason")),
    ];

    private static (IPEndPoint Silo, int Gateway) ClusterAddress(string? text)
    {
        if (text is null) return (new(IPAddress.Loopback, 0), 0);
        var parts = text.StartsWith('[') && text.IndexOf(']') is > 0 and var close ? [text[1..close], .. text[(close + 1)..].Split(':', StringSplitOptions.RemoveEmptyEntries)] : text.Split(':');
        if (parts.Length is < 1 or > 3 || !IPAddress.TryParse(parts[0], out var address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || parts.Skip(1).Any(p => !ushort.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            throw new CliException(ExitCode.Usage, $"--cluster-address is \"{text}\"", "write the IP address at which the other servers reach this one, and its ports where they must be fixed: 10.0.0.7 or 10.0.0.7:8471:8472");
        int[] ports = [.. parts.Skip(1).Select(p => int.Parse(p, CultureInfo.InvariantCulture))];
        return (new(address, ports.Length > 0 ? ports[0] : 0), ports.Length > 1 ? ports[1] : 0);
    }

    private static void Logging(ILoggingBuilder builder, bool asJson)
    {
        builder.SetMinimumLevel(LogLevel.Warning).AddFilter("ExampleMlFarm", LogLevel.Information).AddFilter(typeof(Serving.Access.KeyAuthentication).FullName, LogLevel.Warning);
        // Standard output is the address, for whoever started it.
        builder.AddConsole(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        if (asJson) builder.AddJsonConsole(o => o.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'");
        else builder.AddSimpleConsole(o => o.SingleLine = true);
    }
}
