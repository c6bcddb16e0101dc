using ExampleMlFarm.Learning.Regression;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Regression.MlRegressionKernel;

/// <summary>Options of <c>ml_regression_kernel</c>.</summary>
public sealed record MlRegressionKernelOptions
{
    /// <summary>What is done with which examples.</summary>
    [OptionGroup]
    public RegressionExampleOptions Learned { get; init; } = new();

    /// <summary>Kernel.</summary>
    [Option("gaussian exp(−r²/2w²), polynomial (x·y + offset)^degree, sigmoid tanh(scale x·y + offset), laplace, matern32, matern52, thin_plate r² ln r, linear −r, cubic r³; r in units of the width w.")]
    public KernelKind Kernel { get; init; } = KernelKind.Gaussian;

    /// <summary>Width.</summary>
    [Option("Width w of the kernels of distance; 0 = the median distance between training inputs.", Unit = "input units", Min = 0)]
    public double Width { get; init; } = 1;

    /// <summary>Polynomial degree.</summary>
    [Option("Degree of the polynomial kernel.", Min = 1, Max = 16)]
    public int PolynomialDegree { get; init; } = 3;

    /// <summary>Polynomial offset.</summary>
    [Option("Offset of the polynomial kernel.")]
    public double PolynomialOffset { get; init; } = 1;

    /// <summary>Sigmoid scale.</summary>
    [Option("Scale of the sigmoid kernel; 0 = 1 / numbers of an input.", Min = 0)]
    public double SigmoidScale { get; init; }

    /// <summary>Sigmoid offset.</summary>
    [Option("Offset of the sigmoid kernel.")]
    public double SigmoidOffset { get; init; }

    /// <summary>Weight decay.</summary>
    [Option("Coefficient λ of the penalty beside the sum of squared errors; 0 = the training targets are met exactly.", Min = 0)]
    public double WeightDecay { get; init; } = 1e-6;

    /// <summary>Penalty.</summary>
    [Option("weights: the sum of squared weights, the bias excluded; rkhs: the squared norm in the kernel's own space (kernel ridge regression).")]
    public KernelPenalty Penalty { get; init; } = KernelPenalty.Weights;

    /// <summary>Bias.</summary>
    [Option("Add a constant that is not penalised. Under rkhs, thin_plate and cubic have a linear function and linear a constant in any case.")]
    public bool Bias { get; init; } = true;

    /// <summary>Standardize.</summary>
    [Option("Give every input column mean 0 and deviation 1 first; undone inside the model. The width is then in deviations.")]
    public bool Standardize { get; init; }

    /// <summary>Error threshold.</summary>
    [Option("Relative residual of the solved equations above which the solution is refused with an error; does nothing else.", Min = 0)]
    public double ErrorThreshold { get; init; } = 1e-3;

    /// <summary>Selection.</summary>
    [Option("Choose width and weight decay by the error of leaving each training row out, in closed form.")]
    public bool LeaveOneOut { get; init; }

    /// <summary>Candidate widths.</summary>
    [Option("Widths to choose from; none = the median distance times 1/8, 1/4, … 8.", Unit = "input units", Min = 0, MinExcluded = true)]
    public IReadOnlyList<double> Widths { get; init; } = [];

    /// <summary>Candidate decays.</summary>
    [Option("Weight decays to choose from; none = 1e-8, 1e-7, … 10.", Min = 0)]
    public IReadOnlyList<double> WeightDecays { get; init; } = [];

    /// <summary>Selection rows.</summary>
    [Option("Training rows the choice looks at, evenly strided; its time grows with their cube.", Unit = "rows", Min = 2, Max = 20000)]
    public int SelectionRows { get; init; } = 2000;

    /// <summary>Nyström limit.</summary>
    [Option("Above this many training rows only landmarks keep a kernel function (Nyström); 8,000 rows take 0.5 GiB per matrix, and minutes under the penalty 'weights'.", Unit = "rows", Min = 1, Max = 20000)]
    public int NystromLimit { get; init; } = 8000;

    /// <summary>Landmarks.</summary>
    [Option("Training rows that keep a kernel function above nystrom_limit.", Unit = "rows", Min = 1, Max = 20000)]
    public int Landmarks { get; init; } = 1000;

    /// <summary>Seed.</summary>
    [Option("Key of the choice of landmarks.", Min = 0)]
    public long Seed { get; init; }
}
