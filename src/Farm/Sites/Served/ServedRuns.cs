using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Serving.Journals;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Farm.Sites.Served;

/// <summary>Runs of a farm behind an address, read as they are stored there.</summary>
internal sealed class ServedRuns(FarmHttp farm) : IRunReader
{
    /// <inheritdoc/>
    public IReadOnlyList<RunRecord> List(RunId? before, int count)
        => [.. Json(string.Create(CultureInfo.InvariantCulture, $"journals?limit={count}{(before is { } b ? $"&before={b.Value}" : "")}"), JournalJson.Default.RecordWordsArray)!.Select(r => r.ToRecord())];

    /// <inheritdoc/>
    public RunRecord? Find(RunId run) => Json($"journals/{run}", JournalJson.Default.RecordWordsArray)?.Single().ToRecord();

    /// <inheritdoc/>
    public byte[] Frozen(RunId run) => farm.Get($"journals/{run}/frozen")?.Body ?? throw Unknown(run);

    /// <inheritdoc/>
    public IReadOnlyList<StoredOrder> Orders(RunId run) => Json($"journals/{run}/orders", JournalJson.Default.StoredOrderArray) ?? throw Unknown(run);

    /// <inheritdoc/>
    public StoredRun Load(RunId run, bool fromStart = false)
    {
        var record = Find(run) ?? throw Unknown(run);
        var snapshot = fromStart ? null : farm.Get($"journals/{run}/snapshot");
        long from = snapshot?.Sequence ?? 0;
        return new(record, snapshot?.Body, from, Events(run, from));
    }

    /// <inheritdoc/>
    public IEnumerable<StoredEvent> Events(RunId run, long fromSequence)
    {
        for (long next = fromSequence; ;)
        {
            var reply = farm.Get(string.Create(CultureInfo.InvariantCulture, $"journals/{run}/events?from={next}")) ?? throw Unknown(run);
            long before = next;
            foreach (var stored in Whole(reply.Body, next))
            {
                next = stored.Sequence + 1;
                yield return stored;
            }
            if (next == before) yield break;
        }
    }

    private static IEnumerable<StoredEvent> Whole(byte[] bytes, long expected)
    {
        try { return [.. JournalFrames.Read(bytes, expected)]; }
        catch (InvalidDataException e) { throw new FarmException(new Failure(FailureClass.Permanent, "journal.corrupt", $"the farm's answer cannot be read: {e.Message}"), e); }
    }

    private T? Json<T>(string path, JsonTypeInfo<T> type) where T : class
    {
        if (farm.Get(path) is not { } answer) return null;
        try { return JsonSerializer.Deserialize(answer.Body, type); }
        catch (JsonException e) { throw new CliException(ExitCode.Unreachable, $"what answers at {farm.Url} is no farm: {e.Message}", "is the address right? MLFARM_URL, --url"); }
    }

    private static FarmException Unknown(RunId run) => FarmException.Invalid("run.unknown", $"there is no run {run}");
}
