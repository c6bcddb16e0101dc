using System.Numerics;
using Apache.Arrow.Ipc;
using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Examples;
using ExampleMlFarm.Geometry.Segments;

namespace ExampleMlFarm.Tests.Geometry.Segments;

public sealed class SegmentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>An example as a simulation makes it: the pose and the skin differ, topology and names do not.</summary>
    private static GeometryData Simulated(int i)
    {
        var pose = GeometryData.PointCloud([i + .345f, 0, 0, 0, i, 0]).With(AttributeClass.Point, "name", AttributeValues.Of(["root", "tip"]));
        var skin = GeometryData.Mesh([i, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, i], [0, 1, 2, 2, 1, 3])
            .With(AttributeClass.Point, "rest", AttributeValues.Of(new double[12], 3)).WithDetail("valid", AttributeValues.Of([1]));
        return Example.Labeled(pose, skin).Geometry;
    }

    private string Write(string name, IEnumerable<GeometryData> rows, long firstItem = 0)
    {
        using var writer = new SegmentWriter(_folder[name], new Dictionary<string, string> { ["seed"] = "1" });
        foreach (var row in rows) writer.Append(firstItem++, row);
        writer.Publish();
        return _folder[name];
    }

    [Fact]
    public void Rows_of_one_template_share_columns_and_read_back_in_any_order()
    {
        var path = Write("a.arrow", Enumerable.Range(0, 100).Select(Simulated), firstItem: 1000);
        using var reader = SegmentReader.Open(path);
        Assert.Equal(["0/0 point P", "0/1 point P"], reader.Batches[0].Schema.FieldsList.Skip(3).Select(f => f.Name));
        Assert.Equal(0, Enumerable.Range(0, 100).Count(r => !reader.Batches[0].Column(2).IsNull(r)));
        Assert.Equal("1", reader.Metadata["seed"]);
        foreach (var row in new[] { 99, 0, 57 })
        {
            Assert.Equal(Simulated(row).Hash, reader.Row(row).Hash);
            Assert.Equal(1000 + row, reader.ItemOf(row));
            Assert.Equal(row, reader.RowOf(1000 + row));
        }
        Assert.Equal(-1, reader.RowOf(5));
        // What is common to the rows is one object in memory, too.
        Assert.Same(Example.Decompose(reader.Row(3)).Target.Topology, Example.Decompose(reader.Row(4)).Target.Topology);
    }

    [Fact]
    public void Any_rows_in_any_grouping_read_back_with_the_same_hash() =>
        Gen.Select(Gen.OneOf(Generated.Any, Gen.Int[0, 5].Select(Simulated), Generated.Volume.Select(GeometryData.OfVolume)).Array[1, 12], Gen.Int[1, 12])
            .Sample((rows, size) =>
            {
                var paths = rows.Chunk(size).Select((chunk, i) => Write($"part{i}.arrow", chunk, i * size)).ToList();
                SegmentMerge.Concatenate(paths, _folder["merged.arrow"]);
                using var merged = SegmentReader.Open(_folder["merged.arrow"]);
                Assert.Equal(rows.Length, merged.RowCount);
                for (var i = 0; i < rows.Length; i++)
                {
                    Assert.Equal(rows[i].Hash, merged.Row(i).Hash);
                    Assert.Equal(rows[i].Hash, SegmentReader.ReadRow(paths[i / size], i % size).Hash);
                    Assert.Equal(i, merged.ItemOf(i));
                }
            }, iter: 30, threads: 1);

    [Fact]
    public void Row_that_deviates_is_stored_whole()
    {
        var odd = GeometryData.OfVolume(new("d", (2, 1, 1), Matrix4x4.Identity, AttributeValues.Of([1f, 2f])));
        var path = Write("a.arrow", [Simulated(0), Simulated(1), odd, Simulated(3)]);
        using var reader = SegmentReader.Open(path);
        Assert.Equal([true, true, false, true], Enumerable.Range(0, 4).Select(reader.Batches[0].Column(2).IsNull));
        Assert.Equal(odd.Hash, reader.Row(2).Hash);
        Assert.Equal(Simulated(3).Hash, reader.Row(3).Hash);
    }

    [Fact]
    public void Large_rows_go_to_several_batches_and_merge_copies_them()
    {
        GeometryData Row(int i) => GeometryData.PointCloud([.. Enumerable.Repeat((float)i, 300_000)]);
        var one = Write("one.arrow", Enumerable.Range(0, 8).Select(Row));
        var two = Write("two.arrow", Enumerable.Range(8, 8).Select(Row), 8);
        Assert.Equal(16, SegmentMerge.Concatenate([one, two], _folder["both.arrow"]));
        using var both = SegmentReader.Open(_folder["both.arrow"]);
        Assert.True(both.Batches.Count >= 4);
        for (var i = 0; i < 16; i++) Assert.Equal(Row(i).Hash, both.Row(i).Hash);
    }

    [Fact]
    public void Same_rows_give_the_same_bytes()
    {
        var bytes = File.ReadAllBytes(Write("a.arrow", Enumerable.Range(0, 5).Select(Simulated)));
        Assert.Equal(bytes, File.ReadAllBytes(Write("b.arrow", Enumerable.Range(0, 5).Select(Simulated))));
    }

    [Fact]
    public async Task Arrows_own_file_reader_opens_a_segment()
    {
        var path = Write("a.arrow", Enumerable.Range(0, 5).Select(Simulated));
        using var arrow = ArrowFileReader.FromFile(path);
        Assert.Equal(1, await arrow.RecordBatchCountAsync());
        Assert.Equal(5, (await arrow.ReadRecordBatchAsync(0, CancellationToken.None)).Length);
    }

    [Fact]
    public void Unpublished_segment_leaves_nothing()
    {
        using (var writer = new SegmentWriter(_folder["a.arrow"])) writer.Append(0, Simulated(0));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Empty_segment_is_a_segment()
    {
        using var reader = SegmentReader.Open(Write("a.arrow", []));
        Assert.Equal(0, reader.RowCount);
        Assert.Equal("segment.no_row", Assert.Throws<FarmException>(() => reader.Row(0)).Failure.Code);
    }

    [Fact]
    public void Truncated_segment_is_reported_with_its_row()
    {
        var path = Write("a.arrow", Enumerable.Range(0, 5).Select(Simulated));
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^100]);
        var failure = Assert.Throws<FarmException>(() => SegmentReader.ReadRow(path, 3)).Failure;
        Assert.Equal("segment.corrupt", failure.Code);
        Assert.Contains($"'{path}' is damaged, so row 3 cannot be read", failure.Message);
    }

    [Fact]
    public void Flipped_bit_in_a_row_is_reported_for_that_row_alone()
    {
        var path = Write("a.arrow", Enumerable.Range(0, 5).Select(Simulated));
        var bytes = File.ReadAllBytes(path);
        var at = bytes.AsSpan().IndexOf(BitConverter.GetBytes(2.345f));
        bytes[at] ^= 1;
        File.WriteAllBytes(path, bytes);
        using var reader = SegmentReader.Open(path);
        Assert.Equal(Simulated(1).Hash, reader.Row(1).Hash);
        Assert.Contains("row 2", Assert.Throws<FarmException>(() => reader.Row(2)).Failure.Message);
    }

    [Fact]
    public void Missing_segment_is_named() =>
        Assert.Equal("file.missing", Assert.Throws<FarmException>(() => SegmentReader.Open(_folder["none.arrow"])).Failure.Code);

    [Fact]
    public void Damaged_segment_gives_a_typed_failure_or_the_right_rows()
    {
        GeometryData[] rows = [Simulated(0), Simulated(1), Generated.Rich];
        var path = Write("a.arrow", rows);
        Damage.OnlyTypedFailures(File.ReadAllBytes(path), bytes =>
        {
            File.WriteAllBytes(_folder["bad.arrow"], bytes);
            using var reader = SegmentReader.Open(_folder["bad.arrow"]);
            for (var i = 0; i < reader.RowCount; i++) Assert.Equal(rows[i].Hash, reader.Row(i).Hash);
        }, 600);
    }
}
