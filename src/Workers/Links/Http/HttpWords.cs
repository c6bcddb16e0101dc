using System.Text.Json.Serialization;

namespace ExampleMlFarm.Workers.Links.Http;

/// <summary>A worker introduces itself.</summary>
/// <param name="Host">Its machine; becomes a part of its name.</param>
public sealed record RegisterWords(string Host);

/// <summary>What a worker is called from now on, and the proof that it is this worker.</summary>
/// <param name="Worker">Its name, chosen by the farm.</param>
/// <param name="Token">To be sent with every call; good for this name alone.</param>
public sealed record SessionWords(string Worker, string Token)
{
    /// <summary>The header that carries both, separated by a space.</summary>
    public const string Header = "Mlfarm-Worker";

    /// <summary>Value of the header.</summary>
    public string ToHeader() => $"{Worker} {Token}";
}

/// <summary>What a worker offers, and what it is busy with.</summary>
/// <param name="Host">Its machine.</param>
/// <param name="Pid">Its process.</param>
/// <param name="Pools">Pools it belongs to.</param>
/// <param name="Tags">Words about it that recipes may ask for, with a value or without.</param>
/// <param name="Slots">Items it cooks at once.</param>
/// <param name="Cpu">Cores.</param>
/// <param name="Gpu">GPUs.</param>
/// <param name="MemoryBytes">Memory; 0 = not stated.</param>
/// <param name="Custom">Further amounts.</param>
/// <param name="Facts">What was measured of the machine, for people.</param>
/// <param name="Uses">Slots that cook, by run.</param>
/// <param name="KnownVersion">Version of the grants it follows; 0 = none.</param>
/// <param name="WaitSeconds">The longest the answer may take.</param>
public sealed record OfferWords(string Host, int Pid, IReadOnlyList<string> Pools, IReadOnlyDictionary<string, string> Tags, int Slots, double Cpu, double Gpu, long MemoryBytes,
    IReadOnlyDictionary<string, double> Custom, IReadOnlyDictionary<string, string> Facts, IReadOnlyList<UseWords> Uses, long KnownVersion, double WaitSeconds);

/// <summary>Slots of a run: those that cook, or those that may.</summary>
public readonly record struct UseWords(long Run, int Slots);

/// <summary>What a worker shall work on.</summary>
public sealed record GrantWords(long Version, IReadOnlyList<UseWords> Grants, bool Stop);

/// <summary>How these are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RegisterWords))]
[JsonSerializable(typeof(SessionWords))]
[JsonSerializable(typeof(OfferWords))]
[JsonSerializable(typeof(GrantWords))]
public sealed partial class HttpWordsJson : JsonSerializerContext;
