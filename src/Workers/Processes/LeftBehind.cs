using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Workers.Links;
using ExampleMlFarm.Workers.Links.Http;
using ExampleMlFarm.Workers.Logs;
using Microsoft.Extensions.Logging;

namespace ExampleMlFarm.Workers.Processes;

/// <summary>
/// What workers left in a folder when they were killed, delivered in their names by the next worker there: reports with their outputs, logs, and the word that they are
/// gone. The folder is held by one worker at a time, so all others in it are dead.
/// </summary>
internal static partial class LeftBehind
{
    /// <summary>Notes who the worker is, for whoever comes after it.</summary>
    public static void Remember(WorkerFolders folders, SessionWords session)
    {
        Directory.CreateDirectory(folders.Worker, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(folders.Session, session.ToHeader());
    }

    /// <summary>Delivers what can be delivered; what cannot now stays for the next time.</summary>
    public static async Task Deliver(string state, FarmClient client, WorkerTraits traits, ArtifactStore store, ILogger log, CancellationToken stop)
    {
        if (!Directory.Exists(WorkerFolders.AllWorkers(state))) return;
        foreach (var path in Directory.GetDirectories(WorkerFolders.AllWorkers(state)))
        {
            var folders = new WorkerFolders(state, new(Path.GetFileName(path)));
            Salvage.EndSurvivors(folders);
            try
            {
                if (File.Exists(folders.Session) && (await File.ReadAllTextAsync(folders.Session, stop)).Split(' ') is [var name, var token] && name == folders.Id.Value)
                    await Deliver(folders, client, new(name, token), traits, store, log, stop);
                Salvage.RemoveFolder(folders);
            }
            catch (FarmUnreachableException e) { NotDelivered(log, folders.Id.Value, e.Message); }
        }
    }

    /// <summary>Removes the worker's log files, which the farm has.</summary>
    public static void RemoveLogs(WorkerFolders folders)
    {
        if (!Directory.Exists(folders.Logs)) return;
        foreach (var file in Directory.GetFiles(folders.Logs, $"{folders.Id}-*", SearchOption.AllDirectories)) File.Delete(file);
    }

    private static async Task Deliver(WorkerFolders folders, FarmClient client, SessionWords session, WorkerTraits traits, ArtifactStore store, ILogger log, CancellationToken stop)
    {
        var link = new HttpLink(client, session, traits, store, TimeProvider.System, log);
        foreach (var (run, message) in Salvage.Messages(folders))
        {
            try { await link.Exchange(run, message, stop); }
            catch (RunGoneException) { }
        }
        try { await client.Post("worker/exit?crashed=true", [], session, null, stop); }
        // Another farm by now: nobody there waits for this worker.
        catch (FarmException) { return; }
        if (await new LogSender(client, session, folders.Logs).Send(stop)) RemoveLogs(folders);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "what worker {Worker} left cannot be delivered now: {Reason}")]
    private static partial void NotDelivered(ILogger log, string worker, string reason);
}
