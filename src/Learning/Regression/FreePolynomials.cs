using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Learning.Regression;

/// <summary>
/// Householder reflectors that turn the columns of P [n, t] (constants, linear functions) into an upper triangle: what is behind it is the
/// complement on which a conditionally positive definite kernel is positive definite.
/// </summary>
/// <remarks>A column that depends on those before it gets no reflector and the coefficient 0. Source: Golub and Van Loan, "Matrix Computations", 5.2.</remarks>
internal sealed unsafe class FreePolynomials
{
    private const double Dependent = 1e-10;

    private readonly int n;
    private readonly int columns;
    private readonly List<double[]> reflectors = [];
    private readonly List<double> factors = [];
    private readonly List<int> kept = [];
    private readonly List<double[]> triangle = [];

    /// <summary>Constants for degree 0, and the columns of rows [n, d] beside them for degree 1; nothing for −1.</summary>
    public FreePolynomials(double[] rows, int n, int d, int degree)
    {
        this.n = n;
        columns = degree < 0 ? 0 : degree == 0 ? 1 : 1 + d;
        for (int c = 0; c < columns && kept.Count < n - 1; c++)
        {
            var column = new double[n];
            for (int r = 0; r < n; r++) column[r] = c == 0 ? 1 : rows[(nint)r * d + c - 1];
            Append(column, c);
        }
    }

    /// <summary>Independent columns t.</summary>
    public int Rank => kept.Count;

    /// <summary>All columns, dependent ones included.</summary>
    public int Columns => columns;

    /// <summary>K becomes Qᵀ K Q.</summary>
    public void Turn(double[] symmetric)
    {
        var work = new double[n];
        fixed (double* k = symmetric, w = work)
            for (int s = 0; s < reflectors.Count; s++)
                fixed (double* v = reflectors[s])
                {
                    double beta = factors[s];
                    for (int i = 0; i < n; i++) w[i] = beta * Vectors.Dot(k + (nint)i * n, v, n);
                    Vectors.Add(-0.5 * beta * Vectors.Dot(w, v, n), v, w, n);
                    for (int i = 0; i < n; i++) Vectors.Add(-v[i], w, -w[i], v, k + (nint)i * n, n);
                }
    }

    /// <summary>Rows x of [count, n] become x Q, that is, Qᵀ of each as a column.</summary>
    public void Turn(double[] rows, int count)
    {
        for (int s = 0; s < reflectors.Count; s++) Reflect(rows, count, s);
    }

    /// <summary>Rows x of [count, n] become x Qᵀ.</summary>
    public void TurnBack(double[] rows, int count)
    {
        for (int s = reflectors.Count - 1; s >= 0; s--) Reflect(rows, count, s);
    }

    /// <summary>Coefficients [columns] whose polynomial has the turned values given, [rank].</summary>
    public double[] Solve(ReadOnlySpan<double> turned)
    {
        var coefficients = new double[columns];
        double[] x = turned.ToArray();
        for (int j = kept.Count - 1; j >= 0; j--)
        {
            x[j] /= triangle[j][j];
            for (int i = 0; i < j; i++) x[i] -= triangle[j][i] * x[j];
            coefficients[kept[j]] = x[j];
        }
        return coefficients;
    }

    private void Append(double[] column, int index)
    {
        double whole = 0;
        for (int i = 0; i < n; i++) whole += column[i] * column[i];
        for (int s = 0; s < reflectors.Count; s++) Reflect(column, 1, s);
        int k = kept.Count;
        double norm = 0;
        for (int i = k; i < n; i++) norm += column[i] * column[i];
        norm = Math.Sqrt(norm);
        if (norm <= Dependent * Math.Sqrt(whole)) return;
        double alpha = column[k] > 0 ? -norm : norm;
        var v = new double[n];
        for (int i = k; i < n; i++) v[i] = column[i];
        v[k] -= alpha;
        double square = 0;
        for (int i = k; i < n; i++) square += v[i] * v[i];
        column[k] = alpha;
        reflectors.Add(v);
        factors.Add(2 / square);
        kept.Add(index);
        triangle.Add(column[..(k + 1)]);
    }

    private void Reflect(double[] rows, int count, int s)
    {
        fixed (double* all = rows, v = reflectors[s])
            for (int r = 0; r < count; r++)
            {
                double* row = all + (nint)r * n;
                Vectors.Add(-factors[s] * Vectors.Dot(row, v, n), v, row, n);
            }
    }
}
