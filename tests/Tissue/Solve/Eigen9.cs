namespace ExampleMlFarm.Tests.Tissue.Solve;

/// <summary>Cyclic Jacobi for a small symmetric matrix: slow, plain, an oracle.</summary>
internal static class Eigen9
{
    public static void Decompose(double[,] matrix, out double[] values, out double[,] vectors)
    {
        var n = matrix.GetLength(0);
        var a = (double[,])matrix.Clone();
        var v = new double[n, n];
        for (var i = 0; i < n; i++) v[i, i] = 1;
        for (var sweep = 0; sweep < 60; sweep++)
            for (var p = 0; p < n - 1; p++)
                for (var q = p + 1; q < n; q++)
                {
                    if (Math.Abs(a[p, q]) < 1e-300) continue;
                    var angle = Math.Atan2(2 * a[p, q], a[q, q] - a[p, p]) / 2;
                    var (s, c) = Math.SinCos(angle);
                    for (var k = 0; k < n; k++) (a[k, p], a[k, q]) = (c * a[k, p] - s * a[k, q], s * a[k, p] + c * a[k, q]);
                    for (var k = 0; k < n; k++) (a[p, k], a[q, k]) = (c * a[p, k] - s * a[q, k], s * a[p, k] + c * a[q, k]);
                    for (var k = 0; k < n; k++) (v[k, p], v[k, q]) = (c * v[k, p] - s * v[k, q], s * v[k, p] + c * v[k, q]);
                }
        values = [.. Enumerable.Range(0, n).Select(i => a[i, i])];
        vectors = v;
    }
}
