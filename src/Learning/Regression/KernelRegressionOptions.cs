namespace ExampleMlFarm.Learning.Regression;

/// <summary>What a kernel regression pays for.</summary>
public enum KernelPenalty
{
    /// <summary>λ times the sum of squared weights, the bias excluded: the penalty that Houdini documents.</summary>
    Weights,
    /// <summary>λ times the squared norm in the kernel's own space: kernel ridge regression, the posterior mean of a Gaussian process.</summary>
    Rkhs,
}

/// <summary>Settings of <see cref="KernelRegression"/>.</summary>
public sealed record KernelRegressionOptions
{
    /// <summary>The kernel; its width counts only where <see cref="Widths"/> is empty.</summary>
    public KernelFunction Kernel { get; init; } = new(KernelKind.Gaussian);

    /// <summary>Take the median distance of the training inputs as the width.</summary>
    public bool AutomaticWidth { get; init; }

    /// <summary>λ ≥ 0. At 0 the model interpolates.</summary>
    public double WeightDecay { get; init; } = 1e-6;

    /// <summary>The penalty.</summary>
    public KernelPenalty Penalty { get; init; } = KernelPenalty.Weights;

    /// <summary>A free constant beside the kernel functions. Kernels of positive order have one in any case under the rkhs penalty.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Relative residual of the solved equations above which the solution is refused.</summary>
    public double ErrorThreshold { get; init; } = 1e-3;

    /// <summary>Give every input column mean 0 and deviation 1 first.</summary>
    public bool Standardize { get; init; }

    /// <summary>Choose width and λ by the error of leaving each row out.</summary>
    public bool LeaveOneOut { get; init; }

    /// <summary>Widths to choose from; empty: the median distance times 1/8, 1/4, … 8 (radial kernels), or the kernel's own.</summary>
    public IReadOnlyList<double> Widths { get; init; } = [];

    /// <summary>Weight decays to choose from; empty: 1e-8, 1e-7, … 10.</summary>
    public IReadOnlyList<double> WeightDecays { get; init; } = [];

    /// <summary>Rows that the choice looks at, evenly strided; the model is then fitted to all.</summary>
    public int SelectionRows { get; init; } = 2000;

    /// <summary>Above this many rows the model keeps landmarks only (Nyström).</summary>
    public int NystromLimit { get; init; } = 8000;

    /// <summary>Landmarks m: training rows that keep a kernel function.</summary>
    public int Landmarks { get; init; } = 1000;

    /// <summary>Key of the choice of landmarks.</summary>
    public ulong Seed { get; init; }
}

/// <summary>A candidate of the leave-one-out choice.</summary>
/// <param name="Width">Width, NaN for kernels that have none.</param>
/// <param name="WeightDecay">λ.</param>
/// <param name="Error">Root mean square error of leaving each row out, over all outputs; infinite where the system has no usable solution.</param>
public sealed record KernelCandidate(double Width, double WeightDecay, double Error);

/// <summary>A fitted kernel model and how it was found.</summary>
/// <param name="Model">The model.</param>
/// <param name="Candidates">Every candidate of the choice, in the order they were tried; empty without one.</param>
/// <param name="LeaveOneOutError">The error of the chosen one; NaN without a choice.</param>
/// <param name="Residual">Relative residual of the solved equations.</param>
/// <param name="Condition">Condition estimate of the solved equations.</param>
public sealed record KernelFit(KernelModel Model, IReadOnlyList<KernelCandidate> Candidates, double LeaveOneOutError, double Residual, double Condition);
