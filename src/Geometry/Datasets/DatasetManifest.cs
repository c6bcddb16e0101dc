using System.Buffers;
using System.Text.Json;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Geometry.Contributions;

namespace ExampleMlFarm.Geometry.Datasets;

/// <summary>One file of rows, in key order.</summary>
public sealed record DatasetShard(string File, long FirstRow, int Rows, long SizeBytes, ContentHash Sha256);

/// <summary>A split with the rows that were dealt to it.</summary>
public sealed record DatasetSplit(string Name, double Proportion, long Rows);

/// <summary>An example that is not in the data set, and why.</summary>
public sealed record MissingExample(long Example, string Reason);

/// <summary>The content of <c>dataset.json</c>.</summary>
/// <remarks>
/// <see cref="Sha256"/> identifies the data set: it is the SHA-256 of this document without its <c>sha256</c> and without white
/// space, in the order in which it is written, and so covers the hash of every shard.
/// </remarks>
public sealed record DatasetManifest(
    long Rows, int InputWidth, int TargetWidth, ContributionList? InputContributions, ContributionList? TargetContributions,
    IReadOnlyList<DatasetShard> Shards, IReadOnlyList<DatasetSplit> Splits, IReadOnlyList<MissingExample> Excluded,
    IReadOnlyList<MissingExample> Failed, ulong Seed, string RecipeHash, IReadOnlyDictionary<string, string> Metadata)
{
    public const string FileName = "dataset.json";
    private const int Version = 1;
    private const string Format = "mlfarm.dataset";

    /// <summary>Identifies the data set; see the remarks.</summary>
    public ContentHash Sha256
    {
        get
        {
            var compact = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(compact)) WriteTo(json, null);
            return ContentHash.Of(compact.WrittenSpan);
        }
    }

    /// <summary>The document, indented for people.</summary>
    public byte[] ToJson()
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, new() { Indented = true, NewLine = "\n" })) WriteTo(json, Sha256);
        return [.. text.WrittenSpan, (byte)'\n'];
    }

    /// <exception cref="FarmException"><c>dataset.corrupt</c></exception>
    public static DatasetManifest FromJson(ReadOnlyMemory<byte> text, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new() { MaxDepth = 8 });
            var root = document.RootElement;
            if (root.GetProperty("format").GetString() != Format || root.GetProperty("version").GetInt32() != Version)
                throw new InvalidDataException($"it is not '{Format}' of version {Version}");
            var manifest = Read(root);
            manifest.Check();
            return ContentHash.TryParse(root.GetProperty("sha256").GetString(), out var stated) && stated == manifest.Sha256
                ? manifest
                : throw new InvalidDataException("its content does not match its sha256; it was edited or damaged");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException
            or InvalidDataException or OverflowException or FarmException)
        {
            throw new FarmException(Failure.Invalid("dataset.corrupt",
                $"'{source}' is not a readable data set description: {e.Message.TrimEnd('.')}. Cook the data set again."), e);
        }
    }

    private void Check()
    {
        var next = 0L;
        foreach (var shard in Shards)
        {
            // A name with a folder in it would reach outside the data set.
            if (shard.File.Length == 0 || shard.File != Path.GetFileName(shard.File) || shard.File is "." or "..")
                throw new InvalidDataException($"the shard name '{shard.File}' is not a plain file name");
            if (shard.FirstRow != next || shard.Rows < 0) throw new InvalidDataException($"shard '{shard.File}' does not begin at row {next}");
            next += shard.Rows;
        }
        if (next != Rows || InputWidth < 0 || TargetWidth < 0) throw new InvalidDataException($"its shards hold {next} rows, not {Rows}");
        if (Splits.Count is < 1 or > 255 || Splits.Sum(s => (decimal)s.Rows) != Rows) throw new InvalidDataException("its splits do not sum to its rows");
    }

    private static DatasetManifest Read(JsonElement root) => new(
        root.GetProperty("rows").GetInt64(),
        root.GetProperty("input").GetProperty("width").GetInt32(), root.GetProperty("target").GetProperty("width").GetInt32(),
        ReadContributions(root.GetProperty("input")), ReadContributions(root.GetProperty("target")),
        [.. root.GetProperty("shards").EnumerateArray().Select(s => new DatasetShard(Text(s, "file"), s.GetProperty("first_row").GetInt64(),
            s.GetProperty("rows").GetInt32(), s.GetProperty("size_bytes").GetInt64(),
            ContentHash.TryParse(Text(s, "sha256"), out var hash) ? hash : throw new FormatException("a sha256 is not 64 hexadecimal digits")))],
        [.. root.GetProperty("splits").EnumerateArray().Select(s =>
            new DatasetSplit(Text(s, "name"), s.GetProperty("proportion").GetDouble(), s.GetProperty("rows").GetInt64()))],
        ReadMissing(root.GetProperty("excluded")), ReadMissing(root.GetProperty("failed")),
        root.GetProperty("seed").GetUInt64(), Text(root, "recipe_hash"),
        new SortedDictionary<string, string>(root.GetProperty("metadata").EnumerateObject().DistinctBy(p => p.Name)
            .ToDictionary(p => p.Name, p => p.Value.GetString() ?? ""), StringComparer.Ordinal));

    private static ContributionList? ReadContributions(JsonElement component) =>
        component.GetProperty("contributions") is { ValueKind: not JsonValueKind.Null } list ? ContributionList.FromJson(list) : null;

    private static MissingExample[] ReadMissing(JsonElement list) =>
        [.. list.EnumerateArray().Select(e => new MissingExample(e.GetProperty("example").GetInt64(), Text(e, "reason")))];

    private static string Text(JsonElement element, string name) =>
        element.GetProperty(name).GetString() ?? throw new FormatException($"'{name}' is null");

    private void WriteTo(Utf8JsonWriter json, ContentHash? sha256)
    {
        json.WriteStartObject();
        json.WriteString("format", Format);
        json.WriteNumber("version", Version);
        if (sha256 is { } hash) json.WriteString("sha256", hash.ToString());
        json.WriteNumber("rows", Rows);
        WriteComponent(json, "input", InputWidth, InputContributions);
        WriteComponent(json, "target", TargetWidth, TargetContributions);
        json.WriteNumber("seed", Seed);
        json.WriteString("recipe_hash", RecipeHash);
        json.WriteStartObject("metadata");
        foreach (var (key, value) in Metadata.OrderBy(p => p.Key, StringComparer.Ordinal)) json.WriteString(key, value);
        json.WriteEndObject();
        json.WriteStartArray("splits");
        foreach (var split in Splits)
        {
            json.WriteStartObject();
            json.WriteString("name", split.Name);
            json.WriteNumber("proportion", split.Proportion);
            json.WriteNumber("rows", split.Rows);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("shards");
        foreach (var shard in Shards)
        {
            json.WriteStartObject();
            json.WriteString("file", shard.File);
            json.WriteNumber("first_row", shard.FirstRow);
            json.WriteNumber("rows", shard.Rows);
            json.WriteNumber("size_bytes", shard.SizeBytes);
            json.WriteString("sha256", shard.Sha256.ToString());
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteMissing(json, "excluded", Excluded);
        WriteMissing(json, "failed", Failed);
        json.WriteEndObject();
    }

    private static void WriteComponent(Utf8JsonWriter json, string name, int width, ContributionList? contributions)
    {
        json.WriteStartObject(name);
        json.WriteNumber("width", width);
        json.WritePropertyName("contributions");
        if (contributions is null) json.WriteNullValue();
        else contributions.WriteTo(json);
        json.WriteEndObject();
    }

    private static void WriteMissing(Utf8JsonWriter json, string name, IReadOnlyList<MissingExample> missing)
    {
        json.WriteStartArray(name);
        foreach (var one in missing)
        {
            json.WriteStartObject();
            json.WriteNumber("example", one.Example);
            json.WriteString("reason", one.Reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
