using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ExampleMlFarm.Core;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>
/// A mean displacement and shapes added to it by weight: <c>d = mean + Σ_k w_k shape_k</c>, the output side of a principal component
/// analysis. Knows no skin and no model.
/// </summary>
public sealed class ShapeBasis
{
    public const int MaxShapes = 4096;

    /// <summary>Bounds the basis to 4 GiB of memory.</summary>
    public const long MaxNumbers = 1L << 30;

    /// <summary>Numbers of the output worked on at a time: they stay in the first-level cache while all shapes stream past.</summary>
    private const int Block = 2048;

    /// <param name="mean"><c>[3 n]</c>, points in index order, x y z of each.</param>
    /// <param name="shapes"><c>[k, 3 n]</c>, shape after shape.</param>
    /// <exception cref="FarmException">The lengths do not fit, or a number is not finite.</exception>
    public ShapeBasis(float[] mean, float[] shapes)
    {
        if (mean.Length == 0 || mean.Length % 3 != 0 || shapes.Length % mean.Length != 0 || shapes.Length / mean.Length > MaxShapes)
            throw FarmException.Invalid("basis.shape", $"A basis has 3 numbers per point in its mean and a whole number of shapes of the same length, at most {MaxShapes}; there are {mean.Length} and {shapes.Length} numbers.");
        CheckFinite(mean, "mean");
        CheckFinite(shapes, "shapes");
        (Mean, Shapes, ShapeCount) = (mean, shapes, shapes.Length / mean.Length);
    }

    public int PointCount => Mean.Length / 3;
    public int ShapeCount { get; }
    public float[] Mean { get; }
    public float[] Shapes { get; }

    public ReadOnlySpan<float> Shape(int k) => Shapes.AsSpan(k * Mean.Length, Mean.Length);

    /// <summary><c>mean + Σ_k weights[k] shape_k</c>, in one streaming pass over the basis.</summary>
    /// <param name="weights"><c>[k]</c>.</param>
    /// <param name="displacement"><c>[3 n]</c>.</param>
    public void Combine(ReadOnlySpan<float> weights, Span<float> displacement)
    {
        if (weights.Length != ShapeCount || displacement.Length != Mean.Length)
            throw new ArgumentException($"{weights.Length} weights and {displacement.Length} numbers of output for {ShapeCount} shapes of {Mean.Length} numbers.");
        for (var start = 0; start < Mean.Length; start += Block)
        {
            var count = Math.Min(Block, Mean.Length - start);
            var output = displacement.Slice(start, count);
            Mean.AsSpan(start, count).CopyTo(output);
            var k = 0;
            for (; k + 4 <= ShapeCount; k += 4) AddFour(weights, k, start, output);
            for (; k < ShapeCount; k++)
            {
                var shape = Shapes.AsSpan(k * Mean.Length + start, count);
                for (var i = 0; i < count; i++) output[i] = MathF.FusedMultiplyAdd(weights[k], shape[i], output[i]);
            }
        }
    }

    /// <summary>
    /// Four shapes at once: the output is read and written a quarter as often. Fused multiply-adds everywhere, so that the result is
    /// the same at every vector width.
    /// </summary>
    private void AddFour(ReadOnlySpan<float> weights, int k, int start, Span<float> output)
    {
        var count = output.Length;
        var (w0, w1, w2, w3) = (weights[k], weights[k + 1], weights[k + 2], weights[k + 3]);
        // The slices prove that all four rows hold count numbers, which the unchecked reads below rely on.
        ref var a = ref MemoryMarshal.GetReference(Shapes.AsSpan(k * Mean.Length + start, count));
        ref var b = ref MemoryMarshal.GetReference(Shapes.AsSpan((k + 1) * Mean.Length + start, count));
        ref var c = ref MemoryMarshal.GetReference(Shapes.AsSpan((k + 2) * Mean.Length + start, count));
        ref var d = ref MemoryMarshal.GetReference(Shapes.AsSpan((k + 3) * Mean.Length + start, count));
        ref var o = ref MemoryMarshal.GetReference(output);
        var i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            var (x0, x1, x2, x3) = (Vector512.Create(w0), Vector512.Create(w1), Vector512.Create(w2), Vector512.Create(w3));
            for (; i + Vector512<float>.Count <= count; i += Vector512<float>.Count)
            {
                var sum = Vector512.FusedMultiplyAdd(x0, Vector512.LoadUnsafe(ref a, (nuint)i), Vector512.LoadUnsafe(ref o, (nuint)i));
                sum = Vector512.FusedMultiplyAdd(x1, Vector512.LoadUnsafe(ref b, (nuint)i), sum);
                sum = Vector512.FusedMultiplyAdd(x2, Vector512.LoadUnsafe(ref c, (nuint)i), sum);
                Vector512.FusedMultiplyAdd(x3, Vector512.LoadUnsafe(ref d, (nuint)i), sum).StoreUnsafe(ref o, (nuint)i);
            }
        }
        else
        {
            var (x0, x1, x2, x3) = (Vector256.Create(w0), Vector256.Create(w1), Vector256.Create(w2), Vector256.Create(w3));
            for (; i + Vector256<float>.Count <= count; i += Vector256<float>.Count)
            {
                var sum = Vector256.FusedMultiplyAdd(x0, Vector256.LoadUnsafe(ref a, (nuint)i), Vector256.LoadUnsafe(ref o, (nuint)i));
                sum = Vector256.FusedMultiplyAdd(x1, Vector256.LoadUnsafe(ref b, (nuint)i), sum);
                sum = Vector256.FusedMultiplyAdd(x2, Vector256.LoadUnsafe(ref c, (nuint)i), sum);
                Vector256.FusedMultiplyAdd(x3, Vector256.LoadUnsafe(ref d, (nuint)i), sum).StoreUnsafe(ref o, (nuint)i);
            }
        }
        for (; i < count; i++)
        {
            var sum = MathF.FusedMultiplyAdd(w0, Unsafe.Add(ref a, i), output[i]);
            sum = MathF.FusedMultiplyAdd(w1, Unsafe.Add(ref b, i), sum);
            sum = MathF.FusedMultiplyAdd(w2, Unsafe.Add(ref c, i), sum);
            output[i] = MathF.FusedMultiplyAdd(w3, Unsafe.Add(ref d, i), sum);
        }
    }

    private static void CheckFinite(float[] numbers, string name)
    {
        for (var i = 0; i < numbers.Length; i++)
            if (!float.IsFinite(numbers[i])) throw FarmException.Invalid("basis.not_finite", $"Number {i} of the basis's {name} is {numbers[i]}; all must be finite.");
    }
}
