using System.Text.Json.Serialization;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Farm.Serving.Journals;

/// <summary>A line of the list of runs on its way.</summary>
internal sealed record RecordWords(long Run, string Name, string Folder, int Priority, DateTimeOffset Submitted, byte Status, DateTimeOffset? Ended, long Items, long Settled, long Failed, string Owner = "")
{
    public static RecordWords Of(RunRecord record) => new(record.Id.Value, record.Name, record.Folder, record.Priority, record.Submitted, record.Progress.Status, record.Progress.Ended,
        record.Progress.Items, record.Progress.Settled, record.Progress.Failed, record.Owner);

    public RunRecord ToRecord() => new(new(Run), Name, Folder, Priority, Submitted, new(Status, Ended, Items, Settled, Failed), Owner);
}

/// <summary>A log file of a node.</summary>
/// <param name="Name">Name of the file.</param>
/// <param name="Bytes">Its length now; it only grows.</param>
internal sealed record LogFileWords(string Name, long Bytes);

/// <summary>How these are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RecordWords[]))]
[JsonSerializable(typeof(LogFileWords[]))]
[JsonSerializable(typeof(StoredOrder[]))]
internal sealed partial class JournalJson : JsonSerializerContext;
