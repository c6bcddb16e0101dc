using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Workers.Children;
using ExampleMlFarm.Workers.Reporting;

namespace ExampleMlFarm.Workers.Processes;

/// <summary>
/// What a worker process that was killed leaves to be done: its unacknowledged reports are sent in its name, the items that it did not cook at that
/// moment are handed back so that only the others are suspected, and the programs it had started are ended.
/// </summary>
public static class Salvage
{
    /// <summary>
    /// Messages to the runs, in the name of the dead worker. They must arrive before the run is told that the worker is gone.
    /// </summary>
    public static IReadOnlyList<KeyValuePair<RunId, WorkerMessage>> Messages(WorkerFolders folders)
    {
        var reports = new SortedDictionary<long, List<LeaseReport>>();
        var finished = new HashSet<(RunId, LeaseId)>();
        foreach (var left in Outbox.Read(folders.Outbox))
        {
            LeaseReport report;
            // A report that cannot be read any more is a report that was never made.
            try { report = ReportBytes.Read(left.Report); }
            catch (FarmException) { break; }
            Of(left.Run).Add(report);
            if (report.Finished) finished.Add((left.Run, report.Lease));
        }
        foreach (var note in SlotBoard.Read(folders.Slots))
        {
            if (finished.Contains((note.Run, note.Lease))) continue;
            var innocent = new RangeSet(note.Items);
            if (note.Current >= 0) innocent.Remove(ItemRange.One(note.Current));
            // What was reported of the lease stays reported.
            foreach (var report in Of(note.Run).Where(r => r.Lease == note.Lease))
                foreach (var result in report.Results) innocent.Remove(result.Items);
            if (innocent.IsEmpty) continue;
            long sequence = Of(note.Run).Count == 0 ? long.MaxValue / 2 : Of(note.Run)[^1].Sequence + 1;
            Of(note.Run).Add(new(note.Lease, sequence, [.. innocent.Select(r => new ItemResult(r, ResultKind.Returned))], Finished: false));
        }
        return [.. reports.Where(r => r.Value.Count > 0).Select(r => KeyValuePair.Create(new RunId(r.Key), new WorkerMessage(folders.Id, r.Value, [], 0, 0)))];

        List<LeaseReport> Of(RunId run)
        {
            if (!reports.TryGetValue(run.Value, out var list)) reports[run.Value] = list = [];
            return list;
        }
    }

    /// <summary>Ends every program that the worker had started and that still runs; returns how many.</summary>
    public static int EndSurvivors(WorkerFolders folders)
    {
        int ended = 0;
        for (int look = 0; look < 8; look++)
        {
            var found = ProcessTree.FindMarked(folders.Mark + "/");
            foreach (int pid in found) ProcessTree.Kill(pid, null);
            if (found.Count == 0) break;
            ended += look == 0 ? found.Count : 0;
        }
        return ended;
    }

    /// <summary>Removes what the worker kept for itself.</summary>
    public static void RemoveFolder(WorkerFolders folders)
    {
        if (Directory.Exists(folders.Worker)) Directory.Delete(folders.Worker, recursive: true);
    }
}
