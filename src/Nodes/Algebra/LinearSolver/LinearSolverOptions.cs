using ExampleMlFarm.Learning.Solvers;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Algebra.LinearSolver;

/// <summary>What <c>linear_solver</c> does.</summary>
public enum LinearSolverMode
{
    /// <summary>x with A x = b.</summary>
    LinearSystemSolve,
    /// <summary>Factors of A, or its eigenpairs.</summary>
    Decompose,
    /// <summary>x from factors made before.</summary>
    SolveWithDecomposition,
    /// <summary>A x.</summary>
    Multiply,
}

/// <summary>A family of methods.</summary>
public enum SolverFamily
{
    /// <summary>Dense for dense encodings, sparse for coo and lil.</summary>
    Automatic,
    /// <summary>Decompositions of the whole matrix.</summary>
    DenseDirect,
    /// <summary>Decompositions that leave zeros out.</summary>
    SparseDirect,
    /// <summary>Steps from a guess.</summary>
    Iterative,
    /// <summary>A few eigenvalues with their vectors.</summary>
    Eigenpairs,
}

/// <summary>Which eigenpairs are looked for.</summary>
public enum EigenSelection
{
    /// <summary>The greatest of any matrix.</summary>
    GenEigs,
    /// <summary>The greatest of a symmetric matrix.</summary>
    SymEigs,
    /// <summary>Those nearest to the shift, of any matrix.</summary>
    GenEigsRealShift,
    /// <summary>Those nearest to the shift, of a symmetric matrix.</summary>
    SymEigsShift,
}

/// <summary>Where numbers lie in a geometry.</summary>
public enum NumberStorage
{
    /// <summary>Voxels of a volume (matrices only).</summary>
    Volume,
    /// <summary>A point attribute.</summary>
    Points,
    /// <summary>A primitive attribute.</summary>
    Primitives,
    /// <summary>A detail attribute.</summary>
    Detail,
}

/// <summary>How numbers make a matrix.</summary>
public enum MatrixEncoding
{
    /// <summary>Column after column.</summary>
    DenseColMajor,
    /// <summary>Row after row.</summary>
    DenseRowMajor,
    /// <summary>One element per entry, with its row and column.</summary>
    Coo,
    /// <summary>One element per column: tuples of rows and values; a negative row is no entry.</summary>
    LilColMajor,
    /// <summary>One element per row: tuples of columns and values; a negative column is no entry.</summary>
    LilRowMajor,
}

/// <summary>Precision of what is read and written.</summary>
public enum NumberPrecision
{
    /// <summary>That of the right-hand side.</summary>
    Auto,
    /// <summary>Rounded to 32 bits when read and when written; the computing between is in 64 bits.</summary>
    Bits32,
    /// <summary>64 bits.</summary>
    Bits64,
}

/// <summary>Options of <c>linear_solver</c>.</summary>
public sealed record LinearSolverOptions
{
    /// <summary>Mode.</summary>
    [Option("linear_system_solve: x with A x = b; decompose: factors or eigenpairs of A; solve_with_decomposition: x from factors; multiply: A x.")]
    public LinearSolverMode Mode { get; init; } = LinearSolverMode.LinearSystemSolve;

    /// <summary>Solver.</summary>
    [Option("Family of methods; automatic takes dense_direct for dense encodings and sparse_direct for coo and lil. eigenpairs goes with mode decompose.")]
    public SolverFamily Solver { get; init; } = SolverFamily.Automatic;

    /// <summary>Dense method.</summary>
    [Option("Method of dense_direct. The QR and SVD methods also take matrices that are not square.")]
    public DenseMethod DenseDirectSolver { get; init; } = DenseMethod.PartialPivLu;

    /// <summary>Sparse method.</summary>
    [Option("Method of sparse_direct: llt for positive definite, ldlt for symmetric, lu for square, qr for any matrices.")]
    public SparseMethod SparseDirectSolver { get; init; } = SparseMethod.Lu;

    /// <summary>Iterative method.</summary>
    [Option("Method of iterative; conjugate_gradient and minres need symmetric matrices, least_squares_conjugate_gradient takes any.")]
    public IterativeMethod IterativeSolver { get; init; } = IterativeMethod.BiCgStab;

    /// <summary>Preconditioner.</summary>
    [Option("What stands in for the matrix in every iterative step.")]
    public Preconditioning Preconditioner { get; init; } = Preconditioning.Diagonal;

    /// <summary>Eigen solver.</summary>
    [Option("Which eigenpairs: the greatest (gen_eigs, sym_eigs) or those nearest to the shift (gen_eigs_real_shift, sym_eigs_shift).")]
    public EigenSelection EigenSolver { get; init; } = EigenSelection.SymEigs;

    /// <summary>Eigenpairs.</summary>
    [Option("Eigenpairs that are looked for; of a complex pair both are given.", Min = 1, Max = 10000)]
    public int NumEigenPairs { get; init; } = 6;

    /// <summary>Shift.</summary>
    [Option("Where the eigenvalues of the shift solvers are looked for.")]
    public double Shift { get; init; }

    /// <summary>Tolerance.</summary>
    [Option("Relative residual ‖b − A x‖ / ‖b‖ (least squares: of the normal equations) that counts as solved; for eigenpairs relative to each eigenvalue.", Min = 0, MinExcluded = true, Max = 0.5)]
    public double SolverTolerance { get; init; } = 1e-8;

    /// <summary>Steps.</summary>
    [Option("Most iterative steps; 0 = twice the unknowns (eigenpairs: 100 per pair, 1,000 at least).", Unit = "steps", Min = 0)]
    public int SolverMaxIter { get; init; }

    /// <summary>Matrix storage.</summary>
    [Option("Where the matrix lies.")]
    public NumberStorage MatrixStorage { get; init; } = NumberStorage.Points;

    /// <summary>Encoding.</summary>
    [Option("How the numbers make a matrix. Volumes are dense; their x runs fastest.")]
    public MatrixEncoding Encoding { get; init; } = MatrixEncoding.DenseRowMajor;

    /// <summary>Matrix attribute.</summary>
    [Option("Attribute, or name of the volume, that holds the matrix's numbers.")]
    public string MatrixValueAttr { get; init; } = "value";

    /// <summary>Row attribute.</summary>
    [Option("Integer attribute of coo and lil_col_major that holds rows, counted from 0.")]
    public string RowAttr { get; init; } = "row";

    /// <summary>Column attribute.</summary>
    [Option("Integer attribute of coo and lil_row_major that holds columns, counted from 0.")]
    public string ColAttr { get; init; } = "col";

    /// <summary>Rows.</summary>
    [Option("Rows of the matrix; 0 = from the data.", Min = 0)]
    public int Rows { get; init; }

    /// <summary>Columns.</summary>
    [Option("Columns of the matrix; 0 = from the data.", Min = 0)]
    public int Cols { get; init; }

    /// <summary>Square.</summary>
    [Option("The matrix is square: where rows or cols is 0, both are the same.")]
    public bool SquareMatrix { get; init; } = true;

    /// <summary>Vector node.</summary>
    [Option("The node whose geometry holds the vectors; else the second geometry given, else the matrix's own.")]
    public NodeInput? Vector { get; init; }

    /// <summary>Vector source storage.</summary>
    [Option("Where the right-hand side (multiply: x) lies: points, primitives or detail.")]
    public NumberStorage VectorSourceStorage { get; init; } = NumberStorage.Points;

    /// <summary>Vector source.</summary>
    [Option("Attribute of the right-hand side; each component of its tuples is one (detail: the tuple is the vector).")]
    public string VectorSourceAttr { get; init; } = "b";

    /// <summary>Vector destination storage.</summary>
    [Option("Where the result goes: points, primitives or detail. Where there are not as many elements as numbers, it goes on points of its own.")]
    public NumberStorage VectorDestinationStorage { get; init; } = NumberStorage.Points;

    /// <summary>Vector destination.</summary>
    [Option("Attribute of the result; before, it holds the guess and what pinned unknowns are pinned to.")]
    public string VectorDestinationAttr { get; init; } = "x";

    /// <summary>Decomposition.</summary>
    [Option("The node whose factors are solved with (mode solve_with_decomposition).")]
    public NodeInput? Decomposition { get; init; }

    /// <summary>Pinned unknowns.</summary>
    [Option("Group of the vector's points or primitives whose unknowns keep their value; empty = none.")]
    public string PinnedGroup { get; init; } = "";

    /// <summary>Reduce rows.</summary>
    [Option("Leave out the equations of pinned unknowns too; without it they stay, and the system has more equations than unknowns.")]
    public bool ReduceRows { get; init; } = true;

    /// <summary>Guess.</summary>
    [Option("Start the iterative solver from the destination attribute.")]
    public bool SolveWithGuess { get; init; }

    /// <summary>Scale.</summary>
    [Option("Factor of the result.")]
    public double Scale { get; init; } = 1;

    /// <summary>Accumulate.</summary>
    [Option("Add the result to the destination attribute.")]
    public bool AccumulateResult { get; init; }

    /// <summary>Precision.</summary>
    [Option("Precision of what is read and written: auto takes that of the right-hand side.")]
    public NumberPrecision Precision { get; init; } = NumberPrecision.Auto;
}
