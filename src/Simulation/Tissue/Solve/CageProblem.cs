using System.Runtime.CompilerServices;
using ExampleMlFarm.Simulation.Sparse;

namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>
/// What a solver minimises over the free nodes: elastic energy, springs to bone targets and weight. It knows where the
/// bones are now, and not how the minimum is searched.
/// </summary>
/// <remarks>One thread at a time: it owns work arrays.</remarks>
internal sealed unsafe class CageProblem
{
    readonly int[] springNodes;
    readonly double[] nodeForces;
    readonly AlignedBuffer projected;
    bool projectedIsCurrent;

    public ElasticMesh Mesh { get; }
    public ElasticEnergy Elastic { get; }
    public HessianAssembly Hessian { get; }
    /// <summary>[3 n] current positions.</summary>
    public AlignedBuffer Positions { get; }
    /// <summary>[3 n] gradient of the last <see cref="Evaluate"/>, zero at held nodes.</summary>
    public AlignedBuffer Gradient { get; }
    /// <summary>[3 springs] where the springs pull to.</summary>
    public double[] SpringTargets { get; }
    /// <summary>[f] spring of each free node, or -1.</summary>
    public int[] SpringOfNode { get; }
    public double SpringStiffness { get; }
    /// <summary>[3 f] constant forces, or empty.</summary>
    public ReadOnlySpan<double> NodeForces => nodeForces;

    /// <param name="mesh">The prepared cage.</param>
    /// <param name="mu">Shape stiffness.</param>
    /// <param name="lambda">Volume stiffness.</param>
    /// <param name="springNodes">Free nodes pulled to bone targets; empty when pins are held.</param>
    /// <param name="springStiffness">Energy is half of it times the squared distance.</param>
    /// <param name="bodyForce">[3] force per rest volume.</param>
    public CageProblem(ElasticMesh mesh, double mu, double lambda, int[] springNodes, double springStiffness, ReadOnlySpan<double> bodyForce)
    {
        Mesh = mesh;
        Elastic = new ElasticEnergy(mesh, mu, lambda);
        Hessian = new HessianAssembly(mesh, Elastic);
        projected = new AlignedBuffer(Hessian.Blocks.Length);
        Positions = new AlignedBuffer(3L * mesh.NodeCount);
        Gradient = new AlignedBuffer(3L * mesh.NodeCount);
        this.springNodes = springNodes;
        SpringStiffness = springStiffness;
        SpringTargets = new double[3 * springNodes.Length];
        SpringOfNode = new int[mesh.FreeCount];
        Array.Fill(SpringOfNode, -1);
        for (var i = 0; i < springNodes.Length; i++) SpringOfNode[springNodes[i]] = i;
        nodeForces = new double[bodyForce.ContainsAnyExcept(0.0) ? 3 * mesh.FreeCount : 0];
        if (nodeForces.Length > 0)
            for (var i = 0; i < 4 * mesh.TetCount; i++)
                if (mesh.Corners[i] < mesh.FreeCount)
                    for (var k = 0; k < 3; k++) nodeForces[3 * mesh.Corners[i] + k] += mesh.Volumes.Pointer[i / 4] / 4 * bodyForce[k];
    }

    public Span<double> FreeGradient => Gradient.Span[..(3 * Mesh.FreeCount)];

    /// <summary>Energy at <see cref="Positions"/>; fills <see cref="Gradient"/>.</summary>
    public double Evaluate()
    {
        double* x = Positions.Pointer, g = Gradient.Pointer;
        var energy = Elastic.Evaluate(x, g);
        new Span<double>(g + 3 * Mesh.FreeCount, 3 * (Mesh.NodeCount - Mesh.FreeCount)).Clear();
        for (var i = 0; i < springNodes.Length; i++)
            for (var k = 0; k < 3; k++)
            {
                var stretch = x[3 * springNodes[i] + k] - SpringTargets[3 * i + k];
                energy += SpringStiffness / 2 * stretch * stretch;
                g[3 * springNodes[i] + k] += SpringStiffness * stretch;
            }
        for (var i = 0; i < nodeForces.Length; i++)
        {
            energy -= nodeForces[i] * x[i];
            g[i] -= nodeForces[i];
        }
        return energy;
    }

    /// <summary>Says that the positions have changed since matrices were last made.</summary>
    public void BeginAssembly() => projectedIsCurrent = false;

    /// <summary>
    /// Second derivatives at the positions of the last <see cref="Evaluate"/>, into <see cref="HessianAssembly.Blocks"/>.
    /// </summary>
    /// <param name="blend">0 for the exact ones, 1 for the projected ones, which are positive semi-definite.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Assemble(double blend)
    {
        if (blend > 0 && !projectedIsCurrent)
        {
            Hessian.Projected(Positions.Pointer);
            Hessian.Blocks.Span.CopyTo(projected.Span);
            projectedIsCurrent = true;
        }
        if (blend >= 1) projected.Span.CopyTo(Hessian.Blocks.Span);
        else Hessian.Exact(Positions.Pointer);
        if (blend is > 0 and < 1)
        {
            var blocks = Hessian.Blocks.Span;
            for (var i = 0; i < blocks.Length; i++) blocks[i] *= 1 - blend;
            Lanes.AddScaled(projected.Span, blend, blocks);
        }
        foreach (var node in springNodes) Hessian.AddToDiagonal(node, SpringStiffness);
    }

    /// <summary>Adds a share of the Laplacian's diagonal to the assembled matrix.</summary>
    public void AddStiffness(double share)
    {
        for (var i = 0; i < Mesh.FreeCount; i++) Hessian.AddToDiagonal(i, share * Elastic.Mu * Mesh.Laplacian[Mesh.Symbolic.ColumnStarts[i]]);
    }

    /// <summary>Adds step times direction [3 n] to the positions.</summary>
    public void Move(AlignedBuffer direction, double step) => Lanes.AddScaled(direction.Span, step, Positions.Span);

    /// <summary>The exact energy along a direction [3 n] that is zero at held nodes.</summary>
    public LinePolynomial AlongLine(AlignedBuffer direction)
    {
        var line = new LinePolynomial();
        double* x = Positions.Pointer, d = direction.Pointer;
        Elastic.AlongLine(x, d, line.Coefficients);
        double first = 0, second = 0;
        for (var i = 0; i < springNodes.Length; i++)
            for (var k = 0; k < 3; k++)
            {
                var move = d[3 * springNodes[i] + k];
                first += SpringStiffness * (x[3 * springNodes[i] + k] - SpringTargets[3 * i + k]) * move;
                second += SpringStiffness / 2 * move * move;
            }
        for (var i = 0; i < nodeForces.Length; i++) first -= nodeForces[i] * d[i];
        line.Coefficients[0] += first;
        line.Coefficients[1] += second;
        return line;
    }
}
