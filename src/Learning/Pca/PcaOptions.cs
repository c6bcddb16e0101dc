namespace ExampleMlFarm.Learning.Pca;

/// <summary>How principal components are found. All agree but for rounding and, for the last two, the tolerance they stop at.</summary>
public enum PcaAlgorithm
{
    /// <summary>By the table's size: see <see cref="PcaOptions.Choose"/>.</summary>
    Automatic,
    /// <summary>Eigenvectors of the d × d covariance: few columns.</summary>
    Covariance,
    /// <summary>Eigenvectors of the n × n Gram matrix (Sirovich, 1987): few rows, many columns. Exact.</summary>
    Snapshots,
    /// <summary>Subspace iteration from a random start (Halko, Martinsson, Tropp, 2011): many of both. To a tolerance.</summary>
    Randomized,
    /// <summary>
    /// One reading of the rows, block by block (Ross, Lim, Lin, Yang, 2008), then subspace iteration from what it found: fewer readings than a random
    /// start needs. To the same tolerance.
    /// </summary>
    Incremental,
}

/// <summary>What to analyse.</summary>
public sealed record PcaOptions
{
    /// <summary>Components to keep, at most; fewer when the rows have lower rank. At least 1.</summary>
    public int Components { get; init; } = 128;

    /// <summary>How they are found.</summary>
    public PcaAlgorithm Algorithm { get; init; } = PcaAlgorithm.Automatic;

    /// <summary>Key of the randomized start.</summary>
    public ulong Seed { get; init; }

    /// <summary>Rows and columns below which the exact methods are quicker than iterating (an eigenproblem of 1,024 takes about a second).</summary>
    public const int ExactLimit = 1024;

    /// <summary>The algorithm for n rows of d columns.</summary>
    public PcaAlgorithm Choose(int rows, int columns) => Algorithm != PcaAlgorithm.Automatic ? Algorithm
        : columns <= ExactLimit && columns <= rows ? PcaAlgorithm.Covariance
        : rows <= ExactLimit ? PcaAlgorithm.Snapshots
        : PcaAlgorithm.Randomized;
}
