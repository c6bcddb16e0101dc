using System.Globalization;

namespace ExampleMlFarm.Farm.Serving.Streams;

/// <summary>What a listener knows, topic by topic, in one text: <c>142=5310,151=88</c>. A topic is the number of a run, or 0 for the farm.</summary>
internal sealed class EventId
{
    private const int MostCharacters = 1_000;
    private readonly SortedDictionary<long, long> known = [];

    /// <summary>Reads a text; what is no such text knows nothing, and its sender is told everything.</summary>
    public static EventId Parse(string text)
    {
        var id = new EventId();
        if (text.Length > MostCharacters) return id;
        foreach (string part in text.Split(','))
            if (part.Split('=') is [var topic, var sequence] && Number(topic) is { } t && Number(sequence) is { } s) id.known[t] = s;
        return id;
    }

    /// <summary>What is known of a topic; null when nothing is.</summary>
    public long? Of(long topic) => known.TryGetValue(topic, out long sequence) ? sequence : null;

    /// <summary>Notes what is known now.</summary>
    public void Set(long topic, long sequence) => known[topic] = sequence;

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', known.Select(k => string.Create(CultureInfo.InvariantCulture, $"{k.Key}={k.Value}")));

    private static long? Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
