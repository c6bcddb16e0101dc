using System.Runtime.Intrinsics;
using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Tests.Learning.Dense;

public unsafe class WideTranscendentalTests
{
    [Fact]
    public void Functions_are_those_of_the_library_to_a_few_units_in_the_last_place()
    {
        for (int i = 0; i < 20_000; i++)
        {
            double x = -40 + 80.0 * i / 20_000 + 1e-5, positive = Math.Exp(x);
            Near(Math.Exp(x), WideTranscendental.Exp(Vector512.Create(x))[0], 5e-16 * Math.Exp(x));
            Near(Math.Tanh(x), WideTranscendental.Tanh(Vector512.Create(x))[0], 4e-16);
            Near(Math.Log(positive), WideTranscendental.Log(Vector512.Create(positive))[0], 2e-15 * Math.Max(1e-2, Math.Abs(x)));
        }
        Assert.Equal(0, WideTranscendental.Log(Vector512<double>.One)[0]);
        Assert.Equal(1, WideTranscendental.Exp(Vector512<double>.Zero)[0]);
        Assert.Equal(Math.Log(1e-300), WideTranscendental.Log(Vector512.Create(1e-300))[0], 1e-12);
        Assert.InRange(WideTranscendental.Exp(Vector512.Create(-1e9))[0], 0, 1e-300);
    }

    [Fact]
    public void A_value_has_the_same_bits_at_every_place_of_an_array()
    {
        for (int length = 1; length < 20; length++)
        {
            var values = new double[length];
            Array.Fill(values, -1.2345);
            fixed (double* v = values) WideTranscendental.Apply(v, length, &WideTranscendental.Exp);
            Assert.All(values, v => Assert.Equal(WideTranscendental.Exp(Vector512.Create(-1.2345))[0], v));
        }
    }

    private static void Near(double expected, double actual, double tolerance) => Assert.True(Math.Abs(expected - actual) <= tolerance, $"{actual:R} is not {expected:R}");
}
