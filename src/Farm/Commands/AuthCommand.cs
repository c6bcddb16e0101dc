using System.CommandLine;
using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Serving.Access;
using ExampleMlFarm.Farm.Sites.Served;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm auth</c>: signing in to a farm elsewhere, and its keys. Without an address keys are made in the farm's own store: that is how the first one comes to be.</summary>
internal static class AuthCommand
{
    private static readonly Column<JsonObject>[] KeyColumns =
    [
        new("id", k => (string?)k["id"]), new("name", k => (string?)k["name"]), new("role", k => (string?)k["role"]), new("created", k => (string?)k["created"]), new("created_by", k => (string?)k["created_by"]),
        new("last_used", k => (string?)k["last_used"], k => (string?)k["last_used"] ?? "never"), new("revoked", k => (string?)k["revoked"]),
    ];

    public static Command Create() => new("auth", "Signing in to a farm elsewhere, and its keys.\nExample: mlfarm auth login --url https://farm:8470") { Login(), Logout(), Status(), Key() };

    private static Command Login()
    {
        var token = new Option<string?>("--token-file") { HelpName = "file", Description = "File with the key; - or nothing reads it from standard input." };
        var command = new Command("login", "Keeps a key for a farm, in a file that only you may read.\nExample: mlfarm auth login --url https://farm:8470 < key.txt") { token };
        command.SetAction(invocation =>
        {
            var url = UrlOf(invocation);
            string text = Token(invocation, invocation.Parsed.GetValue(token)).Trim();
            if (!ApiKey.TryParse(text, out _)) throw new CliException(ExitCode.Invalid, "that is no key of a farm", "a key looks like mlf_…_…; an administrator makes one: mlfarm auth key create");
            using var farm = new FarmHttp(url, text, TimeProvider.System);
            var who = Who(farm);
            Credentials.OfUser().Keep(url, text);
            Say(invocation, who, $"signed in to {url} as {who["name"]} ({who["role"]})");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Logout()
    {
        var command = new Command("logout", "Forgets the key for a farm. The key itself stays good.\nExample: mlfarm auth logout --url https://farm:8470");
        command.SetAction(invocation =>
        {
            var url = UrlOf(invocation);
            bool forgot = Credentials.OfUser().Forget(url);
            Say(invocation, new() { ["url"] = url.ToString(), ["forgotten"] = forgot }, forgot ? $"the key for {url} is forgotten" : $"no key for {url} was kept");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Status()
    {
        var command = new Command("status", "Says who you are to a farm.\nExample: mlfarm auth status --url https://farm:8470");
        command.SetAction(invocation =>
        {
            using var farm = Globals.FarmAt(UrlOf(invocation).ToString());
            var who = Who(farm);
            Say(invocation, who, $"{farm.Url}  {who["name"]}, {who["role"]}{(who["key"] is null ? ", without a key" : "")}");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Key()
    {
        var database = ServerStores.Database();
        var name = new Option<string>("--name") { Description = "Whose key it is; changes are signed with it.", Required = true };
        var role = new Option<string>("--role") { HelpName = string.Join('|', FarmRoles.Words), Description = "What it may do.", Required = true };
        var create = new Command("create", "Makes a key and prints it, this once.\nExample: mlfarm auth key create --name sam --role operator") { name, role, database };
        create.SetAction(async (invocation, cancellation) =>
        {
            string owner = invocation.Parsed.GetValue(name)!;
            var parsed = FarmRoles.Parse(invocation.Parsed.GetValue(role)!);
            JsonObject made;
            if (Globals.FarmOf(invocation.Parsed) is { } farm)
                using (farm) made = farm.Post("keys", new JsonObject { ["name"] = owner, ["role"] = FarmRoles.Word(parsed) }, ServedSite.NewKey())!.AsObject();
            else
            {
                using var store = await ServerStores.Open(invocation.Parsed, database, cancellation);
                var key = ApiKey.Mint();
                var stored = key.ToStored(owner, parsed, invocation.Now, OrderCommands.Who);
                await new KeyStore(store).Add(stored);
                await store.Audit(new(0, invocation.Now, OrderCommands.Who, "", $"key.create {key.Id}", "", "", $"{owner}, {FarmRoles.Word(parsed)}"));
                made = KeyEndpoints.Json(stored);
                made["token"] = key.Reveal();
            }
            Say(invocation, made, (string)made["token"]!);
            invocation.Hint("this is the only time it is shown");
            return ExitCode.Success;
        });
        var list = new Command("ls", "Lists the keys of a farm, without their secrets.\nExample: mlfarm auth key ls") { database };
        list.SetAction(async (invocation, cancellation) =>
        {
            List<JsonObject> keys;
            if (Globals.FarmOf(invocation.Parsed) is { } farm)
                using (farm) keys = [.. JsonNode.Parse(farm.Demand("keys").Body)!.AsArray().Select(k => k!.AsObject())];
            else
            {
                using var store = await ServerStores.Open(invocation.Parsed, database, cancellation);
                keys = [.. new KeyStore(store).All().Select(KeyEndpoints.Json)];
            }
            TableWriter.Write(invocation.Terminal, invocation.Format, KeyColumns, keys, k => (string)k["id"]!, keys.Count, "keys");
            return ExitCode.Success;
        });
        var id = new Argument<string>("id") { Description = "Its id, as auth key ls prints it." };
        var revoke = new Command("revoke", "Ends a key for good.\nExample: mlfarm auth key revoke 3f9c01ab77de") { id, database };
        revoke.SetAction(async (invocation, cancellation) =>
        {
            string which = invocation.Parsed.GetRequiredValue(id);
            if (Globals.FarmOf(invocation.Parsed) is { } farm)
                using (farm) farm.Delete($"keys/{Uri.EscapeDataString(which)}");
            else
            {
                using var store = await ServerStores.Open(invocation.Parsed, database, cancellation);
                var kept = new KeyStore(store);
                if (kept.Find(which) is not { } key) throw new CliException(ExitCode.NotFound, $"there is no key \"{which}\"", "mlfarm auth key ls lists them");
                await kept.Revoke(which, invocation.Now);
                await store.Audit(new(0, invocation.Now, OrderCommands.Who, "", $"key.revoke {which}", "", key.Revoked is null ? "good" : "revoked", "revoked"));
            }
            Say(invocation, new() { ["id"] = which, ["revoked"] = true }, $"{which} has ended");
            return ExitCode.Success;
        });
        return new Command("key", "Keys of a farm: at --url with an administrator's key, else in the farm of this folder.\nExample: mlfarm auth key ls") { create, list, revoke };
    }

    private static JsonObject Who(FarmHttp farm) => JsonNode.Parse(farm.Demand("auth").Body)!.AsObject();

    private static Uri UrlOf(Invocation invocation)
    {
        using var farm = Globals.FarmOf(invocation.Parsed);
        return farm?.Url ?? throw new CliException(ExitCode.Usage, "which farm?", "name it with --url or MLFARM_URL");
    }

    private static string Token(Invocation invocation, string? file)
    {
        if (file is null or "-")
        {
            if (invocation.Terminal.In is not null) invocation.Terminal.Error.Write("key: ");
            return (invocation.Terminal.In ?? Console.In).ReadLine() ?? "";
        }
        string path = Path.GetFullPath(file, Globals.FolderOf(invocation.Parsed));
        return File.Exists(path) ? File.ReadAllText(path) : throw new CliException(ExitCode.NotFound, $"the file {path} does not exist");
    }

    private static void Say(Invocation invocation, JsonObject json, string text)
        => invocation.Terminal.Out.WriteLine(invocation.Format is OutputFormat.Json or OutputFormat.Ndjson ? json.ToJsonString() : text);
}
