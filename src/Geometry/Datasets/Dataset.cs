using System.Security.Cryptography;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Geometry.Files;
using ExampleMlFarm.Geometry.Formats;

namespace ExampleMlFarm.Geometry.Datasets;

/// <summary>Rows of a data set in memory: inputs <c>[n, input_width]</c>, targets <c>[n, target_width]</c>, examples <c>[n]</c>.</summary>
public sealed record DatasetRows(long[] Examples, float[] Inputs, float[] Targets)
{
    public int Count => Examples.Length;
}

/// <summary>An open data set: rows are spans over mapped shards, and nothing is copied until asked for.</summary>
/// <remarks>Safe for use by several threads until disposed; spans must not be used after that.</remarks>
public sealed class Dataset : IDisposable
{
    private readonly Shard[] _shards;
    private readonly int _shardRows;

    private Dataset(string folder, DatasetManifest manifest, Shard[] shards)
    {
        (Folder, Manifest, _shards) = (folder, manifest, shards);
        _shardRows = shards.Length == 0 ? 1 : Math.Max(1, manifest.Shards[0].Rows);
    }

    public string Folder { get; }

    public DatasetManifest Manifest { get; }

    public long Rows => Manifest.Rows;

    public int InputWidth => Manifest.InputWidth;

    public int TargetWidth => Manifest.TargetWidth;

    /// <summary>Reads the description and checks that every shard is there with the right shapes; hashes are <see cref="Verify"/>'s work.</summary>
    /// <exception cref="FarmException"><c>dataset.missing</c>, <c>dataset.corrupt</c> or <c>dataset.shard_corrupt</c>, naming the shard.</exception>
    public static Dataset Open(string folder)
    {
        var manifest = ReadManifest(folder);
        var files = new List<SafetensorsFile>();
        try
        {
            foreach (var shard in manifest.Shards)
            {
                files.Add(OpenShard(folder, shard));
                CheckShapes(manifest, shard, files[^1]);
            }
        }
        catch
        {
            foreach (var file in files) file.Dispose();
            throw;
        }
        return new(folder, manifest, [.. files.Select(f => new Shard(f, f.Require("input"), f.Require("target"), f.Require("example_id"), f.Require("split")))]);
    }

    /// <summary>Computes every shard's hash again.</summary>
    /// <returns>A failure for each shard that is missing or changed; empty when the data set is as it was written.</returns>
    /// <exception cref="FarmException"><c>dataset.missing</c> or <c>dataset.corrupt</c>: there is no description to hold the shards to.</exception>
    public static IReadOnlyList<Failure> Verify(string folder)
    {
        var failures = new List<Failure>();
        foreach (var shard in ReadManifest(folder).Shards)
        {
            var path = Path.Combine(folder, shard.File);
            try
            {
                using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
                if (new ContentHash(SHA256.HashData(stream)) != shard.Sha256)
                    failures.Add(Bad(path, $"has {stream.Length} bytes that do not match the recorded hash ({shard.SizeBytes} bytes)"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failures.Add(Bad(path, $"cannot be read ({e.Message})"));
            }
        }
        return failures;
    }

    /// <summary><c>[input_width]</c></summary>
    public ReadOnlySpan<float> Input(long row)
    {
        var (shard, at) = Place(row);
        return shard.File.Values<float>(shard.Input, (long)at * InputWidth, InputWidth);
    }

    /// <summary><c>[target_width]</c></summary>
    public ReadOnlySpan<float> Target(long row)
    {
        var (shard, at) = Place(row);
        return shard.File.Values<float>(shard.Target, (long)at * TargetWidth, TargetWidth);
    }

    /// <summary>The key of the example in this row.</summary>
    public long Example(long row)
    {
        var (shard, at) = Place(row);
        return shard.File.Values<long>(shard.Example, at, 1)[0];
    }

    /// <summary>Index of the row's split in the manifest.</summary>
    public int SplitOf(long row)
    {
        var (shard, at) = Place(row);
        var split = shard.File.Values<byte>(shard.Split, at, 1)[0];
        return split < Manifest.Splits.Count ? split : throw new FarmException(Bad(shard.File.Path, $"puts row {row} into split {split}, which does not exist"));
    }

    /// <summary>The rows of a split, ascending.</summary>
    /// <exception cref="FarmException"><c>dataset.no_split</c>, naming those there are.</exception>
    public long[] RowsOf(string split)
    {
        var index = Manifest.Splits.Index().FirstOrDefault(s => s.Item.Name == split, (-1, null!)).Index;
        if (index < 0)
            throw FarmException.Invalid("dataset.no_split",
                $"The data set '{Folder}' has no split '{split}'; it has {string.Join(", ", Manifest.Splits.Select(s => s.Name))}.");
        var rows = new List<long>();
        foreach (var (s, shard) in Manifest.Shards.Index())
        {
            var splits = _shards[s].File.Values<byte>(_shards[s].Split, 0, shard.Rows);
            for (var i = 0; i < splits.Length; i++) if (splits[i] == index) rows.Add(shard.FirstRow + i);
        }
        return [.. rows];
    }

    /// <summary>A copy of one split, or of all rows with null.</summary>
    /// <exception cref="FarmException"><c>dataset.too_large</c>: use <see cref="Input"/> and <see cref="Target"/> row by row.</exception>
    public DatasetRows Read(string? split = null)
    {
        var rows = split is null ? null : RowsOf(split);
        var count = rows?.LongLength ?? Rows;
        if (count * Math.Max(InputWidth, TargetWidth) > Array.MaxLength)
            throw FarmException.Invalid("dataset.too_large", $"{count} rows of {InputWidth} + {TargetWidth} values do not fit into one array; read them row by row.");
        var result = new DatasetRows(new long[count], new float[count * InputWidth], new float[count * TargetWidth]);
        for (var i = 0; i < result.Count; i++)
        {
            var row = rows is null ? i : rows[i];
            result.Examples[i] = Example(row);
            Input(row).CopyTo(result.Inputs.AsSpan(i * InputWidth));
            Target(row).CopyTo(result.Targets.AsSpan(i * TargetWidth));
        }
        return result;
    }

    public void Dispose()
    {
        foreach (var shard in _shards) shard.File.Dispose();
    }

    /// <summary>A shard with its tensors looked up once, since rows are asked for by the million.</summary>
    private sealed record Shard(SafetensorsFile File, TensorInfo Input, TensorInfo Target, TensorInfo Example, TensorInfo Split);

    private (Shard Shard, int Row) Place(long row)
    {
        if (row < 0 || row >= Rows) throw new ArgumentOutOfRangeException(nameof(row), row, $"The data set has {Rows} rows, counted from 0.");
        // All shards but the last have the same number of rows.
        var shard = row / _shardRows;
        return (_shards[shard], (int)(row - shard * _shardRows));
    }

    private static DatasetManifest ReadManifest(string folder)
    {
        var path = Path.Combine(folder, DatasetManifest.FileName);
        if (!File.Exists(path)) throw FarmException.Invalid("dataset.missing", $"'{folder}' is no data set: it has no {DatasetManifest.FileName}.");
        using var file = MappedFile.Open(path);
        if (file.Length > int.MaxValue) throw FarmException.Invalid("dataset.corrupt", $"'{path}' has {file.Length} bytes, too many for a description.");
        var manifest = DatasetManifest.FromJson(file.Memory(0, (int)file.Length), path);
        for (var i = 1; i < manifest.Shards.Count; i++)
            if (manifest.Shards[i - 1].Rows != manifest.Shards[0].Rows || manifest.Shards[i].Rows > manifest.Shards[0].Rows)
                throw FarmException.Invalid("dataset.corrupt", $"'{path}' lists shards of unlike sizes before the last.");
        return manifest;
    }

    private static SafetensorsFile OpenShard(string folder, DatasetShard shard)
    {
        var path = Path.Combine(folder, shard.File);
        try
        {
            return SafetensorsFile.Open(path);
        }
        catch (FarmException e)
        {
            throw new FarmException(Bad(path, $"cannot be opened ({e.Message})"), e);
        }
    }

    private static void CheckShapes(DatasetManifest manifest, DatasetShard shard, SafetensorsFile file)
    {
        if (!Has("input", ElementType.Float32, shard.Rows, manifest.InputWidth) || !Has("target", ElementType.Float32, shard.Rows, manifest.TargetWidth)
            || !Has("example_id", ElementType.Int64, shard.Rows) || !Has("split", ElementType.UInt8, shard.Rows))
            throw new FarmException(Bad(file.Path, $"does not hold input, target, example_id and split for {shard.Rows} rows"));

        bool Has(string name, ElementType type, params long[] shape) =>
            file.Tensors.TryGetValue(name, out var tensor) && tensor.Type == type && tensor.Shape.AsSpan().SequenceEqual(shape);
    }

    private static Failure Bad(string path, string what) => new(FailureClass.InvalidInput, "dataset.shard_corrupt",
        $"The shard '{path}' {what}. Cook the data set again.");
}
