namespace ExampleMlFarm.Simulation.Tissue;

/// <summary>A solved pose.</summary>
public sealed class TissueResult
{
    /// <summary>[n, 3] cage vertices, in the capture's order.</summary>
    public required double[] Cage { get; init; }
    /// <summary>[s, 3] skin points.</summary>
    public required double[] Skin { get; init; }
    /// <summary>Elastic energy, springs and weight at the end, in stiffness times volume.</summary>
    public required double Energy { get; init; }
    /// <summary>Largest component of the gradient over mu h^2 at the end.</summary>
    public required double Residual { get; init; }
    /// <summary>The same at the start of the last substep.</summary>
    public required double StartResidual { get; init; }
    /// <summary>Newton steps or sweeps over all substeps.</summary>
    public required int Iterations { get; init; }
    /// <summary>Matrices that were not positive definite and had to be made again, more projected.</summary>
    public required int FailedFactorisations { get; init; }
    /// <summary>Tetrahedra with no or negative volume. A few are normal.</summary>
    public required int InvertedTets { get; init; }
    /// <summary>Farthest that a skin point is from where skinning alone puts it, in the skin's units.</summary>
    public required double MaxDisplacement { get; init; }
    /// <summary>Why the pose must not be learned from, or null when it may.</summary>
    public required string? InvalidReason { get; init; }

    public bool IsValid => InvalidReason is null;
}
