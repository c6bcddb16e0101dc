using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Formats;

namespace ExampleMlFarm.Tests.Geometry.Formats;

public sealed class SafetensorsTests : IDisposable
{
    private static readonly NamedArray[] Some =
    [
        NamedArray.Of("weight", new float[] { 1, 2, 3, 4, 5, 6 }, 2, 3),
        NamedArray.Of("flag", new byte[] { 1, 2, 3 }),
        NamedArray.Of("id", new long[] { 7, -8 }),
        NamedArray.Of("empty", Array.Empty<float>(), 0, 4),
        NamedArray.Of("scalar", new double[] { 0.5 }, []),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Write(params NamedArray[] arrays)
    {
        SafetensorsWriter.Write(_folder["a.safetensors"], arrays, new Dictionary<string, string> { ["b"] = "2", ["a"] = "ü" });
        return _folder["a.safetensors"];
    }

    [Fact]
    public void Written_tensors_read_back()
    {
        using var file = SafetensorsFile.Open(Write(Some));
        Assert.Equal(["a", "b"], file.Metadata.Keys);
        Assert.Equal("ü", file.Metadata["a"]);
        foreach (var array in Some)
        {
            Assert.Equal(array.Values, file.Read(array.Name).Values);
            Assert.Equal(array.Shape, file.Require(array.Name).Shape);
        }
        Assert.Equal([3, 4], file.Values<float>("weight", 2, 2));
    }

    [Fact]
    public void Order_of_tensors_and_metadata_does_not_change_the_bytes()
    {
        var one = File.ReadAllBytes(Write(Some));
        Assert.Equal(one, File.ReadAllBytes(Write([.. Some.Reverse()])));
    }

    [Fact]
    public void Missing_tensor_and_wrong_type_are_named()
    {
        using var file = SafetensorsFile.Open(Write(Some));
        Assert.Contains("it has empty, flag, id, scalar, weight", Assert.Throws<FarmException>(() => file.Require("x")).Failure.Message);
        Assert.Equal("safetensors.type", Assert.Throws<FarmException>(() => file.Values<float>("id", 0, 1).ToArray()).Failure.Code);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5)]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4,4611686018427387904],"data_offsets":[0,0]}}""", 0)]
    [InlineData("""{"a":{"dtype":"X9","shape":[1],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,-4]}}""", 0)]
    [InlineData("""[1]""", 0)]
    public void Impossible_header_is_refused(string header, int dataBytes)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(_folder["bad"], [.. BitConverter.GetBytes((long)text.Length), .. text, .. new byte[dataBytes]]);
        Assert.Equal("safetensors.corrupt", Assert.Throws<FarmException>(() => SafetensorsFile.Open(_folder["bad"])).Failure.Code);
    }

    [Fact]
    public void Damaged_file_gives_a_typed_failure_or_values()
    {
        Damage.OnlyTypedFailures(File.ReadAllBytes(Write(Some)), bytes =>
        {
            File.WriteAllBytes(_folder["bad"], bytes);
            using var file = SafetensorsFile.Open(_folder["bad"]);
            foreach (var name in file.Tensors.Keys) _ = file.Read(name);
        });
    }

    [Fact]
    public void Numpy_reads_the_same_values()
    {
        Assert.SkipUnless(Python.HasNumpy, "needs /usr/bin/python3 with numpy");
        var output = Python.RunOrFail("""
            import sys, json, numpy as np
            b = open(sys.argv[1], 'rb').read(); n = int.from_bytes(b[:8], 'little'); h = json.loads(b[8:8+n])
            for k in ('id', 'weight'):
                s, e = h[k]['data_offsets']; print(np.frombuffer(b[8+n+s:8+n+e], {'I64': '<i8', 'F32': '<f4'}[h[k]['dtype']]).reshape(h[k]['shape']).tolist())
            """, Write(Some));
        Assert.Equal("[7, -8]\n[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]\n", output);
    }
}
