using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Serving.Journals;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Cache;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Journal;
using ExampleMlFarm.Scheduler.Runs;
using ExampleMlFarm.Workers.Logs;

namespace ExampleMlFarm.Farm.Sites.Served;

/// <summary>A farm behind an address. Journals, logs and artifacts that a command looks at are fetched into a folder that ends with the command.</summary>
internal sealed class ServedSite : IFarmSite
{
    private readonly DirectoryInfo kept = Directory.CreateTempSubdirectory("mlfarm-look-");
    private readonly FarmHttp http;

    /// <summary>The farm behind a way to it, which ends with this.</summary>
    public ServedSite(FarmHttp http)
    {
        this.http = http;
        Runs = new ServedRuns(http);
        Artifacts = new ArtifactStore(Path.Combine(kept.FullName, "artifacts"), new Origin(http));
    }

    /// <summary>The way to it.</summary>
    public FarmHttp Http => http;

    /// <inheritdoc/>
    public string Name => http.Url.ToString();

    /// <inheritdoc/>
    public IRunReader Runs { get; }

    /// <inheritdoc/>
    public ArtifactStore Artifacts { get; }

    /// <summary>A server that answers works on its runs.</summary>
    public bool IsServed => true;

    /// <inheritdoc/>
    public string LogsOf(RunId run, string node)
    {
        string root = Path.Combine(kept.FullName, "logs"), query = $"node={Uri.EscapeDataString(node)}";
        if (http.Get($"journals/{run}/logs?{query}") is not { } answer) return root;
        var files = JsonSerializer.Deserialize(answer.Body, JournalJson.Default.LogFileWordsArray)!;
        string folder = LogReader.FolderOf(root, run, node);
        if (files.Length > 0) Directory.CreateDirectory(folder);
        // Indices first: what they speak of is then in the logs, which are read after them.
        foreach (var file in files.OrderBy(f => !f.Name.EndsWith(".idx", StringComparison.Ordinal)).ThenBy(f => f.Name, StringComparer.Ordinal))
        {
            if (Path.GetFileName(file.Name) != file.Name) throw new CliException(ExitCode.Unexpected, $"the farm at {http.Url} names a log file \"{file.Name}\", which is none");
            string path = Path.Combine(folder, file.Name);
            using var to = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            if (to.Length < file.Bytes && http.Get($"journals/{run}/logs/{Uri.EscapeDataString(file.Name)}?{query}", to.Length) is { } more) to.Write(more.Body);
        }
        return root;
    }

    /// <inheritdoc/>
    public bool Has(OutputRef output) => http.SizeOf($"artifacts/{output.Hash}") == output.SizeBytes;

    /// <inheritdoc/>
    public IReadOnlyList<ItemResult> FindCooked(KeyRun keys)
    {
        var answer = http.Post("journals/cooked", CookQueryCodec.Encode([new CookQuery(keys.Base, keys.Index, keys.Length)]));
        return [.. CookQueryCodec.DecodeAnswers(answer.Body)[0].Select(r => r with { Items = new(r.Items.Start - keys.Index, r.Items.End - keys.Index) })];
    }

    /// <inheritdoc/>
    public Task<OrderOutcome> Order(RunId run, RunOrder order, CancellationToken cancellation)
    {
        string address = run.ToString();
        if (order.Node >= 0)
        {
            string name = RunShell.LookAt(Runs, run).Machine.Nodes[order.Node].Plan.Name;
            var items = order.Ranges.Chunk(2).Select(r => r[1] - r[0] == 1 ? $"{r[0]}" : string.Create(CultureInfo.InvariantCulture, $"{r[0]}-{r[1] - 1}"));
            address = $"{run}/{name}/{string.Join(',', items)}";
        }
        string verb = order.Kind switch
        {
            OrderKind.Retry => "retry", OrderKind.Skip => "skip", OrderKind.Cancel or OrderKind.CancelItems => "cancel", OrderKind.Pause => "pause", _ => "resume",
        };
        var outcome = http.Post($"actions/{verb}", new JsonObject { ["address"] = address, ["reason"] = order.Reason, ["dry_run"] = order.DryRun }, NewKey());
        return Task.FromResult(new OrderOutcome((bool?)outcome?["accepted"] ?? false, (string?)outcome?["message"] ?? "", (long?)outcome?["items"] ?? 0));
    }

    /// <summary>Submits a run; the files that it names are uploaded where the farm does not have them yet.</summary>
    public RunId Submit(RecipeProgram program, string name, string folder, int priority)
    {
        foreach (var (path, hash) in program.Source.Named)
            if (http.SizeOf($"artifacts/{hash}") is null) http.PutFile($"artifacts/{hash}", path);
        var submitted = http.Post("runs", new JsonObject { ["name"] = name, ["folder"] = folder, ["priority"] = priority, ["frozen"] = Convert.ToBase64String(FrozenRun.Freeze(program)) }, NewKey());
        return new((long?)submitted?["run"] ?? throw new CliException(ExitCode.Unexpected, $"the farm at {http.Url} took the recipe, but named no run"));
    }

    /// <inheritdoc/>
    public Task SetPriority(RunId run, int priority, CancellationToken cancellation)
    {
        http.Post("actions/set", new JsonObject { ["address"] = run.ToString(), ["priority"] = priority }, NewKey());
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Remove(IReadOnlyList<ContentHash> artifacts, CancellationToken cancellation)
    {
        http.Post("actions/remove", new JsonObject { ["artifacts"] = new JsonArray([.. artifacts.Select(a => (JsonNode)JsonValue.Create(a.ToString()))]) }, NewKey());
        return Task.CompletedTask;
    }

    /// <summary>A key under which a call has its effect once, however often it is sent.</summary>
    public static string NewKey() => Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));

    private sealed class Origin(FarmHttp http) : IArtifactOrigin
    {
        public long? SizeOf(ContentHash hash) => http.SizeOf($"artifacts/{hash}");
        public bool Fetch(ContentHash hash, Stream into) => http.Download($"artifacts/{hash}", into);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        http.Dispose();
        kept.Delete(recursive: true);
    }
}
