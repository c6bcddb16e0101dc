using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Farm.Sites;
using ExampleMlFarm.Scheduler.Cache;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Workers.Links.Http;
using ExampleMlFarm.Farm.Serving.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Workers;

/// <summary>
/// What workers on other machines call. A worker speaks for itself alone: the name in its messages is the one that it was given, and the runs know which leases that name
/// holds.
/// </summary>
internal static class WorkerEndpoints
{
    private const int MostMessageBytes = 64 << 20, MostWordsBytes = 256 << 10, MostSlots = 4096, MostEntries = 64, MostNameCharacters = 200;

    /// <summary>Adds the endpoints below <c>/worker</c>.</summary>
    public static void Map(RouteGroupBuilder api, ServedFarm farm)
    {
        var sessions = new WorkerSessions(farm.Store);
        var workers = api.MapGroup("/worker");
        workers.MapPost("/register", async (HttpRequest request, CancellationToken gone) =>
        {
            var told = await RequestBodies.Json(request, HttpWordsJson.Default.RegisterWords, MostWordsBytes, gone);
            return Results.Json(await sessions.Begin(told.Host), HttpWordsJson.Default.SessionWords);
        }).WithSummary("Gives a worker its name and the proof of it, which every other call carries in the header Mlfarm-Worker.");
        workers.MapPost("/work", (HttpRequest request, CancellationToken gone) => As(sessions, request, async worker =>
        {
            var told = await RequestBodies.Json(request, HttpWordsJson.Default.OfferWords, MostWordsBytes, gone);
            var grants = await farm.Farm.Work(PresenceOf(worker, told)).WaitAsync(gone);
            return Results.Json(new GrantWords(grants.Version, [.. grants.Grants.Select(g => new UseWords(g.Run, g.Slots))], grants.Stop), HttpWordsJson.Default.GrantWords);
        })).WithSummary("Offers a worker; answers when its grants change.");
        workers.MapPost("/exit", (HttpRequest request, bool? crashed) => As(sessions, request, async worker =>
        {
            await farm.Farm.WorkerExited(worker.Value, crashed ?? false);
            return Results.NoContent();
        })).WithSummary("The worker has ended; what is leased to it goes back at once.");
        workers.MapPost("/runs/{run:long}/exchange", (long run, HttpRequest request, CancellationToken gone) => As(sessions, request, async worker =>
        {
            var bytes = await RequestBodies.Read(request, MostMessageBytes, gone);
            var message = MessageCodec.DecodeMessage(bytes);
            if (message.Worker != worker) return Problems.Of(403, "worker.other", $"{worker} may not speak for {Shortened(message.Worker.Value)}");
            if (!double.IsFinite(message.WaitSeconds)) return Problems.Invalid("worker.wait", $"it cannot wait {message.WaitSeconds} s");
            if (farm.Store.Find(new(run)) is null) return Unknown(run);
            return Results.Bytes(await farm.Run(run).Exchange(bytes).WaitAsync(gone), "application/octet-stream");
        })).WithSummary("Results and wants in, leases out, in the bytes of MessageCodec.");
        workers.MapGet("/runs/{run:long}/frozen", (long run, HttpRequest request) => As(sessions, request, _ => Of(farm, run, r => r.Frozen())))
            .WithSummary("What was frozen with the run.");
        workers.MapGet("/runs/{run:long}/plan", (long run, HttpRequest request) => As(sessions, request, _ => Of(farm, run, r => r.Plan())))
            .WithSummary("The plan, in the bytes of PlanCodec.");
        workers.MapPost("/find", (HttpRequest request, CancellationToken gone) => As(sessions, request, async _ =>
        {
            var queries = CookQueryCodec.DecodeQueries(await RequestBodies.Read(request, MostMessageBytes, gone));
            return Results.Bytes(CookQueryCodec.Encode(new CookedResults(farm.Store.Cache, farm.Artifacts).Find(queries)), "application/octet-stream");
        })).WithSummary("Earlier results under cook keys whose artifacts are there, in the bytes of CookQueryCodec.");
        workers.MapPost("/forget/{sha256}", (string sha256, HttpRequest request) => As(sessions, request, async _ =>
        {
            if (!ContentHash.TryParse(sha256, out var hash)) return Problems.Invalid("artifact.name", $"\"{Shortened(sha256)}\" is no SHA-256 of 64 hexadecimal digits");
            // A worker's word is not enough to drop what others may use.
            if (!farm.Artifacts.CheckAndSetAside(hash).IsIntact) await farm.Grains.GetGrain<ICookCacheGrain>(0).Forget(hash.ToArray());
            return Results.NoContent();
        })).WithSummary("An artifact is said to be gone; if so, the cook cache sends nobody to it any more.");
        WorkerLogs.Map(workers, farm, sessions);
        WorkerCheckpoints.Map(workers, farm, sessions);
    }

    /// <summary>Answers a worker that has proved who it is.</summary>
    public static async Task<IResult> As(WorkerSessions sessions, HttpRequest request, Func<WorkerId, Task<IResult>> answer)
    {
        if (await sessions.Of(request) is { } worker) return await answer(worker);
        return Problems.Of(401, "worker.unproved", $"the header {SessionWords.Header} is missing, or is not what this farm gave out", "register anew with POST /api/v1/worker/register");
    }

    /// <summary>A run that is not there.</summary>
    public static IResult Unknown(long run) => Problems.Of(404, "run.unknown", $"there is no run {run}");

    private static async Task<IResult> Of(ServedFarm farm, long run, Func<IRunGrain, Task<byte[]>> bytes) =>
        farm.Store.Find(new(run)) is null ? Unknown(run) : Results.Bytes(await bytes(farm.Run(run)), "application/octet-stream");

    private static WorkerPresence PresenceOf(WorkerId worker, OfferWords told)
    {
        Check(told.Slots is >= 1 and <= MostSlots, $"slots is {told.Slots}; a worker has 1 to {MostSlots}");
        Check(IsAmount(told.Cpu) && IsAmount(told.Gpu) && told.MemoryBytes >= 0 && told.Custom.Values.All(IsAmount), "amounts are finite and not negative");
        Check(double.IsFinite(told.WaitSeconds), "wait_seconds is no number");
        Check(told.Pools.Count <= MostEntries && told.Tags.Count <= MostEntries && told.Custom.Count <= MostEntries && told.Facts.Count <= MostEntries, $"there are more than {MostEntries} pools, tags, amounts or facts");
        Check(told.Pools.Concat(told.Tags.Keys).Concat(told.Tags.Values).Concat(told.Custom.Keys).Concat(told.Facts.Keys).Concat(told.Facts.Values).Append(told.Host).All(n => n is { Length: <= MostNameCharacters }),
            $"a name is longer than {MostNameCharacters} characters");
        Check(told.Uses.All(u => u.Slots is >= 0 and <= MostSlots), "a use has a number of slots that cannot be");
        return new(worker.Value, told.Host, told.Pid, [.. told.Pools], told.Slots, told.Cpu, told.Gpu, told.MemoryBytes, [.. told.Custom.OrderBy(c => c.Key, StringComparer.Ordinal)],
            [.. told.Uses.Select(u => new RunUse(u.Run, u.Slots))], told.KnownVersion, Math.Clamp(told.WaitSeconds, 0, 10),
            [.. told.Tags.OrderBy(t => t.Key, StringComparer.Ordinal)], [.. told.Facts.OrderBy(f => f.Key, StringComparer.Ordinal)]);
    }

    private static bool IsAmount(double amount) => double.IsFinite(amount) && amount >= 0;

    private static void Check(bool holds, string otherwise)
    {
        if (!holds) throw FarmException.Invalid("worker.offer", otherwise);
    }

    private static string Shortened(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
