namespace ExampleMlFarm.Simulation.Tissue;

/// <summary>Decides whether a solved pose may be learned from.</summary>
internal static class Validity
{
    /// <summary>A few inverted elements in creases are normal (a third of a fox's poses hold some); one in a hundred is a wreck.</summary>
    const double MostInverted = 0.01;

    const double LeastDescent = 1e-2;

    /// <summary>In bounding-box diagonals.</summary>
    const double FarthestDisplacement = 0.5;

    public static TissueResult Judge(TissueResult r, TissueCapture capture, TissueOptions options)
    {
        string? reason = null;
        if (!r.Cage.AsSpan().IsFinite() || !double.IsFinite(r.Energy))
            reason = "a cage vertex is not finite";
        else if (r.InvertedTets > MostInverted * capture.TetCount)
            reason = $"{r.InvertedTets} of {capture.TetCount} tetrahedra are inverted; at most {MostInverted:P0} may be";
        else if (r.Residual > options.Tolerance && r.Residual > LeastDescent * r.StartResidual)
            reason = $"the residual fell from {r.StartResidual:G3} only to {r.Residual:G3} in {r.Iterations} iterations";
        else if (r.MaxDisplacement > FarthestDisplacement * capture.Diagonal)
            reason = $"a skin point is {r.MaxDisplacement / capture.Diagonal:G3} diagonals from its skinned place; at most {FarthestDisplacement} are allowed";
        return new TissueResult
        {
            Cage = r.Cage, Skin = r.Skin, Energy = r.Energy, Residual = r.Residual, StartResidual = r.StartResidual, Iterations = r.Iterations,
            FailedFactorisations = r.FailedFactorisations, InvertedTets = r.InvertedTets, MaxDisplacement = r.MaxDisplacement, InvalidReason = reason,
        };
    }

    static bool IsFinite(this Span<double> values)
    {
        foreach (var v in values) if (!double.IsFinite(v)) return false;
        return true;
    }
}
