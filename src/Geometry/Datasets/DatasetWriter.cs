using System.Numerics.Tensors;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Files;

namespace ExampleMlFarm.Geometry.Datasets;

/// <summary>
/// Takes rows in any order and writes a data set whose bytes do not depend on that order: shards in key order, and
/// <c>dataset.json</c>. The folder appears whole, with <see cref="Finish"/>, or not at all.
/// </summary>
/// <remarks>
/// Memory is constant: two shards, and 40 bytes for each row that waits in the spool for an earlier key. Every key from 0 up
/// that will not come should be reported by <see cref="Exclude"/> or <see cref="Fail"/>, else later rows wait until the end.
/// Not for several threads.
/// </remarks>
public sealed class DatasetWriter : IDisposable
{
    private static int _count;
    private readonly string _folder;
    private readonly string _partial;
    private readonly DatasetOptions _options;
    private readonly SplitDealer _dealer;
    private readonly SortedDictionary<long, string> _excluded = [];
    private readonly SortedDictionary<long, string> _failed = [];
    private readonly long[] _splitRows;
    private readonly SortedDictionary<string, string> _metadata;
    private Layout? _layout;
    private long _nextKey;
    private bool _finished;

    /// <exception cref="FarmException"><c>dataset.exists</c>: the folder has something in it; <c>dataset.options</c></exception>
    public DatasetWriter(string folder, DatasetOptions? options = null)
    {
        _options = options ?? new();
        _options.Check();
        _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        RequireFree();
        _partial = Path.Combine(Path.GetDirectoryName(_folder)!,
            $".{Path.GetFileName(_folder)}.{Environment.ProcessId}-{Interlocked.Increment(ref _count)}.partial");
        Directory.CreateDirectory(_partial);
        _dealer = new(_options.Splits, _options.Seed);
        _splitRows = new long[_options.Splits.Count];
        _metadata = ShardMetadata(_options);
    }

    public long Rows { get; private set; }

    /// <param name="example">Key of the row, at least 0; the shards are in its order.</param>
    /// <param name="input"><c>[input_width]</c>, finite.</param>
    /// <param name="target"><c>[target_width]</c>, finite.</param>
    /// <param name="group">Examples of one group go to the same split; by default each example is its own.</param>
    /// <exception cref="FarmException"><c>dataset.row_length</c>, <c>dataset.not_finite</c> or <c>dataset.duplicate</c>, naming the example.</exception>
    public void Add(long example, ReadOnlySpan<float> input, ReadOnlySpan<float> target, long? group = null)
    {
        RequireNew(example);
        var layout = _layout ??= new(example, input.Length, target.Length, this);
        RequireLength(layout, example, "input", input.Length, layout.InputWidth);
        RequireLength(layout, example, "target", target.Length, layout.TargetWidth);
        if (!TensorPrimitives.IsFiniteAll(input) || !TensorPrimitives.IsFiniteAll(target))
            throw FarmException.Invalid("dataset.not_finite",
                $"Example {example} has a NaN or infinite value. Exclude it, or find out in the item that made it.");
        if (example == _nextKey)
        {
            Emit(layout, example, group ?? example, input, target);
            Advance(layout);
            return;
        }
        input.CopyTo(layout.Row);
        target.CopyTo(layout.Row.AsSpan(layout.InputWidth));
        layout.Spool.Put(example, group ?? example, layout.Row);
    }

    /// <summary>Says that an example was discarded, such as an invalid simulation.</summary>
    public void Exclude(long example, string reason) => Miss(_excluded, example, reason);

    /// <summary>Says that the item of an example failed.</summary>
    public void Fail(long example, string reason) => Miss(_failed, example, reason);

    /// <summary>Writes what waits, and makes the folder appear.</summary>
    /// <exception cref="FarmException"><c>dataset.empty</c>: not one row came; <c>dataset.exists</c></exception>
    public DatasetManifest Finish()
    {
        if (_layout is not { } layout)
            throw FarmException.Invalid("dataset.empty", $"The data set has no rows: {_excluded.Count} examples were excluded and {_failed.Count} failed.");
        foreach (var key in layout.Spool.Keys) EmitSpooled(layout, key);
        var manifest = new DatasetManifest(Rows, layout.InputWidth, layout.TargetWidth, _options.InputContributions, _options.TargetContributions,
            layout.Shards.Finish(), [.. _options.Splits.Select((s, i) => new DatasetSplit(s.Name, s.Proportion, _splitRows[i]))],
            [.. _excluded.Select(e => new MissingExample(e.Key, e.Value))], [.. _failed.Select(e => new MissingExample(e.Key, e.Value))],
            _options.Seed, _options.RecipeHash, _options.Metadata);
        layout.Spool.Dispose();
        PublishedFile.Write(Path.Combine(_partial, DatasetManifest.FileName), manifest.ToJson());
        RequireFree();
        if (Directory.Exists(_folder)) Directory.Delete(_folder);
        Directory.Move(_partial, _folder);
        PublishedFile.SyncFolder(Path.GetDirectoryName(_folder)!);
        _finished = true;
        return manifest;
    }

    public void Dispose()
    {
        if (_finished) return;
        _layout?.Shards.Abandon();
        _layout?.Spool.Dispose();
        if (Directory.Exists(_partial)) Directory.Delete(_partial, recursive: true);
    }

    private void Miss(SortedDictionary<long, string> list, long example, string reason)
    {
        RequireNew(example);
        list.Add(example, reason);
        if (_layout is { } layout) Advance(layout);
        else while (IsMissing(_nextKey)) _nextKey++;
    }

    private void Advance(Layout layout)
    {
        while (IsMissing(_nextKey) || EmitSpooled(layout, _nextKey))
            if (IsMissing(_nextKey)) _nextKey++;
    }

    private bool EmitSpooled(Layout layout, long key)
    {
        if (!layout.Spool.TryTake(key, layout.Row, out var group)) return false;
        Emit(layout, key, group, layout.Row.AsSpan(0, layout.InputWidth), layout.Row.AsSpan(layout.InputWidth));
        return true;
    }

    private void Emit(Layout layout, long example, long group, ReadOnlySpan<float> input, ReadOnlySpan<float> target)
    {
        var split = _dealer.Deal(group);
        layout.Shards.Add(example, split, input, target);
        _splitRows[split]++;
        Rows++;
        _nextKey = example + 1;
    }

    private bool IsMissing(long key) => _excluded.ContainsKey(key) || _failed.ContainsKey(key);

    private void RequireNew(long example)
    {
        if (example < 0) throw FarmException.Invalid("dataset.key", $"Example {example} has a negative key; keys are counted from 0.");
        // Below the next key everything has been written or reported.
        if (example < _nextKey || IsMissing(example) || _layout?.Spool.Contains(example) == true)
            throw FarmException.Invalid("dataset.duplicate", $"Example {example} was given twice. Give each key one row.");
    }

    private static void RequireLength(Layout layout, long example, string what, int length, int expected)
    {
        if (length != expected)
            throw FarmException.Invalid("dataset.row_length",
                $"Example {example} has {what} vectors of {length} values; example {layout.FirstExample} has {expected}. "
                + "All rows of a data set have the same length: check the contributions and the topology of these two.");
    }

    private void RequireFree()
    {
        if (File.Exists(_folder) || Directory.Exists(_folder) && Directory.EnumerateFileSystemEntries(_folder).Any())
            throw FarmException.Invalid("dataset.exists", $"'{_folder}' exists and is not empty. Remove it, or write elsewhere.");
    }

    private static SortedDictionary<string, string> ShardMetadata(DatasetOptions options)
    {
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["seed"] = options.Seed.ToString() };
        foreach (var (key, value) in options.Metadata) metadata[key] = value;
        if (options.RecipeHash.Length > 0) metadata["recipe_hash"] = options.RecipeHash;
        if (options.InputContributions is { } input) metadata["input_contributions"] = input.ToJson();
        if (options.TargetContributions is { } target) metadata["target_contributions"] = target.ToJson();
        return metadata;
    }

    /// <summary>What is known only when the first row has come.</summary>
    private sealed class Layout(long firstExample, int inputWidth, int targetWidth, DatasetWriter writer)
    {
        public long FirstExample { get; } = firstExample;

        public int InputWidth { get; } = inputWidth;

        public int TargetWidth { get; } = targetWidth;

        public float[] Row { get; } = new float[inputWidth + targetWidth];

        public RowSpool Spool { get; } = new(Path.Combine(writer._partial, "spool"), inputWidth + targetWidth);

        public ShardWriter Shards { get; } = new(writer._partial, inputWidth, targetWidth,
            writer._options.ShardRows ?? ShardWriter.RowsPerShard(inputWidth, targetWidth, writer._metadata), writer._metadata);
    }
}
