using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ExampleMlFarm.Core;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Farm.Serving.Access;

/// <summary>An API key as it is stored: never its secret.</summary>
/// <param name="Id">Public part of the key.</param>
/// <param name="Name">Whose it is; changes are signed with it.</param>
/// <param name="Role">What it may do.</param>
/// <param name="SecretHash">SHA-256 of the secret, 32 bytes.</param>
/// <param name="Created">When.</param>
/// <param name="CreatedBy">By whom.</param>
internal sealed record StoredKey(string Id, string Name, FarmRole Role, byte[] SecretHash, DateTimeOffset Created, string CreatedBy)
{
    /// <summary>When it ended; null while it is good.</summary>
    [JsonIgnore]
    public DateTimeOffset? Revoked { get; init; }

    /// <summary>When it was last used, to the minute; null when it never was.</summary>
    [JsonIgnore]
    public DateTimeOffset? LastUsed { get; init; }
}

/// <summary>Where keys are kept: the farm's store, or a record of it in tests.</summary>
internal interface IKeyStore
{
    /// <summary>One key; null when there is none of this id.</summary>
    StoredKey? Find(string id);

    /// <summary>Notes when a key was last used.</summary>
    Task Touch(string id, DateTimeOffset at);
}

/// <summary>
/// Keys among the named values of the farm's store, and with it those of all servers. That a key was made, that it ended and when it was used are values of their own: a use that
/// is noted at the same time cannot bring an ended key back.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
internal sealed class KeyStore(IFarmStore store) : IKeyStore
{
    private const string Made = "key/", Ended = "key-ended/", Used = "key-used/";

    /// <summary>All keys, ended ones too, oldest first.</summary>
    public IReadOnlyList<StoredKey> All()
    {
        var (ended, used) = (Times(Ended), Times(Used));
        return [.. store.Kept(Made).Select(k => Read(k.Value)).OrderBy(k => k.Created).ThenBy(k => k.Id, StringComparer.Ordinal)
            .Select(k => k with { Revoked = ended.TryGetValue(k.Id, out var e) ? e : null, LastUsed = used.TryGetValue(k.Id, out var u) ? u : null })];
    }

    /// <inheritdoc/>
    public StoredKey? Find(string id)
    {
        // What is asked for are all names that begin so; an id that is none would be the beginning of others.
        if (!ApiKey.IsId(id) || store.Kept(Made + id) is not [var made]) return null;
        return Read(made.Value) with { Revoked = Time(Ended + id), LastUsed = Time(Used + id) };
    }

    /// <summary>Keeps a key.</summary>
    public async Task Add(StoredKey key)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(key, StoredKeyJson.Default.StoredKey);
        byte[] kept = await store.Keep(Made + key.Id, bytes);
        if (!kept.AsSpan().SequenceEqual(bytes)) throw new FarmException(new(FailureClass.Transient, "key.taken", $"there is a key {key.Id} already; try again"));
    }

    /// <summary>Ends a key for good; one that has ended stays as it is.</summary>
    public Task Revoke(string id, DateTimeOffset at) => store.Keep(Ended + id, Write(at));

    /// <inheritdoc/>
    public Task Touch(string id, DateTimeOffset at) => store.Keep(Used + id, Write(at), replace: true);

    private DateTimeOffset? Time(string name) => store.Kept(name) is [var value] ? Time(value.Value) : null;

    private Dictionary<string, DateTimeOffset> Times(string prefix) => store.Kept(prefix).ToDictionary(k => k.Key[prefix.Length..], k => Time(k.Value), StringComparer.Ordinal);

    private static byte[] Write(DateTimeOffset at) => System.Text.Encoding.ASCII.GetBytes(at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));

    private static DateTimeOffset Time(byte[] value) => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(value, CultureInfo.InvariantCulture));

    private static StoredKey Read(byte[] value) => JsonSerializer.Deserialize(value, StoredKeyJson.Default.StoredKey)!;
}

/// <summary>How a key is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(StoredKey))]
internal sealed partial class StoredKeyJson : JsonSerializerContext;
