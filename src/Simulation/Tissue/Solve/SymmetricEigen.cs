namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>Nearest positive semi-definite matrix of a symmetric 3x3 one, by Jacobi rotations.</summary>
internal static unsafe class SymmetricEigen
{
    /// <param name="a">[9] symmetric; negative eigenvalues become zero.</param>
    public static void ClampNegative(double* a)
    {
        // Leading minors first: most elements of a pose need nothing.
        var minor = a[0] * a[4] - a[1] * a[1];
        if (a[0] > 0 && minor > 0 && a[8] * minor - a[0] * a[5] * a[5] - a[4] * a[2] * a[2] + 2 * a[1] * a[2] * a[5] > 0) return;
        var d = stackalloc double[9];
        var v = stackalloc double[9];
        for (var k = 0; k < 9; k++) { d[k] = a[k]; v[k] = k % 4 == 0 ? 1 : 0; }
        for (var sweep = 0; sweep < 12; sweep++)
        {
            double off = d[1] * d[1] + d[2] * d[2] + d[5] * d[5], on = d[0] * d[0] + d[4] * d[4] + d[8] * d[8];
            if (off <= 1e-30 * on) break;
            for (var p = 0; p < 2; p++)
                for (var q = p + 1; q < 3; q++)
                {
                    var c = d[3 * p + q];
                    if (c == 0) continue;
                    var theta = (d[4 * q] - d[4 * p]) / (2 * c);
                    var tangent = Math.CopySign(1, theta) / (Math.Abs(theta) + Math.Sqrt(1 + theta * theta));
                    double cosine = 1 / Math.Sqrt(1 + tangent * tangent), sine = cosine * tangent;
                    for (var r = 0; r < 3; r++)
                    {
                        double x = d[3 * r + p], y = d[3 * r + q];
                        d[3 * r + p] = cosine * x - sine * y; d[3 * r + q] = sine * x + cosine * y;
                        x = v[3 * r + p]; y = v[3 * r + q];
                        v[3 * r + p] = cosine * x - sine * y; v[3 * r + q] = sine * x + cosine * y;
                    }
                    for (var r = 0; r < 3; r++)
                    {
                        double x = d[3 * p + r], y = d[3 * q + r];
                        d[3 * p + r] = cosine * x - sine * y; d[3 * q + r] = sine * x + cosine * y;
                    }
                }
        }
        for (var i = 0; i < 3; i++)
            for (var j = 0; j < 3; j++)
            {
                var sum = 0.0;
                for (var k = 0; k < 3; k++) sum += v[3 * i + k] * Math.Max(d[4 * k], 0) * v[3 * j + k];
                a[3 * i + j] = sum;
            }
    }
}
