using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Recipes.Checking;
using ExampleMlFarm.Workers.Processes;

namespace ExampleMlFarm.Farm.Commands;

/// <summary>
/// <c>mlfarm worker start</c>: what the farm starts for itself, what a person may start to lend more cores to a folder's farm, and with <c>--server</c> what works for a
/// farm elsewhere.
/// </summary>
internal static class WorkerCommand
{
    private const string Example = "Example: mlfarm worker start --server http://farm:8470 --slots 4";

    public static Command Create()
    {
        var server = new Option<string[]>("--server") { HelpName = "url", Description = "Server of a farm elsewhere, or several with commas.", AllowMultipleArgumentsPerToken = false };
        var key = new Option<string?>("--key") { HelpName = "key", Description = "Its API key; better hidden in MLFARM_TOKEN." };
        var state = new Option<string?>("--state") { HelpName = "folder", Description = "With --server: a folder of its own." };
        var cache = new Option<string>("--cache-size") { HelpName = "size", Description = "With --server: most copies of artifacts kept.", DefaultValueFactory = _ => "20 GiB" };
        var slots = new Option<int>("--slots") { Description = "Items at once; 1, with --server one for each core.", DefaultValueFactory = _ => 0 };
        var pool = new Option<string>("--pool") { Description = "Pool it belongs to; * is every one.", DefaultValueFactory = _ => "" };
        var tag = new Option<string[]>("--tag") { HelpName = "name[=value]", Description = "What recipes may ask for; several times." };
        var resource = new Option<string[]>("--resource") { HelpName = "name=amount", Description = "A further amount that it has; several times." };
        var memory = new Option<string>("--memory") { HelpName = "size", Description = "Memory it may use; with --server all unless given.", DefaultValueFactory = _ => "" };
        var cpu = new Option<double>("--cpu") { Description = "Cores it may use; one for each slot unless given.", DefaultValueFactory = _ => 0 };
        var gpu = new Option<double>("--gpu") { Description = "GPUs it may use; with --server all unless given.", DefaultValueFactory = _ => -1 };
        var idle = new Option<string>("--idle-exit") { HelpName = "duration", Description = "Ends when idle for so long, 10m.", DefaultValueFactory = _ => "" };
        var parent = new Option<int>("--parent") { Description = "Process with which it ends.", DefaultValueFactory = _ => 0, Hidden = true };
        var start = new Command("start", $"Starts a worker, for the farm of this folder or for one elsewhere.\n{Example}")
        {
            server, key, state, cache, slots, pool, tag, resource, memory, cpu, gpu, idle, parent,
        };
        start.SetAction(async (invocation, _) =>
        {
            var parsed = invocation.Parsed;
            var servers = (parsed.GetValue(server) ?? []).SelectMany(s => s.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Select(Server).ToList();
            string memoryText = parsed.GetValue(memory)!;
            double gpus = parsed.GetValue(gpu);
            int places = parsed.GetValue(slots);
            if (places is < 0 or > 4096) throw new CliException(ExitCode.Usage, $"--slots is {places}; a worker has 1 to 4096");
            var told = new WorkerStart(Globals.FolderOf(parsed), Math.Max(1, places))
            {
                Pool = parsed.GetValue(pool)!,
                Cpu = parsed.GetValue(cpu),
                Gpu = Math.Max(0, gpus),
                MemoryBytes = memoryText.Length == 0 ? 0 : Bytes("--memory", memoryText),
                IdleExitSeconds = parsed.GetValue(idle) is { Length: > 0 } wait ? QuantityText.Seconds(wait) ?? throw Wrong("--idle-exit", wait, "a duration such as 30s, 10m or 2h") : 0,
                Parent = parsed.GetValue(parent),
            };
            if (servers.Count > 0)
            {
                told = told with
                {
                    Folder = parsed.GetValue(state) is { } given ? Path.GetFullPath(given) : OwnFolder(),
                    Slots = places > 0 ? places : HostFacts.Cores,
                    MemoryBytes = memoryText.Length == 0 ? HostFacts.MemoryBytes() : told.MemoryBytes,
                    Gpu = gpus < 0 ? HostFacts.Gpus().Count : told.Gpu,
                    Servers = servers,
                    Key = parsed.GetValue(key) ?? Environment.GetEnvironmentVariable("MLFARM_TOKEN") ?? "",
                    Tags = Pairs(parsed.GetValue(tag)).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal),
                    Custom = Pairs(parsed.GetValue(resource)).ToDictionary(p => p.Key, p => Amount(p), StringComparer.Ordinal),
                    CacheBytes = Bytes("--cache-size", parsed.GetValue(cache)!),
                };
            }
            return (ExitCode)await WorkerMain.Run(told);
        });
        return new Command("worker", $"Workers of the farm.\n{Example}") { start };
    }

    private static Uri Server(string given) => Uri.TryCreate(given, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
        ? url : throw Wrong("--server", given, "an address such as http://farm:8470");

    private static long Bytes(string option, string given) => QuantityText.Bytes(given) ?? throw Wrong(option, given, "a size such as 512 MB or 8 GiB");

    // The later one counts, as with other options.
    private static IEnumerable<KeyValuePair<string, string>> Pairs(string[]? given) => (given ?? [])
        .Select(g => g.Split('=', 2)).Select(p => KeyValuePair.Create(p[0].Trim(), p.Length > 1 ? p[1].Trim() : "")).GroupBy(p => p.Key, StringComparer.Ordinal).Select(g => g.Last());

    private static double Amount(KeyValuePair<string, string> pair) => double.TryParse(pair.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double amount) && double.IsFinite(amount) && amount >= 0
        ? amount : throw Wrong("--resource", $"{pair.Key}={pair.Value}", "a name and an amount such as licence=2");

    private static CliException Wrong(string option, string given, string allowed) => new(ExitCode.Usage, $"{option} is \"{given}\"; allowed is {allowed}");

    // The first folder that no other worker of this user holds.
    private static string OwnFolder()
    {
        string home = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } given ? given : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        for (int number = 1; ; number++)
        {
            string folder = Path.Combine(home, "mlfarm", $"worker-{number}");
            if (number >= 1000 || !File.Exists(Path.Combine(folder, "lock"))) return folder;
            try
            {
                using var _ = new FileStream(Path.Combine(folder, "lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 0);
                return folder;
            }
            catch (IOException) { }
        }
    }
}
