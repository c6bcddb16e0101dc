using System.Runtime.Intrinsics;

namespace ExampleMlFarm.Learning.Dense;

/// <summary>Vector operations in double whose order of additions is fixed: eight lanes, then lane after lane.</summary>
internal static unsafe class Vectors
{
    /// <summary>x · y.</summary>
    public static double Dot(double* x, double* y, int count)
    {
        Vector512<double> s0 = default, s1 = default, s2 = default, s3 = default;
        int i = 0;
        for (; i + 32 <= count; i += 32)
        {
            s0 = Vector512.FusedMultiplyAdd(Vector512.Load(x + i), Vector512.Load(y + i), s0);
            s1 = Vector512.FusedMultiplyAdd(Vector512.Load(x + i + 8), Vector512.Load(y + i + 8), s1);
            s2 = Vector512.FusedMultiplyAdd(Vector512.Load(x + i + 16), Vector512.Load(y + i + 16), s2);
            s3 = Vector512.FusedMultiplyAdd(Vector512.Load(x + i + 24), Vector512.Load(y + i + 24), s3);
        }
        for (; i + 8 <= count; i += 8) s0 = Vector512.FusedMultiplyAdd(Vector512.Load(x + i), Vector512.Load(y + i), s0);
        s0 = s0 + s1 + (s2 + s3);
        double sum = 0;
        for (int lane = 0; lane < 8; lane++) sum += s0[lane];
        for (; i < count; i++) sum = Math.FusedMultiplyAdd(x[i], y[i], sum);
        return sum;
    }

    /// <summary>y += factor · x.</summary>
    public static void Add(double factor, double* x, double* y, int count)
    {
        var f = Vector512.Create(factor);
        int i = 0;
        for (; i + 8 <= count; i += 8) Vector512.FusedMultiplyAdd(f, Vector512.Load(x + i), Vector512.Load(y + i)).Store(y + i);
        for (; i < count; i++) y[i] = Math.FusedMultiplyAdd(factor, x[i], y[i]);
    }

    /// <summary>z += a · x + b · y.</summary>
    public static void Add(double a, double* x, double b, double* y, double* z, int count)
    {
        Vector512<double> va = Vector512.Create(a), vb = Vector512.Create(b);
        int i = 0;
        for (; i + 8 <= count; i += 8)
            Vector512.FusedMultiplyAdd(vb, Vector512.Load(y + i), Vector512.FusedMultiplyAdd(va, Vector512.Load(x + i), Vector512.Load(z + i))).Store(z + i);
        for (; i < count; i++) z[i] = Math.FusedMultiplyAdd(b, y[i], Math.FusedMultiplyAdd(a, x[i], z[i]));
    }

    /// <summary>(x, y) becomes (c x − s y, s x + c y).</summary>
    public static void Rotate(double* x, double* y, double c, double s, int count)
    {
        Vector512<double> vc = Vector512.Create(c), vs = Vector512.Create(s);
        int i = 0;
        for (; i + 8 <= count; i += 8)
        {
            Vector512<double> a = Vector512.Load(x + i), b = Vector512.Load(y + i);
            Vector512.FusedMultiplyAdd(vc, a, -(vs * b)).Store(x + i);
            Vector512.FusedMultiplyAdd(vs, a, vc * b).Store(y + i);
        }
        for (; i < count; i++)
        {
            double a = x[i], b = y[i];
            x[i] = Math.FusedMultiplyAdd(c, a, -(s * b));
            y[i] = Math.FusedMultiplyAdd(s, a, c * b);
        }
    }
}
