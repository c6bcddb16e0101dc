namespace ExampleMlFarm.Core.Randomness;

/// <summary>The standard normal distribution: quantile and cumulative probability.</summary>
public static class NormalDistribution
{
    /// <summary>The x with P(X ≤ x) = <paramref name="probability"/>, which must lie in (0, 1). Relative error below 1e-15.</summary>
    /// <remarks>Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution", 1988 (PPND16).</remarks>
    public static double Quantile(double probability)
    {
        if (!(probability > 0 && probability < 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "must lie strictly between 0 and 1");
        double q = probability - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            double r = 0.180625 - q * q;
            return q * Horner(r, CentralNumerator) / Horner(r, CentralDenominator);
        }
        double tail = Math.Sqrt(-Math.Log(q < 0 ? probability : 1 - probability));
        double x = tail <= 5
            ? Horner(tail - 1.6, MiddleNumerator) / Horner(tail - 1.6, MiddleDenominator)
            : Horner(tail - 5, FarNumerator) / Horner(tail - 5, FarDenominator);
        return q < 0 ? -x : x;
    }

    /// <summary>P(X ≤ x). Absolute error below 1.2e-7 of the tail (Chebyshev fit of erfc), enough for truncation bounds.</summary>
    public static double Cumulative(double x)
    {
        double z = Math.Abs(x) / Math.Sqrt(2), t = 1 / (1 + 0.5 * z);
        double erfc = t * Math.Exp(-z * z - 1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806
            + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277)))))))));
        return x >= 0 ? 1 - 0.5 * erfc : 0.5 * erfc;
    }

    private static double Horner(double x, double[] coefficients)
    {
        double sum = 0;
        for (int i = coefficients.Length - 1; i >= 0; i--) sum = sum * x + coefficients[i];
        return sum;
    }

    private static readonly double[] CentralNumerator = [3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3,
        1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3];
    private static readonly double[] CentralDenominator = [1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
        2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3];
    private static readonly double[] MiddleNumerator = [1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550,
        3.64784832476320460504, 1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4];
    private static readonly double[] MiddleDenominator = [1, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1,
        1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9];
    private static readonly double[] FarNumerator = [6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580,
        2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7];
    private static readonly double[] FarDenominator = [1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15];
}
