using System.Runtime.Intrinsics;
using ExampleMlFarm.Learning.Dense;
using ExampleMlFarm.Learning.Networks;

namespace ExampleMlFarm.Tests.Learning.Dense;

public unsafe class TranscendentalTests
{
    public static TheoryData<string> Names => ["exp", "tanh", "sigmoid", "log1p", "erf"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Polynomials_stay_within_their_stated_error(string name)
    {
        for (double x = -20; x <= 20; x += 0.0137)
        {
            float at = (float)(name == "log1p" ? Math.Abs(x) / 20 : x);
            var v = Vector512.Create(at);
            (double got, double want, bool relative) = name switch
            {
                "exp" => (Transcendental.Exp(v)[3], Math.Exp(at), true),
                "tanh" => (Transcendental.Tanh(v)[3], Math.Tanh(at), true),
                "sigmoid" => (Transcendental.Sigmoid(v)[3], 1 / (1 + Math.Exp(-at)), false),
                "log1p" => (Transcendental.LogOnePlus(v)[3], Math.Log(1 + (double)at), true),
                _ => (Transcendental.Erf(v)[3], Erf(at), false),
            };
            double error = Math.Abs(got - want) / (relative ? Math.Max(Math.Abs(want), 1e-30) : 1);
            Assert.True(error < (name is "tanh" ? 1e-6 : name is "erf" ? 4e-7 : 3e-7), $"{name}({at}) = {got}, exact {want}, error {error:e2}");
        }
    }

    [Fact]
    public void An_entry_has_the_same_bits_wherever_it_stands()
    {
        foreach (var activation in Enum.GetValues<Activation>())
        {
            var x = new float[37];
            for (int i = 0; i < x.Length; i++) x[i] = (i - 18) * 0.31f;
            var whole = new float[37];
            fixed (float* px = x, pw = whole)
            {
                ActivationFunctions.Apply(activation, px, pw, 37);
                for (int i = 0; i < x.Length; i++)
                {
                    float one;
                    ActivationFunctions.Apply(activation, px + i, &one, 1);
                    Assert.Equal(whole[i], one);
                }
            }
        }
    }

    [Fact]
    public void Not_a_number_stays_one()
    {
        var v = Vector512.Create(float.NaN);
        Assert.True(float.IsNaN(Transcendental.Tanh(v)[0]));
        Assert.True(float.IsNaN(Transcendental.Sigmoid(v)[0]));
    }

    /// <summary>erf by its Taylor series, or its continued fraction's limit far out.</summary>
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 5) return Math.Sign(x);
        double sum = 0, term = x;
        for (int n = 0; n < 200; n++)
        {
            sum += term / (2 * n + 1);
            term *= -x * x / (n + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}
