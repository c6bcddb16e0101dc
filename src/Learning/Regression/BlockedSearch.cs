namespace ExampleMlFarm.Learning.Regression;

/// <summary>
/// Nearest rows by looking at all: squared distances from matrix products sift, and what could be among the nearest within their rounding error is
/// measured again exactly.
/// </summary>
internal sealed unsafe class BlockedSearch : INeighbourSearch
{
    private const int QueryBlock = 64;
    private const int RowBlock = 512;

    private readonly double[] points;
    private readonly double[] norms;
    private readonly int d;
    private readonly int n;

    public BlockedSearch(double[] rows, int d)
    {
        (points, this.d, n) = (rows, d, rows.Length / d);
        norms = KernelMatrix.SquaredNorms(rows, n, d);
    }

    /// <inheritdoc/>
    public void Find(ReadOnlySpan<double> queries, int k, Span<int> rows, Span<double> squares)
    {
        int m = NeighbourSearch.CheckedCount(queries, d, k, n, Math.Min(rows.Length, squares.Length));
        var block = new double[QueryBlock * RowBlock];
        var queryNorms = new double[m];
        // Rounding of ‖x‖² + ‖y‖² − 2 x·y, from above.
        double relative = 4 * (d + 4) * 2.3e-16;
        fixed (double* q = queries, p = points, pp = norms, qq = queryNorms, b = block, s = squares)
        fixed (int* r = rows)
        {
            for (int i = 0; i < m; i++) qq[i] = KernelMatrix.Norm(q + (nint)i * d, d);
            for (int firstQuery = 0; firstQuery < m; firstQuery += QueryBlock)
            {
                int count = Math.Min(QueryBlock, m - firstQuery);
                Sift(count, q + (nint)firstQuery * d, qq + firstQuery, p, pp, b, k, r + (nint)firstQuery * k, s + (nint)firstQuery * k, relative);
            }
        }
    }

    private void Sift(int count, double* q, double* qq, double* p, double* pp, double* block, int k, int* rows, double* squares, double relative)
    {
        int* found = stackalloc int[QueryBlock];
        for (int i = 0; i < count; i++) found[i] = 0;
        for (int first = 0; first < n; first += RowBlock)
        {
            int width = Math.Min(RowBlock, n - first);
            new Span<double>(block, count * width).Clear();
            Dense.MatrixProduct.Accumulate(count, width, d, q, d, 1, p + (nint)first * d, 1, d, block, width);
            for (int i = 0; i < count; i++)
            {
                // Of the rows so far, the first found[i] places are filled.
                var nearest = new NearestSoFar(rows + (nint)i * k, squares + (nint)i * k, k, found[i]);
                double worst = nearest.Worst;
                for (int j = 0; j < width; j++)
                {
                    double size = qq[i] + pp[first + j];
                    if (size - 2 * block[i * width + j] - relative * size > worst) continue;
                    nearest.Offer(KernelMatrix.Between(q + (nint)i * d, p + (nint)(first + j) * d, d), first + j);
                    worst = nearest.Worst;
                }
                found[i] = nearest.Count;
            }
        }
    }
}
