using System.Runtime.Intrinsics;
using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Learning.Regression;

/// <summary>The kernels of <c>ml_regression_kernel</c>. r is the Euclidean distance of two rows, w the width.</summary>
public enum KernelKind
{
    /// <summary>exp(−r² / (2 w²)).</summary>
    Gaussian,
    /// <summary>(x · y + offset)^degree.</summary>
    Polynomial,
    /// <summary>tanh(scale x · y + offset). Not positive definite.</summary>
    Sigmoid,
    /// <summary>exp(−r / w).</summary>
    Laplace,
    /// <summary>(1 + s) exp(−s), s = √3 r / w.</summary>
    Matern32,
    /// <summary>(1 + s + s² / 3) exp(−s), s = √5 r / w.</summary>
    Matern52,
    /// <summary>s² ln s, s = r / w: conditionally positive definite of order 2.</summary>
    ThinPlate,
    /// <summary>−s, s = r / w: conditionally positive definite of order 1.</summary>
    Linear,
    /// <summary>s³, s = r / w: conditionally positive definite of order 2.</summary>
    Cubic,
}

/// <summary>A kernel with its constants. Thread-safe.</summary>
/// <remarks>
/// Sources: Schölkopf and Smola, "Learning with Kernels", 2002 (gaussian, polynomial, sigmoid); Rasmussen and Williams, "Gaussian
/// Processes for Machine Learning", 2006, section 4.2 (Laplace, Matérn); Wendland, "Scattered Data Approximation", 2005, chapter 8
/// (thin plate, polyharmonic).
/// </remarks>
public sealed record KernelFunction(KernelKind Kind)
{
    /// <summary>w &gt; 0, in units of the (standardised) inputs.</summary>
    public double Width { get; init; } = 1;

    /// <summary>Degree of the polynomial kernel, at least 1.</summary>
    public int Degree { get; init; } = 3;

    /// <summary>Offset of the polynomial kernel.</summary>
    public double PolynomialOffset { get; init; } = 1;

    /// <summary>Scale of the sigmoid kernel.</summary>
    public double SigmoidScale { get; init; } = 1;

    /// <summary>Offset of the sigmoid kernel.</summary>
    public double SigmoidOffset { get; init; }

    /// <summary>True for a function of the distance; false for one of the inner product.</summary>
    public bool IsRadial => Kind is not (KernelKind.Polynomial or KernelKind.Sigmoid);

    /// <summary>Degree of the polynomials that its native space leaves free: −1 for none, 0 for constants, 1 for linear functions.</summary>
    public int FreeDegree => Kind switch { KernelKind.ThinPlate or KernelKind.Cubic => 1, KernelKind.Linear => 0, _ => -1 };

    /// <summary>True when no matrix of it has a negative eigenvalue on the complement of the free polynomials (the sigmoid kernel breaks this).</summary>
    public bool IsDefinite => Kind != KernelKind.Sigmoid;

    /// <summary>Replaces squared distances (radial kernels) or inner products by kernel values.</summary>
    internal unsafe void Apply(double* values, int count)
    {
        switch (Kind)
        {
            case KernelKind.Gaussian:
                Scale(values, count, -1 / (2 * Width * Width));
                WideTranscendental.Apply(values, count, &WideTranscendental.Exp);
                break;
            case KernelKind.Polynomial:
                for (int i = 0; i < count; i++) values[i] = Power(values[i] + PolynomialOffset);
                break;
            case KernelKind.Sigmoid:
                for (int i = 0; i < count; i++) values[i] = Math.FusedMultiplyAdd(values[i], SigmoidScale, SigmoidOffset);
                WideTranscendental.Apply(values, count, &WideTranscendental.Tanh);
                break;
            case KernelKind.Laplace:
                Scale(values, count, 1 / (Width * Width));
                WideTranscendental.Apply(values, count, &ExpMinusRoot);
                break;
            case KernelKind.Matern32:
                Scale(values, count, 3 / (Width * Width));
                WideTranscendental.Apply(values, count, &MaternOnce);
                break;
            case KernelKind.Matern52:
                Scale(values, count, 5 / (Width * Width));
                WideTranscendental.Apply(values, count, &MaternTwice);
                break;
            case KernelKind.ThinPlate:
                Scale(values, count, 1 / (Width * Width));
                WideTranscendental.Apply(values, count, &SquareLogRoot);
                break;
            case KernelKind.Linear:
                for (int i = 0; i < count; i++) values[i] = -Math.Sqrt(values[i]) / Width;
                break;
            case KernelKind.Cubic:
                Scale(values, count, 1 / (Width * Width));
                for (int i = 0; i < count; i++) values[i] *= Math.Sqrt(values[i]);
                break;
            default: throw new InvalidOperationException($"there is no kernel {Kind}");
        }
    }

    private double Power(double x)
    {
        double power = 1;
        for (int exponent = Degree; exponent > 0; exponent >>= 1, x *= x)
            if ((exponent & 1) != 0) power *= x;
        return power;
    }

    private static unsafe void Scale(double* values, int count, double factor)
    {
        for (int i = 0; i < count; i++) values[i] *= factor;
    }

    private static Vector512<double> ExpMinusRoot(Vector512<double> square) => WideTranscendental.Exp(-Vector512.Sqrt(square));

    private static Vector512<double> MaternOnce(Vector512<double> square)
    {
        var s = Vector512.Sqrt(square);
        return (Vector512<double>.One + s) * WideTranscendental.Exp(-s);
    }

    private static Vector512<double> MaternTwice(Vector512<double> square)
    {
        var s = Vector512.Sqrt(square);
        return (Vector512<double>.One + s + square * Vector512.Create(1.0 / 3)) * WideTranscendental.Exp(-s);
    }

    private static Vector512<double> SquareLogRoot(Vector512<double> square)
        => Vector512.Create(0.5) * square * WideTranscendental.Log(Vector512.Max(square, Vector512.Create(1e-300)));
}
