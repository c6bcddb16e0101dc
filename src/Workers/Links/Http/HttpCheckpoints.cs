using ExampleMlFarm.Core;

namespace ExampleMlFarm.Workers.Links.Http;

/// <summary>
/// Partial states of items kept at the farm, so that another host goes on from them. They only save time: what cannot be sent or had is done without.
/// </summary>
/// <remarks>Safe for several threads. Of two states of an item that are saved at once the later one stays.</remarks>
public sealed class HttpCheckpoints(FarmClient client, SessionWords session)
{
    /// <summary>Larger ones stay on the host that made them: sending them every few seconds would take longer than they save.</summary>
    public const int MostBytes = 128 << 20;

    private readonly Lock gate = new();
    private readonly Dictionary<string, byte[]?> waiting = new(StringComparer.Ordinal);
    private Task sending = Task.CompletedTask;

    /// <summary>The file that the farm has; null when it has none or cannot be asked now.</summary>
    public byte[]? Get(string name)
    {
        try { return client.Get($"worker/checkpoints/{name}", session, null, CancellationToken.None).GetAwaiter().GetResult(); }
        catch (Exception e) when (e is FarmUnreachableException or FarmException) { return null; }
    }

    /// <summary>Sends a file soon, in place of any earlier one. Nobody waits for it.</summary>
    public void Put(string name, byte[] file)
    {
        if (file.Length <= MostBytes) Enqueue(name, file);
    }

    /// <summary>Has it removed: the item is cooked.</summary>
    public void Remove(string name) => Enqueue(name, null);

    /// <summary>Completes when all is sent that was to be sent up to now.</summary>
    public Task Sent()
    {
        lock (gate) return sending;
    }

    private void Enqueue(string name, byte[]? file)
    {
        lock (gate)
        {
            waiting[name] = file;
            if (sending.IsCompleted) sending = Task.Run(Send);
        }
    }

    private async Task Send()
    {
        while (true)
        {
            KeyValuePair<string, byte[]?> next;
            lock (gate)
            {
                // Still this task for whoever looks: a state that comes now starts another one.
                if (waiting.Count == 0)
                {
                    sending = Task.CompletedTask;
                    return;
                }
                next = waiting.First();
                waiting.Remove(next.Key);
            }
            try
            {
                if (next.Value is { } file) await client.Put($"worker/checkpoints/{next.Key}", file, session, CancellationToken.None);
                else await client.Delete($"worker/checkpoints/{next.Key}", session, CancellationToken.None);
            }
            catch (Exception e) when (e is FarmUnreachableException or FarmException) { /* The next state of the item is as good. */ }
        }
    }
}
