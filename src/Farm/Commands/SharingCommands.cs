using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Serving.Sharing;
using ExampleMlFarm.Farm.Sites.Served;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm pool</c>, <c>quota</c>, <c>licence</c>: how the runs of a served farm share its workers.</summary>
internal static class SharingCommands
{
    private const string None = "none";

    private static readonly Column<JsonObject>[] PoolColumns =
    [
        new("pool", p => (string?)p["pool"], p => (string)p["pool"]! is { Length: > 0 } name ? name : "(none)"), Number("workers"), Number("slots"), Number("busy_slots"),
    ];

    private static readonly Column<JsonObject>[] QuotaColumns =
    [
        new("owner", o => (string?)o["owner"], o => (string)o["owner"]! is { Length: > 0 } name ? name : "(nobody)"),
        new("used_slot_seconds", o => (double?)o["used_slot_seconds"], o => Format.Duration((double)o["used_slot_seconds"]!), RightAligned: true, Heading: "USED"), Number("slots"), Number("burst"),
    ];

    private static readonly Column<JsonObject>[] LicenceColumns = [new("licence", l => (string?)l["licence"]), Number("total"), Number("given_out")];

    public static Command Pool() => new("pool", "Pools of workers.\nExample: mlfarm pool ls") { List("Pools that workers serve, with their slots.\nExample: mlfarm pool ls", "pools", PoolColumns, "pool", "pools") };

    public static Command Quota()
    {
        var owner = new Argument<string>("owner") { Description = "Whose runs: the name of a key, as auth key ls prints it." };
        var slots = new Argument<string>("slots") { Description = "Slots that are his; none takes the limit away." };
        var burst = new Option<int>("--burst") { Description = "Further slots while nobody within a quota wants them." };
        var reason = Reason();
        var set = new Command("set", "Sets what the runs of one owner may take together.\nExample: mlfarm quota set sam 16 --burst 8") { owner, slots, burst, reason };
        set.SetAction(invocation =>
        {
            var parsed = invocation.Parsed;
            int? limit = Amount("slots", parsed.GetRequiredValue(slots));
            var body = new JsonObject { ["owner"] = parsed.GetRequiredValue(owner), ["slots"] = limit, ["reason"] = parsed.GetValue(reason) };
            if (parsed.GetValue(burst) is var more and not 0) body["burst"] = more;
            var now = Post(invocation, "quotas", body);
            Say(invocation, now, limit is null ? $"{body["owner"]} has no limit" : $"{body["owner"]} may take {now["slots"]} slots{((int?)now["burst"] > 0 ? $", and {now["burst"]} more while nobody within a quota wants them" : "")}");
            return ExitCode.Success;
        });
        return new("quota", "What owners of runs may take of the farm.\nExample: mlfarm quota ls") { List("Owners of runs, what they used since the farm's last start, and their quotas.\nExample: mlfarm quota ls", "quotas", QuotaColumns, "owner", "owners"), set };
    }

    public static Command Licence()
    {
        var name = new Argument<string>("licence") { Description = "As recipes name it in resources:." };
        var total = new Argument<string>("total") { Description = "How many there are in the whole farm; none makes it no licence any more." };
        var reason = Reason();
        var set = new Command("set", "Sets how many there are of a licence.\nExample: mlfarm licence set solver 3") { name, total, reason };
        set.SetAction(invocation =>
        {
            var parsed = invocation.Parsed;
            int? count = Amount("total", parsed.GetRequiredValue(total));
            var now = Post(invocation, "licences", new() { ["licence"] = parsed.GetRequiredValue(name), ["total"] = count, ["reason"] = parsed.GetValue(reason) });
            Say(invocation, now, count is null ? $"{now["licence"]} is no licence any more" : $"{now["licence"]}: {now["total"]} in the whole farm");
            return ExitCode.Success;
        });
        return new("licence", "Amounts of which the whole farm has so many, whatever worker takes them.\nExample: mlfarm licence ls") { List("Licences, and how many of each runs may hold now.\nExample: mlfarm licence ls", "licences", LicenceColumns, "licence", "licences"), set };
    }

    private static Option<string> Reason() => new("--reason") { Description = "Why; kept in the audit log.", DefaultValueFactory = _ => "" };

    private static Command List(string description, string path, Column<JsonObject>[] columns, string name, string things)
    {
        var command = new Command("ls", description);
        command.SetAction(invocation =>
        {
            using var farm = Globals.ServerOf(invocation.Parsed);
            var rows = JsonNode.Parse(farm.Demand(path).Body)!.AsArray().Select(r => r!.AsObject()).ToList();
            TableWriter.Write(invocation.Terminal, invocation.Format, columns, rows, r => (string)r[name]!, rows.Count, things);
            return ExitCode.Success;
        });
        return command;
    }

    private static JsonObject Post(Invocation invocation, string path, JsonObject body)
    {
        using var farm = Globals.ServerOf(invocation.Parsed);
        return farm.Post(path, body, ServedSite.NewKey())!.AsObject();
    }

    private static int? Amount(string what, string text) => text == None ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int amount) && amount <= SharingEndpoints.Most ? amount
        : throw new CliException(ExitCode.Usage, $"{what} is \"{text}\"; it must be a whole number from 0 to {SharingEndpoints.Most}, or {None}");

    private static Column<JsonObject> Number(string name) => new(name, r => (long?)r[name], r => (long?)r[name] is { } number ? Format.Count(number) : "", RightAligned: true);

    private static void Say(Invocation invocation, JsonObject json, string text)
        => invocation.Terminal.Out.WriteLine(invocation.Format is OutputFormat.Json or OutputFormat.Ndjson ? json.ToJsonString() : text);
}
