using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Simulation.Tissue;
using ExampleMlFarm.Tests.Tissue.Meshes;

namespace ExampleMlFarm.Tests.Tissue.Capture;

public sealed class CaptureBinaryTests
{
    static readonly TissueCapture capture = Small();
    static readonly byte[] bytes = CaptureBinary.Write(capture);

    static TissueCapture Small()
    {
        var (points, triangles) = Limb.Skin(around: 8, along: 12);
        return TissueCapture.Build(points, triangles, Limb.Joints(), new CaptureOptions { Resolution = 12 });
    }

    [Fact]
    public void Capture_read_back_is_the_same_and_writes_the_same_bytes()
    {
        var read = CaptureBinary.Read(bytes, "test");
        Assert.Equal(bytes, CaptureBinary.Write(read));
        Assert.Equal(capture.Statistics, read.Statistics);
        foreach (var (a, b) in CaptureArrays.Of(capture).Zip(CaptureArrays.Of(read)))
        {
            Assert.Equal(a.Name, b.Name);
            Assert.Equal(a.Shape, b.Shape);
            Assert.Equal(a.Values, b.Values);
        }
        Assert.Equal(bytes, CaptureBinary.Write(Small()));
    }

    [Fact]
    public void Cut_bytes_are_refused() =>
        Gen.Int[0, bytes.Length - 1].Sample(length =>
            Assert.Equal("capture.corrupt", Assert.Throws<FarmException>(() => CaptureBinary.Read(bytes.AsSpan(0, length), "cut")).Failure.Code), iter: 300);

    [Fact]
    public void Number_that_is_none_is_refused()
    {
        var changed = (byte[])bytes.Clone();
        // The first coordinate follows the mark, twelve counts and two lengths.
        BitConverter.GetBytes(double.NaN).CopyTo(changed, 8 + 12 * 4 + 2 * 8);
        Assert.Contains("has the number NaN", Assert.Throws<FarmException>(() => CaptureBinary.Read(changed, "test")).Failure.Message);
    }

    [Fact]
    public void Changed_bytes_give_a_typed_error_or_the_capture_that_they_say() =>
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte, Gen.Int[0, 400], Gen.Byte).Sample((at, value, early, other) =>
        {
            var changed = (byte[])bytes.Clone();
            changed[at] = value;
            changed[early] ^= other;
            try
            {
                var read = CaptureBinary.Read(changed, "changed");
                Assert.Equal(changed, CaptureBinary.Write(read));
                Assert.All(read.Vertices, v => Assert.True(double.IsFinite(v)));
                Assert.All(read.Volumes, v => Assert.True(v > 0));
                Assert.All(read.Tets, v => Assert.InRange(v, 0, read.VertexCount - 1));
            }
            catch (FarmException e)
            {
                Assert.Equal("capture.corrupt", e.Failure.Code);
            }
        }, iter: 500);

    [Fact]
    public void Capture_from_bytes_solves_to_the_same_bits()
    {
        var pose = Limb.Pose(60, 20);
        var a = new TissueSolver(capture).Solve(pose);
        var b = new TissueSolver(CaptureBinary.Read(bytes, "test")).Solve(pose);
        Assert.Equal(a.Cage, b.Cage);
        Assert.Equal(a.Skin, b.Skin);
    }
}
