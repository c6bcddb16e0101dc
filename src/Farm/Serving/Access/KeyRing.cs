using System.Collections.Concurrent;
using System.Net;

namespace ExampleMlFarm.Farm.Serving.Access;

/// <summary>What became of a key that somebody showed.</summary>
/// <param name="Key">The stored key; null when it is not good.</param>
/// <param name="Wait">How long the caller has to wait, when he showed too many wrong ones.</param>
internal readonly record struct KeyVerdict(StoredKey? Key, TimeSpan? Wait);

/// <summary>
/// Tells good keys from wrong ones. A good key is remembered for <see cref="Trusted"/>, so that a busy worker does not cost a query per call; a key that is revoked on another
/// server ends that much later, and one that is revoked here at once.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
internal sealed class KeyRing(IKeyStore store, TimeProvider time)
{
    /// <summary>How long a good key is taken for good without a look.</summary>
    public static readonly TimeSpan Trusted = TimeSpan.FromSeconds(2);

    private const int MostRemembered = 10_000;
    private static readonly TimeSpan BetweenTouches = TimeSpan.FromMinutes(1);

    // An id that does not exist must take as long as one that does.
    private static readonly StoredKey Nobody = new("", "", FarmRole.Viewer, new byte[32], default, "");

    private readonly ConcurrentDictionary<string, (ApiKey Key, StoredKey Stored, long At)> good = new(StringComparer.Ordinal);
    private readonly WrongKeys wrong = new(time);

    /// <summary>Looks at a key.</summary>
    public KeyVerdict Verify(string text, IPAddress from)
    {
        bool isKey = ApiKey.TryParse(text, out var key);
        if (isKey && good.TryGetValue(key!.Id, out var known) && time.GetElapsedTime(known.At) < Trusted && key.Is(known.Stored)) return new(known.Stored, null);
        if (wrong.Wait(from) is { } wait) return new(null, wait);
        var stored = isKey ? store.Find(key!.Id) : null;
        bool matches = isKey && key!.Is(stored ?? Nobody);
        if (stored is null || !matches || stored.Revoked is not null)
        {
            if (isKey) good.TryRemove(key!.Id, out _);
            wrong.Add(from);
            return new(null, null);
        }
        if (good.Count >= MostRemembered) good.Clear();
        good[stored.Id] = (key!, stored, time.GetTimestamp());
        Touch(stored);
        return new(stored, null);
    }

    /// <summary>Forgets what is remembered of a key, because it has ended.</summary>
    public void Forget(string id) => good.TryRemove(id, out _);

    private void Touch(StoredKey stored)
    {
        var now = time.GetUtcNow();
        // When a key was last used is for people; a write that fails is told by the writes that matter.
        if (stored.LastUsed is null || now - stored.LastUsed >= BetweenTouches) _ = store.Touch(stored.Id, now).ContinueWith(static t => t.Exception, TaskScheduler.Default);
    }
}
