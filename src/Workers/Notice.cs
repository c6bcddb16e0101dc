namespace ExampleMlFarm.Workers;

/// <summary>
/// Something about a worker that whoever waits for its work should know: no item's failure, but the reason why nothing moves. It stands until it is
/// over.
/// </summary>
/// <param name="Topic">What it is about; workers with the same topic have the same trouble.</param>
/// <param name="Text">One line for people.</param>
/// <param name="IsOver">True when the trouble is gone.</param>
public sealed record Notice(string Topic, string Text, bool IsOver)
{
    private const string Prefix = "mlfarm-notice\t";

    /// <summary>As a line between a worker process and the one that started it.</summary>
    public string ToLine() => $"{Prefix}{(IsOver ? "over" : "begins")}\t{Plain(Topic)}\t{Plain(Text)}";

    /// <summary>Reads such a line; null for all others.</summary>
    public static Notice? Parse(string line)
    {
        if (!line.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var parts = line.Split('\t', 4);
        return parts.Length == 4 ? new(parts[2], parts[3], parts[1] == "over") : null;
    }

    private static string Plain(string text) => text.ReplaceLineEndings(" ").Replace('\t', ' ');
}
