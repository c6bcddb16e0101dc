namespace ExampleMlFarm.Learning.Regression;

/// <summary>The equations of one kernel matrix under one penalty, prepared so that many weight decays λ cost little each.</summary>
internal interface IKernelSystem
{
    /// <summary>The solution at a weight decay, with the errors of leaving each row out where they are asked for.</summary>
    KernelSolution Solve(double weightDecay, bool leaveOneOut);
}

/// <summary>A solution of an <see cref="IKernelSystem"/>.</summary>
/// <param name="Coefficients">One row per example, [n, o].</param>
/// <param name="Free">Coefficients of the free polynomials: the bias, then one row per input where linear functions are free, [t, o].</param>
/// <param name="Residual">Relative residual of the equations that were solved.</param>
/// <param name="Condition">Largest over smallest eigenvalue, estimated from below; NaN where it was not looked at.</param>
/// <param name="LeaveOneOut">Error (prediction − target) at each row with that row left out, [n, o]; null unless asked for.</param>
internal sealed record KernelSolution(double[] Coefficients, double[] Free, double Residual, double Condition, double[]? LeaveOneOut);
