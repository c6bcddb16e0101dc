using System.Runtime.CompilerServices;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Simulation.Sparse;

namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>
/// Skinning weights of the cage itself: for each joint the harmonic function that is one at its pins and zero at the
/// others'. They carry a solved shape along with the bones, as a start for the next substep.
/// </summary>
/// <remarks>Harmonic coordinates: Joshi et al. 2007. On right-angled and regular tetrahedra no weight is negative.</remarks>
internal sealed class HarmonicWeights
{
    readonly int[] joints;
    readonly double[] weights;

    HarmonicWeights(int[] joints, double[] weights)
    {
        this.joints = joints;
        this.weights = weights;
    }

    /// <param name="mesh">The prepared cage.</param>
    /// <param name="pinNodes">[p] node of each pin.</param>
    /// <param name="pinJoints">[p] joint of each pin.</param>
    public static unsafe HarmonicWeights Of(ElasticMesh mesh, int[] pinNodes, int[] pinJoints)
    {
        var joints = pinJoints.Distinct().Order().ToArray();
        int n = mesh.NodeCount, width = joints.Length;
        var weights = new double[n * width];
        var blocks = new AlignedBuffer(12L * (mesh.Symbolic.BlockCount + 1));
        for (var b = 0; b <= mesh.Symbolic.BlockCount; b++)
            for (var k = 0; k < 3; k++) blocks.Pointer[12L * b + 5 * k] = mesh.Laplacian[b];

        var stiff = new double[mesh.FreeCount];
        for (var i = 0; i < pinNodes.Length; i++)
        {
            weights[pinNodes[i] * width + Array.BinarySearch(joints, pinJoints[i])] = 1;
            if (pinNodes[i] >= mesh.FreeCount) continue;
            // A pin on a spring has an unknown of its own: a penalty far above the Laplacian holds its weight.
            var diagonal = mesh.Symbolic.ColumnStarts[pinNodes[i]];
            stiff[pinNodes[i]] = 1e6 * mesh.Laplacian[diagonal];
            for (var k = 0; k < 3; k++) blocks.Pointer[12L * diagonal + 5 * k] += stiff[pinNodes[i]];
        }
        var cholesky = new BlockCholesky(mesh.Symbolic);
        if (!cholesky.Factor(blocks.Pointer)) throw new InvalidOperationException("The Laplacian of a cage with pins in every piece is positive definite.");

        // The matrix is the Laplacian three times over, so three joints are solved for at once.
        var x = new AlignedBuffer(3L * n);
        for (var first = 0; first < width; first += 3)
        {
            var count = Math.Min(3, width - first);
            x.Span.Clear();
            for (var i = 0; i < mesh.FreeCount; i++)
                for (var k = 0; k < count; k++) x.Pointer[3 * i + k] = stiff[i] * weights[i * width + first + k];
            AddHeldNeighbours(mesh, weights, width, first, count, x);
            cholesky.Solve(x.Pointer);
            for (var i = 0; i < mesh.FreeCount; i++)
                for (var k = 0; k < count; k++) weights[i * width + first + k] = x.Pointer[3 * i + k];
        }
        return new HarmonicWeights(joints, weights);
    }

    static unsafe void AddHeldNeighbours(ElasticMesh mesh, double[] weights, int width, int first, int count, AlignedBuffer x)
    {
        Span<double> inverse = stackalloc double[9];
        Span<double> shape = stackalloc double[12];
        for (var t = 0; t < mesh.TetCount; t++)
        {
            var corners = mesh.Corners.AsSpan(4 * t, 4);
            for (var k = 0; k < 9; k++) inverse[k] = mesh.RestInverse.Span[(t / 8 * 9 + k) * 8 + t % 8];
            ElasticMesh.ShapeGradients(inverse, shape);
            for (var p = 0; p < 4; p++)
                for (var q = 0; q < 4; q++)
                {
                    if (corners[p] >= mesh.FreeCount || corners[q] < mesh.FreeCount) continue;
                    var couple = mesh.Volumes.Pointer[t] * (shape[3 * p] * shape[3 * q] + shape[3 * p + 1] * shape[3 * q + 1] + shape[3 * p + 2] * shape[3 * q + 2]);
                    for (var k = 0; k < count; k++) x.Pointer[3 * corners[p] + k] -= couple * weights[corners[q] * width + first + k];
                }
        }
    }

    /// <summary>Moves nodes [3 n] from where the joints were to where they are now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Carry(Affine[] from, Affine[] to, Span<double> x)
    {
        var moves = Array.ConvertAll(joints, j => to[j] * from[j].Inverse());
        for (var i = 0; i < x.Length / 3; i++)
        {
            var p = Vector3d.Read(x, i);
            var sum = Vector3d.Zero;
            var total = 0.0;
            for (var k = 0; k < moves.Length; k++)
                if (weights[i * moves.Length + k] is var w && w > 1e-6)
                {
                    sum += moves[k].TransformPoint(p) * w;
                    total += w;
                }
            (sum / total).Write(x, i);
        }
    }
}
