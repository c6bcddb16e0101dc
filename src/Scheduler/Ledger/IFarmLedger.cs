using ExampleMlFarm.Core;

namespace ExampleMlFarm.Scheduler.Ledger;

/// <summary>
/// What a served farm remembers beside its runs: API keys, who changed what, and what was answered to calls that may come twice. It does not know what a role may do.
/// </summary>
/// <remarks>Safe for several threads. A task that a write returns completes when the bytes are durable, and throws <see cref="FarmException"/> otherwise.</remarks>
public interface IFarmLedger
{
    /// <summary>All keys, revoked ones too, oldest first.</summary>
    IReadOnlyList<StoredKey> Keys();

    /// <summary>One key; null when there is none of this id.</summary>
    StoredKey? FindKey(string id);

    /// <summary>Keeps a key.</summary>
    Task AddKey(StoredKey key);

    /// <summary>Ends a key for good; one that has ended stays as it is.</summary>
    Task RevokeKey(string id, DateTimeOffset at);

    /// <summary>Notes when a key was last used.</summary>
    Task TouchKey(string id, DateTimeOffset at);

    /// <summary>Changes with a number below <paramref name="before"/> (null = all), newest first, at most <paramref name="count"/>.</summary>
    IReadOnlyList<AuditLine> Audit(long? before, int count);

    /// <summary>Writes down a change.</summary>
    Task Record(AuditEntry entry);

    /// <summary>What was answered to the call of this token; null when it was not heard before.</summary>
    KeptAnswer? FindAnswer(string token);

    /// <summary>Keeps an answer; the first one under a token stays.</summary>
    Task KeepAnswer(string token, KeptAnswer answer);
}

/// <summary>An API key as it is stored: never its secret.</summary>
/// <param name="Id">Public part of the key.</param>
/// <param name="Name">Whose it is; changes are signed with it.</param>
/// <param name="Role">What it may do; the server knows the words.</param>
/// <param name="SecretHash">SHA-256 of the secret, 32 bytes.</param>
/// <param name="Created">When.</param>
/// <param name="CreatedBy">By whom.</param>
public sealed record StoredKey(string Id, string Name, string Role, byte[] SecretHash, DateTimeOffset Created, string CreatedBy)
{
    /// <summary>When it ended; null while it is good.</summary>
    public DateTimeOffset? Revoked { get; init; }

    /// <summary>When it was last used, to the minute; null when it never was.</summary>
    public DateTimeOffset? LastUsed { get; init; }
}

/// <summary>A change that somebody made.</summary>
/// <param name="At">When.</param>
/// <param name="Who">Name of the key, or of whoever came without one.</param>
/// <param name="From">Network address of the caller.</param>
/// <param name="What">What was done: <c>retry</c>, <c>key.create</c>.</param>
/// <param name="Target">To what: an address, the id of a key.</param>
/// <param name="Reason">Why; may be empty.</param>
/// <param name="Before">What stood before; may be empty.</param>
/// <param name="After">What stands now; may be empty.</param>
public sealed record AuditEntry(DateTimeOffset At, string Who, string From, string What, string Target, string Reason, string Before, string After);

/// <summary>A change with its number, counted from 1.</summary>
public sealed record AuditLine(long Number, AuditEntry Entry);

/// <summary>An answer that is given again when the same call comes again.</summary>
/// <param name="BodyHash">SHA-256 of what was asked: another question under the same token is a mistake.</param>
/// <param name="At">When.</param>
/// <param name="Payload">The answer.</param>
public sealed record KeptAnswer(byte[] BodyHash, DateTimeOffset At, byte[] Payload);
