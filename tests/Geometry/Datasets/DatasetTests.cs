using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Geometry.Contributions;
using ExampleMlFarm.Geometry.Datasets;
using ExampleMlFarm.Geometry.Formats;

namespace ExampleMlFarm.Tests.Geometry.Datasets;

public sealed class DatasetTests : IDisposable
{
    private static readonly DatasetOptions Options = new()
    {
        InputContributions = ContributionList.Of(Contribution.Point("value", 1)),
        Seed = 3,
        RecipeHash = "abc",
        ShardRows = 7,
        Metadata = new Dictionary<string, string> { ["pca_basis"] = "123" },
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static float[] Input(long key) => [key, key * .5f, -key];

    private static float[] Target(long key) => [key * 10, 1];

    private DatasetManifest Write(string name, IEnumerable<long> keys, Action<DatasetWriter>? more = null, DatasetOptions? options = null)
    {
        using var writer = new DatasetWriter(_folder[name], options ?? Options);
        foreach (var key in keys) writer.Add(key, Input(key), Target(key));
        more?.Invoke(writer);
        return writer.Finish();
    }

    private string[] Bytes(string name) => [.. Directory.GetFiles(_folder[name]).Order().Select(f =>
        Path.GetFileName(f) + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f))))];

    [Fact]
    public void Bytes_do_not_depend_on_the_order_of_arrival()
    {
        Write("ordered", Enumerable.Range(0, 40).Select(i => (long)i).Where(i => i % 9 != 4), w =>
        {
            for (var i = 4; i < 40; i += 9) w.Exclude(i, "invalid");
        });
        var expected = Bytes("ordered");
        Assert.Equal(7, expected.Length);
        Gen.Int[0, 1_000_000].Sample(seed =>
        {
            using var writer = new DatasetWriter(_folder[$"shuffled{seed}"], Options);
            foreach (var key in CounterRandom.Keyed((ulong)seed, "", 0, "").Permutation(40))
                if (key % 9 == 4) writer.Exclude(key, "invalid");
                else writer.Add(key, Input(key), Target(key));
            writer.Finish();
            Assert.Equal(expected, Bytes($"shuffled{seed}"));
            Directory.Delete(_folder[$"shuffled{seed}"], recursive: true);
        }, iter: 10, threads: 1);
    }

    [Fact]
    public void Rows_read_back_in_key_order_with_their_examples()
    {
        var manifest = Write("d", [20, 3, 11, 0, 7, 5, 100, 1], w => w.Fail(2, "solver diverged"));
        using var data = Dataset.Open(_folder["d"]);
        Assert.Equal([0, 1, 3, 5, 7, 11, 20, 100], data.Read().Examples);
        for (var row = 0; row < data.Rows; row++)
        {
            Assert.Equal(Input(data.Example(row)), data.Input(row));
            Assert.Equal(Target(data.Example(row)), data.Target(row));
        }
        Assert.Equal(manifest.Sha256, data.Manifest.Sha256);
        Assert.Equal([7, 1], data.Manifest.Shards.Select(s => s.Rows));
        Assert.Equal([new MissingExample(2, "solver diverged")], data.Manifest.Failed);
        Assert.Equal(Options.InputContributions, data.Manifest.InputContributions);
        Assert.Null(data.Manifest.TargetContributions);
        Assert.Equal("123", data.Manifest.Metadata["pca_basis"]);
        Assert.Equal(["d"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        using var shard = SafetensorsFile.Open(Path.Combine(_folder["d"], "shard-00000.safetensors"));
        Assert.Equal("abc", shard.Metadata["recipe_hash"]);
    }

    [Fact]
    public void Default_shard_holds_at_most_64_mebibytes_and_wastes_less_than_a_row() =>
        Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, 100_000]).Sample((input, target) =>
        {
            var metadata = new Dictionary<string, string> { ["contributions"] = new('x', 1000) };
            long rowBytes = 4L * (input + target) + 9, rows = ShardWriter.RowsPerShard(input, target, metadata);
            Assert.InRange(rows * rowBytes, (64 << 20) - rowBytes - 2000, (64 << 20) - 1000);
        }, iter: 200);

    [Fact]
    public void Splits_have_their_proportions_and_records_never_move_when_the_set_grows()
    {
        Write("small", Enumerable.Range(0, 200).Select(i => (long)i));
        Write("large", Enumerable.Range(0, 5000).Select(i => (long)i), options: Options with { ShardRows = 1000 });
        using var small = Dataset.Open(_folder["small"]);
        using var large = Dataset.Open(_folder["large"]);
        for (var row = 0; row < 200; row++) Assert.Equal(small.SplitOf(row), large.SplitOf(row));
        Assert.InRange(large.Manifest.Splits[0].Rows, 3900, 4100);
        Assert.InRange(large.Manifest.Splits[1].Rows, 430, 570);
        Assert.Equal(5000, large.Manifest.Splits.Sum(s => s.Rows));
        Assert.Equal(large.Manifest.Splits[2].Rows, large.RowsOf("test").Length);
        Assert.Contains("train, validation, test", Assert.Throws<FarmException>(() => large.RowsOf("tset")).Failure.Message);
    }

    [Fact]
    public void Every_split_gets_a_row_when_there_are_as_many_rows_as_splits() => Gen.Int[0, 1000].Sample(seed =>
    {
        var dealer = new SplitDealer([new("a", .998), new("none", 0), new("b", .001), new("c", .001)], (ulong)seed);
        var dealt = Enumerable.Range(0, 3).Select(k => dealer.Deal(k)).ToList();
        Assert.Equal([0, 2, 3], dealt.Order().Select(b => (int)b));
        for (var k = 3; k < 50; k++) Assert.NotEqual(1, dealer.Deal(k));
    }, iter: 50);

    [Fact]
    public void Examples_of_one_group_stay_together()
    {
        using (var writer = new DatasetWriter(_folder["d"], Options))
        {
            for (var key = 0; key < 100; key++) writer.Add(key, Input(key), Target(key), group: key % 10);
            writer.Finish();
        }
        using var data = Dataset.Open(_folder["d"]);
        for (var row = 10; row < 100; row++) Assert.Equal(data.SplitOf(row % 10), data.SplitOf(row));
        Assert.All(data.Manifest.Splits, s => Assert.True(s.Rows >= 10));
    }

    [Fact]
    public void Row_of_another_length_names_the_example_and_both_lengths()
    {
        using var writer = new DatasetWriter(_folder["d"], Options);
        writer.Add(0, Input(0), Target(0));
        var failure = Assert.Throws<FarmException>(() => writer.Add(17, [1, 2, 3, 4], Target(1))).Failure;
        Assert.Equal("dataset.row_length", failure.Code);
        Assert.StartsWith("Example 17 has input vectors of 4 values; example 0 has 3.", failure.Message);
        Assert.Contains("target vectors of 1 values", Assert.Throws<FarmException>(() => writer.Add(18, Input(1), [1])).Failure.Message);
    }

    [Fact]
    public void Bad_rows_and_options_are_refused_by_name()
    {
        using (var writer = new DatasetWriter(_folder["d"], Options))
        {
            writer.Add(1, Input(1), Target(1));
            writer.Exclude(2, "x");
            Assert.Equal("dataset.duplicate", Assert.Throws<FarmException>(() => writer.Add(1, Input(1), Target(1))).Failure.Code);
            Assert.Equal("dataset.duplicate", Assert.Throws<FarmException>(() => writer.Add(2, Input(1), Target(1))).Failure.Code);
            Assert.Equal("dataset.key", Assert.Throws<FarmException>(() => writer.Add(-1, Input(1), Target(1))).Failure.Code);
            Assert.Contains("Example 3", Assert.Throws<FarmException>(() => writer.Add(3, [1, float.NaN, 0], Target(1))).Failure.Message);
        }
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        using (var empty = new DatasetWriter(_folder["d"])) Assert.Equal("dataset.empty", Assert.Throws<FarmException>(empty.Finish).Failure.Code);
        Assert.Equal("dataset.options", Assert.Throws<FarmException>(() => new DatasetWriter(_folder["d"], new() { Splits = [new("a", -1)] })).Failure.Code);
        Write("d", [0]);
        Assert.Equal("dataset.exists", Assert.Throws<FarmException>(() => new DatasetWriter(_folder["d"])).Failure.Code);
    }

    [Fact]
    public void Changed_and_missing_shards_are_named()
    {
        Write("d", Enumerable.Range(0, 30).Select(i => (long)i));
        Assert.Empty(Dataset.Verify(_folder["d"]));
        var shard = Path.Combine(_folder["d"], "shard-00002.safetensors");
        var bytes = File.ReadAllBytes(shard);
        bytes[^1] ^= 1;
        File.WriteAllBytes(shard, bytes);
        Assert.Contains("shard-00002", Assert.Single(Dataset.Verify(_folder["d"])).Message);
        File.Delete(shard);
        Assert.Contains("shard-00002", Assert.Single(Dataset.Verify(_folder["d"])).Message);
        Assert.Contains("shard-00002", Assert.Throws<FarmException>(() => Dataset.Open(_folder["d"])).Failure.Message);
        Assert.Equal("dataset.missing", Assert.Throws<FarmException>(() => Dataset.Open(_folder.Path)).Failure.Code);
    }

    [Fact]
    public void Edited_description_is_refused()
    {
        Write("d", [0, 1]);
        var path = Path.Combine(_folder["d"], "dataset.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"seed\": 3", "\"seed\": 4"));
        var failure = Assert.Throws<FarmException>(() => Dataset.Open(_folder["d"])).Failure;
        Assert.Equal("dataset.corrupt", failure.Code);
        Assert.Contains("edited", failure.Message);
    }

    [Fact]
    public void Damaged_description_gives_a_typed_failure()
    {
        var json = Write("d", [0, 1, 2], w => w.Fail(3, "x")).ToJson();
        Damage.OnlyTypedFailures(json, bytes => DatasetManifest.FromJson(bytes, "dataset.json"));
    }

    [Fact]
    public void Damaged_shard_gives_a_typed_failure_or_values()
    {
        Write("d", [0, 1, 2]);
        var path = Path.Combine(_folder["d"], "shard-00000.safetensors");
        Damage.OnlyTypedFailures(File.ReadAllBytes(path), bytes =>
        {
            File.WriteAllBytes(path, bytes);
            if (Dataset.Verify(_folder["d"]) is [var bad, ..])
            {
                using var data = Dataset.Open(_folder["d"]);
                for (var row = 0; row < data.Rows; row++) _ = data.SplitOf(row);
                throw new FarmException(bad);
            }
        }, 500);
    }

    [Fact]
    public void Exports_hold_the_same_rows()
    {
        Write("d", Enumerable.Range(0, 20).Select(i => (long)i));
        using var data = Dataset.Open(_folder["d"]);
        DatasetExport.ToNpz(data, _folder["d.npz"], "train");
        var npz = NumpyFile.ReadNpz(_folder["d.npz"]);
        var train = data.Read("train");
        Assert.Equal(train.Inputs, npz["input"].Float32);
        Assert.Equal([train.Count, 2], npz["target"].Shape);
        Assert.Equal(train.Examples, npz["example_id"].Int64);
        DatasetExport.ToRaw(data, _folder["d.raw"]);
        Assert.Equal(20 * 5 * 4, new FileInfo(_folder["d.raw"]).Length);
        Assert.Equal(-19f, BitConverter.ToSingle(File.ReadAllBytes(_folder["d.raw"]).AsSpan(19 * 20 + 8)));
        Assert.Contains("\"rows\": 20", File.ReadAllText(_folder["d.raw.json"]));
        DatasetExport.ToCsv(data, _folder["d.csv"]);
        var lines = File.ReadAllLines(_folder["d.csv"]);
        Assert.Equal("example_id,split,input_0,input_1,input_2,target_0,target_1", lines[0]);
        Assert.Equal("0,train,0,0,0,0,1", lines[1]);
        Assert.Equal(21, lines.Length);
    }
}
