using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Workers;

/// <summary>Where a worker keeps things, all of it below the farm's state folder.</summary>
public sealed record WorkerFolders(string State, WorkerId Id)
{
    /// <summary>All workers' folders.</summary>
    public static string AllWorkers(string state) => Path.Combine(state, "workers");

    /// <summary>This worker's own: outbox, note of what cooks, scratch. Gone when it ends well.</summary>
    public string Worker => Path.Combine(AllWorkers(State), Id.Value);

    /// <summary>Unacknowledged reports.</summary>
    public string Outbox => Path.Combine(Worker, "outbox");

    /// <summary>What each slot cooks, as shared memory.</summary>
    public string Slots => Path.Combine(Worker, "slots");

    /// <summary>Who this worker is at a farm elsewhere, and which process: for whoever clears up after it. Readable by the owner alone.</summary>
    public string Session => Path.Combine(Worker, "session");

    /// <summary>Logs of all attempts.</summary>
    public string Logs => Path.Combine(State, "logs");

    /// <summary>Partial states of items.</summary>
    public string Checkpoints => Path.Combine(State, "checkpoints");

    /// <summary>Artifacts.</summary>
    public string Artifacts => Path.Combine(State, "artifacts");

    /// <summary>Files that recipes name, as they were, under their own names.</summary>
    public string Kept => Path.Combine(State, "files");

    /// <summary>The mark in the environment of programs this worker starts.</summary>
    public string Mark => MarkOf(State, Id.Value);

    /// <summary>The mark of one slot.</summary>
    public string MarkOfSlot(int slot) => $"{Mark}/{slot}";

    /// <summary>The mark of a worker: its folder, since names of workers may repeat between farms of one machine.</summary>
    public static string MarkOf(string state, string worker) => Path.Combine(AllWorkers(Path.GetFullPath(state)), worker);
}
