using CsCheck;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Serialization;

namespace ExampleMlFarm.Tests.Geometry.Serialization;

public class GeometryBinaryTests
{
    [Fact]
    public void Written_geometry_reads_back_with_the_same_hash_and_bytes() => Generated.Any.Sample(geometry =>
    {
        var bytes = GeometryBinaryWriter.Write(geometry);
        var back = GeometryBinaryReader.Read(bytes);
        Assert.Equal(geometry.Hash, back.Hash);
        Assert.Equal(bytes, GeometryBinaryWriter.Write(back));
    }, iter: 500);

    [Fact]
    public void Shared_parts_are_written_once()
    {
        var mesh = GeometryData.PointCloud(new float[30_000]);
        var collection = GeometryData.Collection([.. Enumerable.Range(0, 100).Select(_ => new PackedPrimitive(mesh))]);
        Assert.InRange(GeometryBinaryWriter.Write(collection).Length, 120_000, 140_000);
    }

    [Fact]
    public void Damaged_bytes_give_a_typed_failure_and_never_a_crash() =>
        Damage.OnlyTypedFailures(GeometryBinaryWriter.Write(Generated.Rich), b => _ = GeometryBinaryReader.Read(b).Hash, 5000);
}
