using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Geometry.Files;
using ExampleMlFarm.Geometry.Formats;

namespace ExampleMlFarm.Geometry.Datasets;

/// <summary>
/// Takes rows in their final order and writes shards of a fixed number of rows. While one shard is hashed and written, the
/// next is filled, so at most two are in memory.
/// </summary>
internal sealed class ShardWriter(string folder, int inputWidth, int targetWidth, int shardRows, IReadOnlyDictionary<string, string> metadata)
{
    private const int Piece = 256 << 10;
    private readonly List<DatasetShard> _shards = [];
    private Buffer _filling = new(inputWidth, targetWidth, shardRows);
    private Buffer _spare = new(inputWidth, targetWidth, shardRows);
    private Task _writing = Task.CompletedTask;
    private long _firstRow;
    private int _count;

    /// <summary>Rows that fit into a shard of <see cref="Limits.MaxShardBytes"/>, header included; at least one.</summary>
    public static int RowsPerShard(int inputWidth, int targetWidth, IReadOnlyDictionary<string, string> metadata)
    {
        var header = SafetensorsWriter.Header(Tensors(inputWidth, targetWidth, (int)Limits.MaxShardBytes), metadata).Length;
        return (int)Math.Max(1, (Limits.MaxShardBytes - header) / (4L * inputWidth + 4L * targetWidth + sizeof(long) + 1));
    }

    public void Add(long example, byte split, ReadOnlySpan<float> input, ReadOnlySpan<float> target)
    {
        _filling.Add(example, split, input, target);
        if (_filling.Rows == shardRows) Turn();
    }

    /// <summary>Writes what is left and gives all shards.</summary>
    public IReadOnlyList<DatasetShard> Finish()
    {
        if (_filling.Rows > 0) Turn();
        _writing.GetAwaiter().GetResult();
        return _shards;
    }

    /// <summary>Waits for the write in progress, whatever becomes of it, so that the folder can be removed.</summary>
    public void Abandon() => ((IAsyncResult)_writing).AsyncWaitHandle.WaitOne();

    private void Turn()
    {
        _writing.GetAwaiter().GetResult();
        var full = _filling;
        (_filling, _spare) = (_spare, full);
        _filling.Clear();
        var (file, firstRow) = ($"shard-{_count++:d5}.safetensors", _firstRow);
        _firstRow += full.Rows;
        _writing = Task.Run(() => _shards.Add(Write(file, firstRow, full)));
    }

    private DatasetShard Write(string file, long firstRow, Buffer rows)
    {
        using var published = new PublishedFile(Path.Combine(folder, file));
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var size = 0L;
        Put(SafetensorsWriter.Header(Tensors(inputWidth, targetWidth, rows.Rows), metadata));
        // The order of the format: largest elements first, then by name.
        Put(MemoryMarshal.AsBytes(rows.Examples));
        Put(MemoryMarshal.AsBytes(rows.Inputs));
        Put(MemoryMarshal.AsBytes(rows.Targets));
        Put(rows.Splits);
        published.Publish();
        Span<byte> hash = stackalloc byte[32];
        sha.GetHashAndReset(hash);
        return new(file, firstRow, rows.Rows, size, new ContentHash(hash));

        void Put(ReadOnlySpan<byte> bytes)
        {
            size += bytes.Length;
            // In pieces that are still in the cache when they are written after they were hashed.
            for (; !bytes.IsEmpty; bytes = bytes[Math.Min(Piece, bytes.Length)..])
            {
                var piece = bytes[..Math.Min(Piece, bytes.Length)];
                sha.AppendData(piece);
                published.Stream.Write(piece);
            }
        }
    }

    private static (string, ElementType, long[])[] Tensors(int inputWidth, int targetWidth, int rows) =>
    [
        ("example_id", ElementType.Int64, [rows]),
        ("input", ElementType.Float32, [rows, inputWidth]),
        ("target", ElementType.Float32, [rows, targetWidth]),
        ("split", ElementType.UInt8, [rows]),
    ];

    /// <summary>The rows of one shard; grows up to its capacity, so small data sets stay small.</summary>
    private sealed class Buffer(int inputWidth, int targetWidth, int capacity)
    {
        private float[] _inputs = [];
        private float[] _targets = [];
        private long[] _examples = [];
        private byte[] _splits = [];

        public int Rows { get; private set; }

        public ReadOnlySpan<float> Inputs => _inputs.AsSpan(0, Rows * inputWidth);

        public ReadOnlySpan<float> Targets => _targets.AsSpan(0, Rows * targetWidth);

        public ReadOnlySpan<long> Examples => _examples.AsSpan(0, Rows);

        public ReadOnlySpan<byte> Splits => _splits.AsSpan(0, Rows);

        public void Clear() => Rows = 0;

        public void Add(long example, byte split, ReadOnlySpan<float> input, ReadOnlySpan<float> target)
        {
            if (Rows == _examples.Length)
            {
                var size = Math.Min(capacity, Math.Max(16, 2 * Rows));
                Array.Resize(ref _inputs, checked(size * inputWidth));
                Array.Resize(ref _targets, checked(size * targetWidth));
                Array.Resize(ref _examples, size);
                Array.Resize(ref _splits, size);
            }
            input.CopyTo(_inputs.AsSpan(Rows * inputWidth));
            target.CopyTo(_targets.AsSpan(Rows * targetWidth));
            _examples[Rows] = example;
            _splits[Rows++] = split;
        }
    }
}
