namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>
/// One element's stiffness with its negative eigenvalues removed, in the frame of the principal stretches, where the
/// nine modes fall apart into one 3x3 problem and three 2x2 ones.
/// </summary>
/// <remarks>
/// Eigensystem of isotropic energies: Smith, de Goes and Kim 2019, Analytic Eigensystems for Isotropic Distortion
/// Energies. With F = U S V^T (U, V rotations, the last stretch signed), the mixed second derivative of J couples
/// entries (i,j) and (j,i) with -s_k, and (i,i) and (j,j) with s_k.
/// </remarks>
internal unsafe ref struct ProjectedElement
{
    fixed double u[9];
    fixed double shape[12];
    fixed double stretch[9];
    fixed double shear[9];
    fixed double swap[9];

    /// <param name="f">[3, 3] deformation gradient, row-major.</param>
    /// <param name="b">[4, 3] gradients of the shape functions.</param>
    /// <param name="mu">Shape stiffness.</param>
    /// <param name="lambda">Volume stiffness.</param>
    /// <param name="volume">Rest volume.</param>
    public ProjectedElement(double* f, double* b, double mu, double lambda, double volume)
    {
        var s = stackalloc double[3];
        var v = stackalloc double[9];
        fixed (double* pu = u) RotationSvd.Decompose(f, pu, s, v);
        for (var p = 0; p < 4; p++)
            for (var k = 0; k < 3; k++)
                shape[3 * p + k] = b[3 * p] * v[k] + b[3 * p + 1] * v[3 + k] + b[3 * p + 2] * v[6 + k];
        var pressure = lambda * (s[0] * s[1] * s[2] - 1) - mu;
        var g = stackalloc double[3] { s[1] * s[2], s[2] * s[0], s[0] * s[1] };
        var a = stackalloc double[9];
        for (var i = 0; i < 3; i++)
            for (var j = 0; j < 3; j++)
            {
                a[3 * i + j] = lambda * g[i] * g[j] + (i == j ? mu : pressure * s[3 - i - j]);
                if (i == j) continue;
                double even = Math.Max(mu - pressure * s[3 - i - j], 0), odd = Math.Max(mu + pressure * s[3 - i - j], 0);
                shear[3 * i + j] = volume * (even + odd) / 2;
                swap[3 * i + j] = volume * (even - odd) / 2;
            }
        SymmetricEigen.ClampNegative(a);
        for (var k = 0; k < 9; k++) stretch[k] = volume * a[k];
    }

    /// <summary>Adds the block of corners p (rows) and q (columns), three columns of four.</summary>
    public readonly void AddBlock(int p, int q, double* target)
    {
        var k = stackalloc double[9];
        double p0 = shape[3 * p], p1 = shape[3 * p + 1], p2 = shape[3 * p + 2], q0 = shape[3 * q], q1 = shape[3 * q + 1], q2 = shape[3 * q + 2];
        k[0] = stretch[0] * p0 * q0 + shear[1] * p1 * q1 + shear[2] * p2 * q2;
        k[4] = stretch[4] * p1 * q1 + shear[3] * p0 * q0 + shear[5] * p2 * q2;
        k[8] = stretch[8] * p2 * q2 + shear[6] * p0 * q0 + shear[7] * p1 * q1;
        k[1] = stretch[1] * p0 * q1 + swap[1] * p1 * q0;
        k[3] = stretch[3] * p1 * q0 + swap[3] * p0 * q1;
        k[2] = stretch[2] * p0 * q2 + swap[2] * p2 * q0;
        k[6] = stretch[6] * p2 * q0 + swap[6] * p0 * q2;
        k[5] = stretch[5] * p1 * q2 + swap[5] * p2 * q1;
        k[7] = stretch[7] * p2 * q1 + swap[7] * p1 * q2;
        for (var c = 0; c < 3; c++)
        {
            double t0 = k[0] * u[3 * c] + k[1] * u[3 * c + 1] + k[2] * u[3 * c + 2];
            double t1 = k[3] * u[3 * c] + k[4] * u[3 * c + 1] + k[5] * u[3 * c + 2];
            double t2 = k[6] * u[3 * c] + k[7] * u[3 * c + 1] + k[8] * u[3 * c + 2];
            for (var r = 0; r < 3; r++) target[4 * c + r] += u[3 * r] * t0 + u[3 * r + 1] * t1 + u[3 * r + 2] * t2;
        }
    }
}
