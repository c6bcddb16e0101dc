namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>Moves a problem's positions to a minimum of its energy.</summary>
internal interface ICageSolver
{
    /// <param name="tolerance">Stop at this largest gradient component.</param>
    /// <param name="iterations">Stop after so many Newton steps or sweeps.</param>
    SolveProgress Minimise(double tolerance, int iterations);
}

/// <summary>How one minimisation went.</summary>
/// <param name="Energy">At the end.</param>
/// <param name="FirstResidual">Largest gradient component at the start.</param>
/// <param name="Residual">Largest gradient component at the end.</param>
/// <param name="Iterations">Newton steps or sweeps.</param>
/// <param name="FailedFactorisations">Matrices that were not positive definite.</param>
internal readonly record struct SolveProgress(double Energy, double FirstResidual, double Residual, int Iterations, int FailedFactorisations);
