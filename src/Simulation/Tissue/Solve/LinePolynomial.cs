using System.Runtime.CompilerServices;

namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>The change of energy along a line: c1 s + c2 s^2 + ... + c6 s^6.</summary>
internal sealed class LinePolynomial
{
    readonly double[] c = new double[6];

    public Span<double> Coefficients => c;

    public double Slope => c[0];

    public double Value(double s) => s * (c[0] + s * (c[1] + s * (c[2] + s * (c[3] + s * (c[4] + s * c[5])))));

    public double Derivative(double s) =>
        c[0] + s * (2 * c[1] + s * (3 * c[2] + s * (4 * c[3] + s * (5 * c[4] + s * 6 * c[5]))));

    /// <summary>The first minimum along the line, searched up to <paramref name="longest"/>; zero when the line does not descend.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public double FirstMinimum(double longest)
    {
        if (!(c[0] < 0)) return 0;
        // Walk in quarter steps to the first change of the derivative's sign, then close in by the Illinois variant of
        // false position, which needs no second derivative and cannot leave the bracket.
        const double Stride = 0.25;
        double low = 0, lowValue = c[0];
        var high = Stride;
        var highValue = Derivative(high);
        while (highValue < 0)
        {
            if (high >= longest) return longest;
            (low, lowValue) = (high, highValue);
            high = Math.Min(high + Stride, longest);
            highValue = Derivative(high);
        }
        if (double.IsNaN(highValue)) return 0;
        var last = 0;
        for (var i = 0; i < 60 && high - low > 1e-10; i++)
        {
            var middle = (low * highValue - high * lowValue) / (highValue - lowValue);
            var value = Derivative(middle);
            if (value < 0)
            {
                (low, lowValue) = (middle, value);
                if (last == -1) highValue /= 2;
                last = -1;
            }
            else
            {
                (high, highValue) = (middle, value);
                if (last == 1) lowValue /= 2;
                last = 1;
            }
            if (Math.Abs(value) <= 1e-12 * -c[0]) return middle;
        }
        return (low + high) / 2;
    }
}
