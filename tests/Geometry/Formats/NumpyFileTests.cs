using System.IO.Compression;
using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Formats;

namespace ExampleMlFarm.Tests.Geometry.Formats;

public sealed class NumpyFileTests : IDisposable
{
    private static readonly NamedArray[] Some =
    [
        NamedArray.Of("f4", new float[] { 1.5f, -2, 3, 4, 5, 6 }, 2, 3),
        NamedArray.Of("f8", new double[] { 1e300, 2 }),
        NamedArray.Of("i4", new int[] { 1, 2, 3, 4, 5, 6, 7, 8 }, 2, 2, 2),
        NamedArray.Of("i8", new long[] { long.MinValue }, []),
        NamedArray.Of("u1", new byte[] { 255 }),
        NamedArray.Of("b1", new bool[] { true, false }),
        NamedArray.Of("none", Array.Empty<float>(), 3, 0),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Written_arrays_read_back_and_give_the_same_bytes_again(bool compress)
    {
        NumpyFile.WriteNpz(_folder["a.npz"], Some, compress);
        var back = NumpyFile.ReadNpz(_folder["a.npz"]);
        foreach (var array in Some)
        {
            Assert.Equal(array.Values, back[array.Name].Values);
            Assert.Equal(array.Shape, back[array.Name].Shape);
        }
        NumpyFile.WriteNpz(_folder["b.npz"], Some, compress);
        Assert.Equal(File.ReadAllBytes(_folder["a.npz"]), File.ReadAllBytes(_folder["b.npz"]));
        using var zip = ZipFile.OpenRead(_folder["a.npz"]);
        Assert.All(zip.Entries, e => Assert.Equal(1980, e.LastWriteTime.Year));
    }

    [Fact]
    public void Npy_reads_back_any_shape() => Gen.Int[0, 4].Array[0, 4].Sample(shape =>
    {
        var count = shape.Aggregate(1, (a, b) => a * b);
        var array = NamedArray.Of("x", Enumerable.Range(0, count).Select(i => (float)i).ToArray(), [.. shape.Select(d => (long)d)]);
        if (shape.Length == 0) return;
        NumpyFile.WriteNpy(_folder["x.npy"], array);
        var back = NumpyFile.ReadNpy(_folder["x.npy"]);
        Assert.Equal(array.Values, back.Values);
        Assert.Equal(array.Shape, back.Shape);
    }, iter: 40, threads: 1);

    [Fact]
    public void Numpy_agrees_in_both_directions()
    {
        Assert.SkipUnless(Python.HasNumpy, "needs /usr/bin/python3 with numpy");
        NumpyFile.WriteNpz(_folder["ours.npz"], Some, compress: true);
        NumpyFile.WriteNpy(_folder["ours.npy"], Some[2]);
        var output = Python.RunOrFail("""
            import sys, numpy as np
            d = sys.argv[1]; z = np.load(d + '/ours.npz', allow_pickle=False)
            assert list(z.keys()) == ['f4', 'f8', 'i4', 'i8', 'u1', 'b1', 'none'], list(z.keys())
            for k in ('f4', 'f8', 'i4', 'i8', 'u1'): assert z[k].dtype.str[1:] == k and not z[k].flags.f_contiguous or z[k].ndim < 2, k
            assert z['none'].shape == (3, 0) and z['i8'].shape == () and z['i8'] == -2**63
            assert z['f4'].tolist() == [[1.5, -2, 3], [4, 5, 6]] and z['b1'].tolist() == [True, False]
            assert (np.load(d + '/ours.npy') == np.arange(1, 9).reshape(2, 2, 2)).all()
            a = np.arange(24).reshape(2, 3, 4)
            np.savez(d + '/theirs.npz', c=a.astype('f8'), f=np.asfortranarray(a.astype('f4')), s=np.float32(3), b=a > 5)
            np.savez_compressed(d + '/deflated.npz', z=np.zeros((1000, 100), 'f4'), f=np.asfortranarray(a.astype('i4')))
            np.save(d + '/object.npy', np.array([{}], dtype=object), allow_pickle=True)
            np.save(d + '/big.npy', a.astype('>f4'))
            """, _folder.Path);
        Assert.Equal("", output);
        var theirs = NumpyFile.ReadNpz(_folder["theirs.npz"]);
        var expected = Enumerable.Range(0, 24).ToArray();
        Assert.Equal(expected.Select(i => (double)i), theirs["c"].Float64.ToArray());
        Assert.Equal(expected.Select(i => (float)i), theirs["f"].Float32.ToArray());
        Assert.Equal([2, 3, 4], theirs["f"].Shape);
        Assert.Empty(theirs["s"].Shape);
        Assert.Equal(expected.Select(i => i > 5), theirs["b"].Bool.ToArray());
        Assert.Equal(expected, NumpyFile.ReadNpz(_folder["deflated.npz"])["f"].Int32.ToArray());
        Assert.Contains("'|O'", Assert.Throws<FarmException>(() => NumpyFile.ReadNpy(_folder["object.npy"])).Failure.Message);
        Assert.Contains("'>f4'", Assert.Throws<FarmException>(() => NumpyFile.ReadNpy(_folder["big.npy"])).Failure.Message);
    }

    [Fact]
    public void Shape_larger_than_the_file_is_refused_before_anything_is_allocated()
    {
        NumpyFile.WriteNpy(_folder["x.npy"], Some[0]);
        var text = File.ReadAllText(_folder["x.npy"], System.Text.Encoding.Latin1).Replace("(2, 3), }            ", "(2, 999999999), }    ");
        File.WriteAllText(_folder["x.npy"], text, System.Text.Encoding.Latin1);
        Assert.Contains("takes more than", Assert.Throws<FarmException>(() => NumpyFile.ReadNpy(_folder["x.npy"])).Failure.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damaged_npz_gives_a_typed_failure_or_values(bool compress)
    {
        NumpyFile.WriteNpz(_folder["a.npz"], Some, compress);
        Damage.OnlyTypedFailures(File.ReadAllBytes(_folder["a.npz"]), bytes =>
        {
            File.WriteAllBytes(_folder["bad.npz"], bytes);
            NumpyFile.ReadNpz(_folder["bad.npz"]);
        });
    }

    [Fact]
    public void Damaged_npy_gives_a_typed_failure_or_values()
    {
        NumpyFile.WriteNpy(_folder["a.npy"], Some[0]);
        Damage.OnlyTypedFailures(File.ReadAllBytes(_folder["a.npy"]), bytes =>
        {
            File.WriteAllBytes(_folder["bad.npy"], bytes);
            NumpyFile.ReadNpy(_folder["bad.npy"]);
        });
    }

    [Fact]
    public void Flipped_bit_in_stored_data_is_found_by_the_checksum()
    {
        NumpyFile.WriteNpz(_folder["a.npz"], Some);
        var bytes = File.ReadAllBytes(_folder["a.npz"]);
        bytes[bytes.AsSpan().IndexOf(BitConverter.GetBytes(1.5f))] ^= 1;
        File.WriteAllBytes(_folder["a.npz"], bytes);
        Assert.Contains("array 'f4': its checksum does not match", Assert.Throws<FarmException>(() => NumpyFile.ReadNpz(_folder["a.npz"])).Failure.Message);
    }
}
