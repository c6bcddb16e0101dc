namespace ExampleMlFarm.Workers.Leases;

/// <summary>
/// Tells a loop that something has changed since it last looked. The loop takes the task first and looks then, so that no change falls between.
/// </summary>
/// <remarks>Safe for several threads; one loop waits.</remarks>
public sealed class WakeSignal
{
    private TaskCompletionSource changed = New();

    /// <summary>Something has changed.</summary>
    public void Set() => Volatile.Read(ref changed).TrySetResult();

    /// <summary>Completes with the first change after this call; a change before it counts as seen.</summary>
    public Task Next()
    {
        if (Volatile.Read(ref changed).Task.IsCompleted) Volatile.Write(ref changed, New());
        return changed.Task;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
