using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Scheduler.Hosting;

namespace ExampleMlFarm.Farm.Sessions;

/// <summary>
/// A folder's farm that another process serves, for a command that must not hang: when that process ends, or does not answer, calls end within seconds and
/// say what to do. It follows a farm that is started again.
/// </summary>
internal sealed class LiveFarm : IAsyncDisposable
{
    /// <summary>A farm answers in milliseconds; one that did not in this time will not.</summary>
    private static readonly TimeSpan UntilAnswer = TimeSpan.FromSeconds(5);

    /// <summary>Time in which a farm that was killed may be started again before the command gives up.</summary>
    private static readonly TimeSpan UntilBack = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    private readonly ProjectFolder project;
    private readonly FarmConnection connection;
    private readonly TimeProvider time;

    private LiveFarm(ProjectFolder project, FarmConnection connection, TimeProvider time) => (this.project, this.connection, this.time) = (project, connection, time);

    /// <summary>The run that this command is about, for what to do next; null while there is none.</summary>
    public RunId? Run { get; set; }

    /// <summary>True when no process has the folder's farm any more.</summary>
    public bool IsGone => FarmConnection.TryFindEndpoint(project.Root) is null;

    /// <summary>Connects to the farm of a project; null when none works on it.</summary>
    /// <exception cref="CliException">Its process lives, but does not answer.</exception>
    public static async Task<LiveFarm?> Join(ProjectFolder project, TimeProvider time, CancellationToken cancellation)
    {
        if (FarmConnection.TryFindEndpoint(project.Root) is not { } endpoint) return null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var connecting = FarmConnection.Connect(project.Root, UntilAnswer.TotalSeconds, limit.Token);
        try { return new(project, await connecting.WaitAsync(UntilAnswer, time, cancellation), time); }
        catch (Exception e) when (e is TimeoutException or FarmException { Failure.Code: "farm.unreachable" })
        {
            await limit.CancelAsync();
            if (FarmConnection.TryFindEndpoint(project.Root) is null) return null;
            throw Silent(project, endpoint);
        }
    }

    /// <summary>Calls a grain.</summary>
    /// <param name="call">The call; it may be made twice.</param>
    /// <param name="within">The longest an answer may take; null for work that takes as long as it takes.</param>
    /// <param name="cancellation">Ctrl+C.</param>
    /// <exception cref="CliException">The farm ended, or does not answer.</exception>
    public async Task<T> Call<T>(Func<IGrainFactory, Task<T>> call, TimeSpan? within, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var calling = connection.Call(call, over.Token);
        long begun = time.GetTimestamp();
        long? gone = null;
        try
        {
            while (await Task.WhenAny(calling, Task.Delay(BetweenLooks, time, cancellation)) != calling)
            {
                cancellation.ThrowIfCancellationRequested();
                if (FarmConnection.TryFindEndpoint(project.Root) is not { } endpoint)
                {
                    gone ??= time.GetTimestamp();
                    if (time.GetElapsedTime(gone.Value) >= UntilBack) throw Gone();
                    continue;
                }
                gone = null;
                if (within is { } longest && time.GetElapsedTime(begun) > longest) throw Silent(project, endpoint);
            }
            return await calling;
        }
        catch (FarmException e) when (e.Failure.Code == "farm.unreachable")
        {
            throw FarmConnection.TryFindEndpoint(project.Root) is { } endpoint ? Silent(project, endpoint) : Gone();
        }
        finally { await over.CancelAsync(); }
    }

    /// <summary>As <see cref="Call{T}"/>, for what a farm answers at once.</summary>
    public Task<T> Ask<T>(Func<IGrainFactory, Task<T>> call, CancellationToken cancellation) => Call(call, 3 * UntilAnswer, cancellation);

    /// <summary>Lets go of it. A farm that is gone is not waited for.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAny(connection.DisposeAsync().AsTask(), Task.Delay(TimeSpan.FromSeconds(1), time));

    private CliException Gone() => new(ExitCode.Unreachable, $"the farm that worked on {project.Root} is gone: its process has ended",
        $"what it acknowledged is kept; go on with: mlfarm resume{(Run is { } run ? $" {run}" : "")}");

    private static CliException Silent(ProjectFolder project, FarmEndpoint endpoint)
    {
        string process = endpoint.Process.Split('-') is [_, var pid, ..] ? pid : endpoint.Process;
        return new(ExitCode.Unreachable, $"process {process} has the farm of {project.Root} open, but does not answer",
            $"wait for it, or end it with: kill {process}\nwhat it acknowledged is kept; go on then with: mlfarm resume");
    }
}
