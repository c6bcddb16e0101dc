using ExampleMlFarm.Learning.Solvers;
using ExampleMlFarm.Tests.Learning.Linear;

namespace ExampleMlFarm.Tests.Learning.Solvers;

/// <summary>Matrices that solvers are tried on.</summary>
internal static class SolverProblems
{
    public const int Side = 14;

    /// <summary>Five-point Laplacian on a grid, with convection (unsymmetric) and a shift of the diagonal (indefinite).</summary>
    public static SparseMatrix Grid(double convection = 0, double shift = 0, int side = Side)
    {
        var row = new List<int>();
        var column = new List<int>();
        var value = new List<double>();
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++)
            {
                Put(x, y, 4 - shift);
                Put(x - 1, y, -1 - convection);
                Put(x + 1, y, -1 + convection);
                Put(x, y - 1, -1);
                Put(x, y + 1, -1);
                void Put(int otherX, int otherY, double v)
                {
                    if (otherX < 0 || otherX >= side || otherY < 0 || otherY >= side) return;
                    row.Add(y * side + x);
                    column.Add(otherY * side + otherX);
                    value.Add(v);
                }
            }
        return SparseMatrix.FromCoordinates(side * side, side * side, row.ToArray(), column.ToArray(), value.ToArray());
    }

    /// <summary>Random entries, about one in six of [rows, columns], the first column of each row among them.</summary>
    public static SparseMatrix Scattered(int rows, int columns)
    {
        double[] normal = RidgeTests.Normal(2 * rows * columns);
        var dense = new double[rows * columns];
        for (int i = 0; i < dense.Length; i++)
            if (normal[i] > 1 || i % columns == i / columns % columns) dense[i] = normal[dense.Length + i];
        return SparseMatrix.FromDense(dense, rows, columns);
    }

    public static double[] Right(int n) => RidgeTests.Normal(n + 6)[6..];

    /// <summary>Dense [rows, columns] of a rank.</summary>
    public static double[] OfRank(int rows, int columns, int rank)
    {
        double[] a = RidgeTests.Normal(rows * rank), b = RidgeTests.Normal(rank * columns + 1)[1..], product = new double[rows * columns];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                for (int k = 0; k < rank; k++) product[i * columns + j] += a[i * rank + k] * b[k * columns + j];
        return product;
    }

    /// <summary>A Aᵀ, shifted.</summary>
    public static double[] Symmetric(int n, double shift = 0, int rank = 0)
    {
        int k = rank == 0 ? n : rank;
        double[] a = RidgeTests.Normal(n * k), product = new double[n * n];
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
            {
                for (int r = 0; r < k; r++) product[i * n + j] += a[i * k + r] * a[j * k + r];
                if (i == j) product[i * n + j] += shift;
            }
        return product;
    }
}
