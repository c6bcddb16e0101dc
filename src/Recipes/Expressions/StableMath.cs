namespace ExampleMlFarm.Recipes.Expressions;

/// <summary>
/// exp and log from additions and multiplications alone, so that attributes have the same bits on every machine; the C libraries differ in the
/// last place. Error below one unit in the last place.
/// </summary>
/// <remarks>Source: the reductions and polynomials published with fdlibm (Sun Microsystems, 1993).</remarks>
public static class StableMath
{
    private const double Ln2High = 6.93147180369123816490e-01, Ln2Low = 1.90821492927058770002e-10;

    /// <summary>e^x; infinite above 709.78, 0 below −745.13.</summary>
    public static double Exp(double x)
    {
        if (double.IsNaN(x)) return x;
        if (x > 709.782712893383973096) return double.PositiveInfinity;
        if (x < -745.13321910194110842) return 0;
        int k = 0;
        double high = x, low = 0;
        if (Math.Abs(x) > 0.34657359027997264)
        {
            k = (int)(1.44269504088896338700 * x + (x < 0 ? -0.5 : 0.5));
            high = x - k * Ln2High;
            low = k * Ln2Low;
        }
        double r = high - low, t = r * r;
        double c = r - t * (1.66666666666666019037e-01 + t * (-2.77777777770155933842e-03 + t * (6.61375632143793436117e-05
            + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))));
        double y = k == 0 ? 1 - (r * c / (c - 2) - r) : 1 - (low - r * c / (2 - c) - high);
        return Math.ScaleB(y, k);
    }

    /// <summary>The natural logarithm; −∞ at 0, NaN below.</summary>
    public static double Log(double x)
    {
        if (double.IsNaN(x) || x < 0) return double.NaN;
        if (x == 0) return double.NegativeInfinity;
        if (double.IsPositiveInfinity(x)) return x;
        // x = 2^k (1 + f) with √2/2 < 1 + f < √2.
        int k = Math.ILogB(x);
        double f = Math.ScaleB(x, -k);
        if (f > 1.4142135623730951)
        {
            f *= 0.5;
            k++;
        }
        f -= 1;
        if (f == 0) return k * Ln2High + k * Ln2Low;
        double s = f / (2 + f), z = s * s, w = z * z;
        double even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
        double odd = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
        double half = 0.5 * f * f;
        return k * Ln2High - (half - (s * (half + even + odd) + k * Ln2Low) - f);
    }
}
