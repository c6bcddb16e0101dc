using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Learning.Networks;

/// <summary>Values and derivatives of the activations over whole buffers. Knows nothing of layers.</summary>
internal static unsafe class ActivationFunctions
{
    /// <summary>Slope of leaky ReLU below zero.</summary>
    public const float LeakySlope = 0.01f;

    private interface IFunction
    {
        static abstract Vector512<float> Value(Vector512<float> x);

        /// <summary>d value / d x, from the input x and the value y: most need one of the two.</summary>
        static abstract Vector512<float> Derivative(Vector512<float> x, Vector512<float> y);
    }

    /// <summary>y = activation(x) for <paramref name="count"/> entries; y may be x.</summary>
    public static void Apply(Activation activation, float* x, float* y, int count)
    {
        switch (activation)
        {
            case Activation.Tanh: Apply<Tanh>(x, y, count); break;
            case Activation.Relu: Apply<Relu>(x, y, count); break;
            case Activation.LeakyRelu: Apply<LeakyRelu>(x, y, count); break;
            case Activation.Sigmoid: Apply<Sigmoid>(x, y, count); break;
            case Activation.Elu: Apply<Elu>(x, y, count); break;
            case Activation.Softplus: Apply<Softplus>(x, y, count); break;
            case Activation.Gelu: Apply<Gelu>(x, y, count); break;
            case Activation.Silu: Apply<Silu>(x, y, count); break;
            default: throw new ArgumentOutOfRangeException(nameof(activation), activation, null);
        }
    }

    /// <summary>gradient *= activation'(x), given x and y = activation(x).</summary>
    public static void Backward(Activation activation, float* x, float* y, float* gradient, int count)
    {
        switch (activation)
        {
            case Activation.Tanh: Backward<Tanh>(x, y, gradient, count); break;
            case Activation.Relu: Backward<Relu>(x, y, gradient, count); break;
            case Activation.LeakyRelu: Backward<LeakyRelu>(x, y, gradient, count); break;
            case Activation.Sigmoid: Backward<Sigmoid>(x, y, gradient, count); break;
            case Activation.Elu: Backward<Elu>(x, y, gradient, count); break;
            case Activation.Softplus: Backward<Softplus>(x, y, gradient, count); break;
            case Activation.Gelu: Backward<Gelu>(x, y, gradient, count); break;
            case Activation.Silu: Backward<Silu>(x, y, gradient, count); break;
            default: throw new ArgumentOutOfRangeException(nameof(activation), activation, null);
        }
    }

    private static void Apply<TFunction>(float* x, float* y, int count) where TFunction : struct, IFunction
    {
        int i = 0;
        for (; i + 16 <= count; i += 16) TFunction.Value(Vector512.Load(x + i)).Store(y + i);
        if (i == count) return;
        // The rest goes through the same sixteen lanes: an entry's bits do not depend on where it stands.
        float* rest = stackalloc float[16];
        new ReadOnlySpan<float>(x + i, count - i).CopyTo(new Span<float>(rest, 16));
        TFunction.Value(Vector512.Load(rest)).Store(rest);
        new ReadOnlySpan<float>(rest, count - i).CopyTo(new Span<float>(y + i, count - i));
    }

    private static void Backward<TFunction>(float* x, float* y, float* gradient, int count) where TFunction : struct, IFunction
    {
        int i = 0;
        for (; i + 16 <= count; i += 16)
            (Vector512.Load(gradient + i) * TFunction.Derivative(Vector512.Load(x + i), Vector512.Load(y + i))).Store(gradient + i);
        if (i == count) return;
        float* rest = stackalloc float[48];
        int left = count - i;
        new ReadOnlySpan<float>(x + i, left).CopyTo(new Span<float>(rest, 16));
        new ReadOnlySpan<float>(y + i, left).CopyTo(new Span<float>(rest + 16, 16));
        new ReadOnlySpan<float>(gradient + i, left).CopyTo(new Span<float>(rest + 32, 16));
        (Vector512.Load(rest + 32) * TFunction.Derivative(Vector512.Load(rest), Vector512.Load(rest + 16))).Store(rest);
        new ReadOnlySpan<float>(rest, left).CopyTo(new Span<float>(gradient + i, left));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Where(Vector512<float> x, Vector512<float> positive, Vector512<float> other)
        => Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), positive, other);

    private readonly struct Tanh : IFunction
    {
        public static Vector512<float> Value(Vector512<float> x) => Transcendental.Tanh(x);
        public static Vector512<float> Derivative(Vector512<float> x, Vector512<float> y) => Vector512.FusedMultiplyAdd(-y, y, Vector512<float>.One);
    }

    private readonly struct Relu : IFunction
    {
        public static Vector512<float> Value(Vector512<float> x) => Vector512.Max(x, Vector512<float>.Zero);
        public static Vector512<float> Derivative(Vector512<float> x, Vector512<float> y) => Where(x, Vector512<float>.One, Vector512<float>.Zero);
    }

    private readonly struct LeakyRelu : IFunction
    {
        public static Vector512<float> Value(Vector512<float> x) => Where(x, x, x * Vector512.Create(LeakySlope));
        public static Vector512<float> Derivative(Vector512<float> x, Vector512<float> y) => Where(x, Vector512<float>.One, Vector512.Create(LeakySlope));
    }

    private readonly struct Sigmoid : IFunction
    {
        public static Vector512<float> Value(Vector512<float> x) => Transcendental.Sigmoid(x);
        public static Vector512<float> Derivative(Vector512<float> x, Vector512<float> y) => y * (Vector512<float>.One - y);
    }

    private readonly struct Elu : IFunction
    {
        public static Vector512<float> Value(Vector512<float> x) => Where(x, x, Transcendental.Exp(x) - Vector512<float>.One);
        public static Vector512<float> Derivative(Vector512<float> x, Vector512<float> y) => Where(x, Vector512<float>.One, y + Vector512<float>.One);
    }

    private readonly struct Softplus : IFunction
    {
        public static Vector512<float> Value(Vector512<float> x)
            => Vector512.Max(x, Vector512<float>.Zero) + Transcendental.LogOnePlus(Transcendental.Exp(-Vector512.Abs(x)));
        public static Vector512<float> Derivative(Vector512<float> x, Vector512<float> y) => Transcendental.Sigmoid(x);
    }

    private readonly struct Gelu : IFunction
    {
        public static Vector512<float> Value(Vector512<float> x) => x * Distribution(x);
        public static Vector512<float> Derivative(Vector512<float> x, Vector512<float> y)
            => Distribution(x) + x * Vector512.Create(0.3989422804f) * Transcendental.Exp(Vector512.Create(-0.5f) * x * x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<float> Distribution(Vector512<float> x)
            => Vector512.Create(0.5f) + Vector512.Create(0.5f) * Transcendental.Erf(x * Vector512.Create(0.70710678f));
    }

    private readonly struct Silu : IFunction
    {
        public static Vector512<float> Value(Vector512<float> x) => x * Transcendental.Sigmoid(x);
        public static Vector512<float> Derivative(Vector512<float> x, Vector512<float> y)
        {
            var s = Transcendental.Sigmoid(x);
            return s + y * (Vector512<float>.One - s);
        }
    }
}
