using System.Diagnostics;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Workers.Leases;
using Microsoft.Extensions.Logging;

namespace ExampleMlFarm.Workers.Processes;

/// <summary>What the owner of local workers has to be told, and whom it tells: the grains in the program, a record in tests.</summary>
public interface IFarewells
{
    /// <summary>A message in the name of a worker that is gone.</summary>
    Task Exchange(RunId run, WorkerMessage message);

    /// <summary>The worker's process has ended, by itself or against its will.</summary>
    Task Exited(WorkerId worker, bool crashed);
}

/// <summary>
/// Worker processes of this machine that live and die with this one. Watches them: what a dead one left is salvaged and the farm is told at once, and
/// another takes its place, later each time it dies young.
/// </summary>
/// <remarks>
/// Each process has a thread that starts it and waits for it, since the kernel's parent-death signal follows the thread that forked.
/// A worker that crashes takes nothing else down.
/// </remarks>
public sealed partial class LocalWorkers : IAsyncDisposable
{
    private const double GrownUpSeconds = 30;
    private readonly string program;
    private readonly IReadOnlyList<string> programArguments;
    private readonly WorkerStart start;
    private readonly IFarewells farewells;
    private readonly ILogger log;
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private readonly Dictionary<int, Process> alive = [];
    private readonly NoticeBoard notices;
    private readonly Task[] places;

    /// <summary>Starts worker processes.</summary>
    /// <param name="program">The program, such as the one that runs now.</param>
    /// <param name="programArguments">Its arguments up to and including <c>worker start</c>.</param>
    /// <param name="processes">How many processes.</param>
    /// <param name="start">What each of them is told; <see cref="WorkerStart.Parent"/> is filled in.</param>
    /// <param name="farewells">Whom to tell.</param>
    /// <param name="log">The log of this process.</param>
    public LocalWorkers(string program, IReadOnlyList<string> programArguments, int processes, WorkerStart start, IFarewells farewells, ILogger log)
    {
        this.program = program;
        this.programArguments = programArguments;
        this.start = start with { Parent = Environment.ProcessId };
        this.farewells = farewells;
        this.log = log;
        notices = new(notice => Told(log, notice.Text));
        places = [.. Enumerable.Range(0, processes).Select(Place)];
    }

    /// <summary>Process ids of the workers that live now.</summary>
    public IReadOnlyList<int> ProcessIds
    {
        get { lock (gate) return [.. alive.Keys]; }
    }

    /// <summary>
    /// Clears up after workers of earlier lives of this folder: ends programs that they left running, and removes their folders. Their leases are already lost to
    /// them, for a farm that starts knows that their processes are gone.
    /// </summary>
    public static int CleanUp(string folder)
    {
        int ended = 0;
        string state = FarmEndpoint.FarmFolder(folder), all = WorkerFolders.AllWorkers(state);
        if (!Directory.Exists(all)) return 0;
        foreach (var path in Directory.GetDirectories(all))
        {
            var folders = new WorkerFolders(state, new(Path.GetFileName(path)));
            if (!WorkerName.IsGone(folders.Id)) continue;
            ended += Salvage.EndSurvivors(folders);
            Salvage.RemoveFolder(folders);
        }
        return ended;
    }

    /// <summary>Asks all workers to end (SIGTERM by closing their input), and after a while makes them.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        lock (gate)
            foreach (var process in alive.Values) _ = Children.Native.kill(process.Id, Children.Native.SigTerm);
        var all = Task.WhenAll(places);
        if (await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(Limits.LeaveSeconds + 2))) != all)
        {
            lock (gate)
                foreach (var process in alive.Values) _ = Children.Native.kill(process.Id, Children.Native.SigKill);
            await all;
        }
        stopping.Dispose();
    }

    private Task Place(int number)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                for (int young = 0; !stopping.IsCancellationRequested;)
                {
                    long begun = Stopwatch.GetTimestamp();
                    Live(number);
                    young = Stopwatch.GetElapsedTime(begun).TotalSeconds > GrownUpSeconds ? 0 : young + 1;
                    if (!stopping.IsCancellationRequested && young > 1) stopping.Token.WaitHandle.WaitOne(BackOff.After(young));
                }
                ended.SetResult();
            }
#pragma warning disable CA1031 // A thread must not take the process down; whoever disposes of the workers sees it.
            catch (Exception e) { ended.SetException(e); }
#pragma warning restore CA1031
        }) { IsBackground = true, Name = $"worker process {number}" };
        thread.Start();
        return ended.Task;
    }

    private void Live(int number)
    {
        var info = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        foreach (var argument in programArguments.Concat(start.ToArguments())) info.ArgumentList.Add(argument);
        foreach (var name in new[] { "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS" }) info.Environment[name] = "1";
        Process process;
        try { process = Process.Start(info)!; }
        catch (System.ComponentModel.Win32Exception e)
        {
            NotStarted(log, program, e.Message);
            stopping.Token.WaitHandle.WaitOne(BackOff.After(10));
            return;
        }
        using (process)
        {
            var id = WorkerName.OfProcess(process.Id);
            lock (gate) alive[process.Id] = process;
            // Stopping may have been asked for between the last look and the start.
            if (stopping.IsCancellationRequested) _ = Children.Native.kill(process.Id, Children.Native.SigTerm);
            using (var words = new WorkerWords(Path.Combine(FarmEndpoint.FarmFolder(start.Folder), "logs", "workers", $"{id}.log")))
            {
                DataReceivedEventHandler write = (_, line) =>
                {
                    if (line.Data is null) return;
                    if (Notice.Parse(line.Data) is { } notice) notices.Take(id.Value, notice);
                    else words.Write(line.Data);
                };
                process.OutputDataReceived += write;
                process.ErrorDataReceived += write;
                process.BeginOutputReadLine();
                process.BeginErrorReadLine();
                // With a limit, only the process is waited for: a program that outlives it may hold its output open.
                while (!process.WaitForExit(int.MaxValue)) { }
                process.OutputDataReceived -= write;
                process.ErrorDataReceived -= write;
            }
            notices.Forget(id.Value);
            lock (gate) alive.Remove(process.Id);
            bool crashed = process.ExitCode is not (WorkerMain.Ended or WorkerMain.ItemStuck or WorkerMain.NoFarm) && !stopping.IsCancellationRequested;
            if (crashed) Crashed(log, id.Value, process.ExitCode);
            Bury(new(FarmEndpoint.FarmFolder(start.Folder), id), crashed).GetAwaiter().GetResult();
        }
    }

    private async Task Bury(WorkerFolders folders, bool crashed)
    {
        Salvage.EndSurvivors(folders);
        foreach (var (run, message) in Salvage.Messages(folders))
        {
            // Whatever the run answers is for a worker that is gone.
            try { await farewells.Exchange(run, message); }
#pragma warning disable CA1031 // Salvage is a favour: without it the items are cooked again.
            catch (Exception e) { NotSalvaged(log, folders.Id.Value, run, e.Message); }
#pragma warning restore CA1031
        }
        await farewells.Exited(folders.Id, crashed);
        Salvage.RemoveFolder(folders);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "a worker process cannot be started from {Program}: {Reason}")]
    private static partial void NotStarted(ILogger log, string program, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Notice}")]
    private static partial void Told(ILogger log, string notice);

    [LoggerMessage(Level = LogLevel.Warning, Message = "worker {Worker} ended with exit code {ExitCode}; another takes its place")]
    private static partial void Crashed(ILogger log, string worker, int exitCode);

    [LoggerMessage(Level = LogLevel.Warning, Message = "reports of worker {Worker} to run {RunId} are lost: {Reason}")]
    private static partial void NotSalvaged(ILogger log, string worker, RunId runId, string reason);
}
