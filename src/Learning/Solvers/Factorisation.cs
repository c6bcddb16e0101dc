using ExampleMlFarm.Core;

namespace ExampleMlFarm.Learning.Solvers;

/// <summary>
/// A decomposed matrix as named arrays, so that it can be written, read and solved with later. What the arrays mean is the affair of <see cref="Form"/>:
/// the algorithm that made them, and the one that solves.
/// </summary>
/// <param name="Form">How to solve with the arrays.</param>
/// <param name="Rows">Rows of the matrix.</param>
/// <param name="Columns">Columns of the matrix.</param>
/// <param name="Rank">Numerical rank that was found.</param>
public sealed record Factorisation(FactorForm Form, int Rows, int Columns, int Rank)
{
    /// <summary>Arrays of numbers by name.</summary>
    public SortedDictionary<string, double[]> Numbers { get; } = new(StringComparer.Ordinal);

    /// <summary>Arrays of indices by name.</summary>
    public SortedDictionary<string, int[]> Indices { get; } = new(StringComparer.Ordinal);

    /// <summary>The solution [columns] of A x = b [rows]: least squares where there is none, the shortest where the form finds it.</summary>
    /// <exception cref="FarmException"><c>solver.size</c>; <c>solver.factors</c>: an array is missing or of the wrong length.</exception>
    public double[] Solve(ReadOnlySpan<double> right)
    {
        if (right.Length != Rows) throw FarmException.Invalid("solver.size", $"the right-hand side has {right.Length} numbers and the matrix {Rows} rows");
        return Form switch
        {
            FactorForm.Lu => Direct.LuFactors.Solve(this, right),
            FactorForm.Orthogonal => Direct.OrthogonalFactors.Solve(this, right),
            FactorForm.Ldlt => Direct.LdltFactors.Solve(this, right),
            FactorForm.Spectral => Direct.SpectralFactors.Solve(this, right),
            FactorForm.SparseLdlt => Direct.SparseLdlt.Solve(this, right),
            FactorForm.SparseLu => Direct.SparseLu.Solve(this, right),
            FactorForm.SparseQr => Direct.SparseQr.Solve(this, right),
            _ => throw FarmException.Invalid("solver.method", "eigenvalues and vectors of a matrix that is not symmetric are no factors to solve with; decompose with lu or qr"),
        };
    }

    internal double[] Number(string name, long length) => Numbers.TryGetValue(name, out var array) && array.Length == length ? array
        : throw Bad(name, length, array?.Length);

    internal int[] Index(string name, long length, int below)
    {
        if (!Indices.TryGetValue(name, out var array) || array.Length != length) throw Bad(name, length, array?.Length);
        foreach (int i in array)
            if ((uint)i >= (uint)below) throw FarmException.Invalid("solver.factors", $"the factors' array '{name}' holds {i}; it must lie between 0 and {below - 1}");
        return array;
    }

    /// <summary>A sparse factor kept by columns (or rows): starts [count + 1], indices below <paramref name="below"/>, values.</summary>
    internal (int[] Starts, int[] Indices, double[] Values) Sparse(string name, int count, int below)
    {
        double[] values = Numbers.TryGetValue(name, out var found) ? found : throw Bad(name, -1, null);
        int[] indices = Index($"{name}_indices", values.Length, below), starts = Index($"{name}_starts", count + 1L, values.Length + 1);
        bool rising = starts[0] == 0 && starts[^1] == values.Length;
        for (int i = 0; i < count; i++) rising &= starts[i] <= starts[i + 1];
        return rising ? (starts, indices, values) : throw FarmException.Invalid("solver.factors", $"the starts of the factors' array '{name}' do not rise from 0 to {values.Length}");
    }

    internal void Add(string name, int[] starts, int[] indices, double[] values)
    {
        Numbers[name] = values;
        Indices[$"{name}_indices"] = indices;
        Indices[$"{name}_starts"] = starts;
    }

    private FarmException Bad(string name, long length, int? found) => FarmException.Invalid("solver.factors",
        $"the factors of a {Rows} x {Columns} matrix ({Form}) need an array '{name}'{(length >= 0 ? $" of {length}" : "")}{(found is { } f ? $", not of {f}" : "")}; decompose the matrix again");
}

/// <summary>How to solve with a <see cref="Factorisation"/>.</summary>
public enum FactorForm
{
    /// <summary>P A Q = L U.</summary>
    Lu,
    /// <summary>A P = Q R, and R = T Z where rows of R are dependent.</summary>
    Orthogonal,
    /// <summary>P A Pᵀ = L D Lᵀ.</summary>
    Ldlt,
    /// <summary>A = U diag(s) Vᵀ.</summary>
    Spectral,
    /// <summary>A V = V diag(λ): looked at, not solved with.</summary>
    Eigen,
    /// <summary>The same as <see cref="Ldlt"/>, sparse.</summary>
    SparseLdlt,
    /// <summary>The same as <see cref="Lu"/>, sparse.</summary>
    SparseLu,
    /// <summary>R of A P = Q R and A itself: solved by the corrected seminormal equations.</summary>
    SparseQr,
}
