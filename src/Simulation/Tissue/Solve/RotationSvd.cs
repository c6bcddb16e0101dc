namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>
/// Singular values of a 3x3 matrix with both factors rotations: F = U diag(s) V^T, s0 >= s1 >= |s2|, s2 signed as det F.
/// </summary>
/// <remarks>One-sided Jacobi (Hestenes 1958), accurate also where F is nearly singular or inverted.</remarks>
internal static unsafe class RotationSvd
{
    /// <param name="f">[9] row-major.</param>
    /// <param name="u">[9] receives U.</param>
    /// <param name="s">[3] receives the values.</param>
    /// <param name="v">[9] receives V.</param>
    public static void Decompose(double* f, double* u, double* s, double* v)
    {
        var w = stackalloc double[9];
        for (var k = 0; k < 9; k++) { w[k] = f[k]; v[k] = k % 4 == 0 ? 1 : 0; }
        for (var sweep = 0; sweep < 12; sweep++)
        {
            var turned = false;
            for (var p = 0; p < 2; p++)
                for (var q = p + 1; q < 3; q++)
                {
                    double a = 0, b = 0, c = 0;
                    for (var r = 0; r < 3; r++)
                    {
                        a += w[3 * r + p] * w[3 * r + p];
                        b += w[3 * r + q] * w[3 * r + q];
                        c += w[3 * r + p] * w[3 * r + q];
                    }
                    if (Math.Abs(c) <= 1e-15 * Math.Sqrt(a * b)) continue;
                    turned = true;
                    var zeta = (b - a) / (2 * c);
                    var tangent = Math.CopySign(1, zeta) / (Math.Abs(zeta) + Math.Sqrt(1 + zeta * zeta));
                    var cosine = 1 / Math.Sqrt(1 + tangent * tangent);
                    Rotate(w, p, q, cosine, cosine * tangent);
                    Rotate(v, p, q, cosine, cosine * tangent);
                }
            if (!turned) break;
        }
        for (var k = 0; k < 3; k++) s[k] = Math.Sqrt(w[k] * w[k] + w[3 + k] * w[3 + k] + w[6 + k] * w[6 + k]);
        if (s[0] < s[1]) Exchange(w, v, s, 0, 1);
        if (s[1] < s[2]) Exchange(w, v, s, 1, 2);
        if (s[0] < s[1]) Exchange(w, v, s, 0, 1);

        var u0 = Unit(w[0], w[3], w[6], s[0], 1, 0, 0);
        // The second column, or any direction across the first where the matrix has rank one.
        double along = u0.X * w[1] + u0.Y * w[4] + u0.Z * w[7];
        double x = w[1] - along * u0.X, y = w[4] - along * u0.Y, z = w[7] - along * u0.Z;
        var length = Math.Sqrt(x * x + y * y + z * z);
        if (length <= 1e-12 * s[0] || length == 0)
        {
            (x, y, z) = Math.Abs(u0.X) < 0.6 ? (0.0, -u0.Z, u0.Y) : (u0.Z, 0.0, -u0.X);
            length = Math.Sqrt(x * x + y * y + z * z);
        }
        var u1 = Unit(x, y, z, length, 0, 1, 0);
        double u2x = u0.Y * u1.Z - u0.Z * u1.Y, u2y = u0.Z * u1.X - u0.X * u1.Z, u2z = u0.X * u1.Y - u0.Y * u1.X;
        s[2] = u2x * w[2] + u2y * w[5] + u2z * w[8];
        u[0] = u0.X; u[3] = u0.Y; u[6] = u0.Z;
        u[1] = u1.X; u[4] = u1.Y; u[7] = u1.Z;
        u[2] = u2x; u[5] = u2y; u[8] = u2z;
    }

    static (double X, double Y, double Z) Unit(double x, double y, double z, double length, double fx, double fy, double fz) =>
        length > 0 ? (x / length, y / length, z / length) : (fx, fy, fz);

    static void Rotate(double* m, int p, int q, double cosine, double sine)
    {
        for (var r = 0; r < 9; r += 3)
        {
            double a = m[r + p], b = m[r + q];
            m[r + p] = cosine * a - sine * b;
            m[r + q] = sine * a + cosine * b;
        }
    }

    /// <summary>Swaps two columns and negates one, so that V stays a rotation.</summary>
    static void Exchange(double* w, double* v, double* s, int p, int q)
    {
        (s[p], s[q]) = (s[q], s[p]);
        for (var r = 0; r < 9; r += 3)
        {
            (w[r + p], w[r + q]) = (w[r + q], -w[r + p]);
            (v[r + p], v[r + q]) = (v[r + q], -v[r + p]);
        }
    }
}
