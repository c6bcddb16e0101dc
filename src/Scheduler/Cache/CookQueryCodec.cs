using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Scheduler.Cache;

/// <summary>Bytes of questions to the cook cache, of its answers, and of lists of artifacts.</summary>
public static class CookQueryCodec
{
    private const byte Version = 1;

    /// <summary>Queries as bytes.</summary>
    public static byte[] Encode(IReadOnlyList<CookQuery> queries)
    {
        var to = new WireWriter();
        to.Byte(Version);
        to.List(queries, static (w, q) =>
        {
            w.Hash(q.KeyBase);
            w.Count(q.Start);
            w.Count(q.Count);
        });
        return to.ToArray();
    }

    /// <summary>Reads queries; <c>wire.corrupt</c> when the bytes are none.</summary>
    public static IReadOnlyList<CookQuery> DecodeQueries(ReadOnlySpan<byte> bytes)
    {
        var from = new WireReader(bytes);
        from.Version(Version, "a cook query");
        var queries = from.List(static (ref WireReader r) => new CookQuery(r.Hash(), r.Count(), r.Count()), 34);
        from.End("a cook query");
        return queries;
    }

    /// <summary>Answers as bytes: one list of results for each query, in their order.</summary>
    public static byte[] Encode(IReadOnlyList<IReadOnlyList<ItemResult>> answers)
    {
        var to = new WireWriter();
        to.Byte(Version);
        to.List(answers, static (w, answer) => w.List(answer, ResultCodec.Write));
        return to.ToArray();
    }

    /// <summary>Reads answers; <c>wire.corrupt</c> when the bytes are none.</summary>
    public static IReadOnlyList<IReadOnlyList<ItemResult>> DecodeAnswers(ReadOnlySpan<byte> bytes)
    {
        var from = new WireReader(bytes);
        from.Version(Version, "a cook answer");
        var answers = from.List(static (ref WireReader r) => r.List(ResultCodec.Read, 4));
        from.End("a cook answer");
        return answers;
    }

    /// <summary>Artifact names as bytes: 32 each, one after the other.</summary>
    public static byte[] Encode(IReadOnlyList<ContentHash> artifacts)
    {
        var bytes = new byte[32 * artifacts.Count];
        for (int i = 0; i < artifacts.Count; i++) artifacts[i].CopyTo(bytes.AsSpan(32 * i));
        return bytes;
    }

    /// <summary>Reads artifact names.</summary>
    public static IReadOnlyList<ContentHash> DecodeArtifacts(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % 32 != 0) throw Core.FarmException.Invalid("wire.corrupt", $"{bytes.Length} bytes are no list of SHA-256 of 32 bytes each.");
        var artifacts = new ContentHash[bytes.Length / 32];
        for (int i = 0; i < artifacts.Length; i++) artifacts[i] = new(bytes.Slice(32 * i, 32));
        return artifacts;
    }
}
