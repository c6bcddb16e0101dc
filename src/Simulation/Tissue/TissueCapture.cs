using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Simulation.Tissue.Cage;

namespace ExampleMlFarm.Simulation.Tissue;

/// <summary>
/// A character prepared for tissue simulation: a cage of tetrahedra around the skin, the cage vertices that bones hold,
/// and where each skin point lies in the cage. It knows no pose but the one it was captured in.
/// </summary>
/// <remarks>
/// Notation: n cage vertices, t tetrahedra, p pins, s skin points, j joints. The cage encloses the skin (cubes cut into
/// five tetrahedra), so a skin may be rougher than the cage. Treat the arrays as read-only.
/// </remarks>
public sealed class TissueCapture
{
    /// <summary>[n, 3] rest positions, in the skin's units.</summary>
    public required double[] Vertices { get; init; }
    /// <summary>[t, 4] corners with positive volume.</summary>
    public required int[] Tets { get; init; }
    /// <summary>[t, 3, 3] row-major inverse of the rest edges: F = Ds Dm^-1.</summary>
    public required double[] RestInverse { get; init; }
    /// <summary>[t] rest volumes.</summary>
    public required double[] Volumes { get; init; }
    /// <summary>[p] cage vertex of each pin, ascending.</summary>
    public required int[] PinVertices { get; init; }
    /// <summary>[p] joint that holds it.</summary>
    public required int[] PinJoints { get; init; }
    /// <summary>[p, 3] its place in the joint's frame.</summary>
    public required double[] PinOffsets { get; init; }
    /// <summary>[s] tetrahedron of each skin point.</summary>
    public required int[] SkinTets { get; init; }
    /// <summary>[s, 4] barycentric weights, summing to one.</summary>
    public required double[] SkinWeights { get; init; }
    /// <summary>[j] names.</summary>
    public required string[] JointNames { get; init; }
    /// <summary>[j] parents, -1 at roots.</summary>
    public required int[] JointParents { get; init; }
    /// <summary>[j] world transforms at the capture pose.</summary>
    public required Affine[] JointBinds { get; init; }
    /// <summary>Diagonal of the skin's bounding box.</summary>
    public required double Diagonal { get; init; }
    public required CaptureStatistics Statistics { get; init; }

    public double ElementSize => Statistics.ElementSize;
    public int VertexCount => Vertices.Length / 3;
    public int TetCount => Tets.Length / 4;
    public int SkinPointCount => SkinTets.Length;
    public int JointCount => JointNames.Length;

    /// <summary>True for skin points whose weights reach below -0.5, outside the cage.</summary>
    public bool IsExtrapolated(int point)
    {
        var w = SkinWeights.AsSpan(4 * point, 4);
        return Math.Min(Math.Min(w[0], w[1]), Math.Min(w[2], w[3])) < -0.5;
    }

    /// <summary>Makes the cage of a closed skin.</summary>
    /// <param name="points">[s, 3] skin at the capture pose; may repeat points along seams.</param>
    /// <param name="triangles">[m, 3] closed, manifold and consistently oriented once equal points are welded.</param>
    /// <param name="joints">The rig, parents first.</param>
    /// <param name="options">Element size and pins.</param>
    /// <exception cref="FarmException">The skin is empty, open, not manifold or not finite, or a joint has too few pins; the message names the edge, point or joint.</exception>
    public static TissueCapture Build(ReadOnlySpan<double> points, ReadOnlySpan<int> triangles, IReadOnlyList<TissueJoint> joints, CaptureOptions? options = null)
    {
        options ??= new CaptureOptions();
        CaptureChecks.Check(options);
        CaptureChecks.Check(joints);
        var surface = SkinSurface.Build(points, triangles, options);
        var h = options.ElementSize ?? surface.Diagonal / options.Resolution;
        var grid = CubeGrid.Cover(surface, h);
        var lattice = TetLattice.Fill(grid);
        var pins = CagePins.Choose(lattice, joints, h, options);
        var (cage, newVertex, dropped) = CageParts.WithoutLooseParts(lattice, pins, options.RelativeVolumeThreshold);
        pins = pins.Renumbered(newVertex);
        var (skinTets, skinWeights) = SkinBinding.Bind(points, cage, grid);
        var (restInverse, volumes) = RestShape.Of(cage);
        var capture = new TissueCapture
        {
            Vertices = cage.Vertices, Tets = cage.Tets, RestInverse = restInverse, Volumes = volumes,
            PinVertices = pins.Vertices, PinJoints = pins.Joints, PinOffsets = pins.Offsets(cage.Vertices, joints),
            SkinTets = skinTets, SkinWeights = skinWeights,
            JointNames = [.. joints.Select(j => j.Name)], JointParents = [.. joints.Select(j => j.Parent)], JointBinds = [.. joints.Select(j => j.Bind)],
            Diagonal = surface.Diagonal,
            Statistics = new CaptureStatistics(h, cage.Tets.Length / 20, GluedCubes.Count(surface, grid, joints), surface.DroppedComponents, dropped,
                surface.Points.Length / 3, 0, pins.Reached),
        };
        var extrapolated = Enumerable.Range(0, capture.SkinPointCount).Count(capture.IsExtrapolated);
        return capture.With(capture.Statistics with { ExtrapolatedPoints = extrapolated });
    }

    TissueCapture With(CaptureStatistics statistics) => new()
    {
        Vertices = Vertices, Tets = Tets, RestInverse = RestInverse, Volumes = Volumes, PinVertices = PinVertices, PinJoints = PinJoints,
        PinOffsets = PinOffsets, SkinTets = SkinTets, SkinWeights = SkinWeights, JointNames = JointNames, JointParents = JointParents,
        JointBinds = JointBinds, Diagonal = Diagonal, Statistics = statistics,
    };
}
