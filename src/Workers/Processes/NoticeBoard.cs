namespace ExampleMlFarm.Workers.Processes;

/// <summary>
/// What the workers of one owner say of troubles that they share, each trouble once: it begins with the first worker that has it and is over with the last.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
/// <param name="tell">Hears each beginning and each end.</param>
public sealed class NoticeBoard(Action<Notice> tell)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, HashSet<string>> troubled = new(StringComparer.Ordinal);

    /// <summary>A worker says something.</summary>
    public void Take(string worker, Notice notice)
    {
        lock (gate)
        {
            if (!troubled.TryGetValue(notice.Topic, out var workers)) workers = [];
            if (notice.IsOver ? !workers.Remove(worker) || workers.Count > 0 : !workers.Add(worker) || workers.Count > 1) return;
            if (notice.IsOver) troubled.Remove(notice.Topic);
            else troubled[notice.Topic] = workers;
        }
        tell(notice);
    }

    /// <summary>A worker is gone, and its troubles with it. Whether the others' are over, they say themselves.</summary>
    public void Forget(string worker)
    {
        lock (gate)
            foreach (var (topic, workers) in troubled.ToList())
                if (workers.Remove(worker) && workers.Count == 0) troubled.Remove(topic);
    }
}
