using ExampleMlFarm.Workers.Children;

namespace ExampleMlFarm.Workers.Processes;

/// <summary>
/// Ends this process together with the one that started it, however that ended: the kernel's death signal comes first, and the end of standard input
/// is the second way, for parents whose starting thread ended early or that are no direct parents.
/// </summary>
public static class ParentWatch
{
    /// <summary>
    /// Begins to watch. The death signal is SIGTERM, so that a worker may still hand back its leases.
    /// </summary>
    /// <param name="parent">Process id of the starter; if it is gone already the token is cancelled at once.</param>
    /// <param name="input">Standard input, of which the starter holds the other end.</param>
    /// <returns>Cancelled when the parent has ended.</returns>
    public static CancellationToken Begin(int parent, Stream input)
    {
        var gone = new CancellationTokenSource();
        _ = Native.prctl(Native.ParentDeathSignal, Native.SigTerm, 0, 0, 0);
        // Between fork and prctl the parent may have ended: then no signal will come.
        if (Native.getppid() != parent) gone.Cancel();
        var thread = new Thread(() =>
        {
            var buffer = new byte[16];
            try
            {
                while (input.Read(buffer) > 0) { }
            }
            catch (IOException) { /* As good as the end. */ }
            gone.Cancel();
        }) { IsBackground = true, Name = "parent watch" };
        thread.Start();
        return gone.Token;
    }

    /// <summary>Adopts orphans of this process, so that what a program leaves behind can be found and is waited for.</summary>
    public static void AdoptOrphans() => _ = Native.prctl(Native.ChildSubreaper, 1, 0, 0, 0);
}
