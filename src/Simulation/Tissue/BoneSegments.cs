using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue;

/// <summary>Bones for rigs that have only joints: lines from each joint to its children.</summary>
public static class BoneSegments
{
    /// <summary>One list of segments per joint, in world space at the capture pose.</summary>
    /// <param name="binds">[j] world transforms.</param>
    /// <param name="parents">[j] parents, -1 at roots.</param>
    /// <param name="points">[s, 3] skin at the capture pose.</param>
    /// <param name="skinJoints">[s, k] joints that move each point.</param>
    /// <param name="skinWeights">[s, k] their weights.</param>
    /// <param name="radius">Of every segment, in the skin's units.</param>
    /// <param name="trim">Share of its length that a segment ends short of a joint at either end, so that flesh can fold there. 0 to below 0.5.</param>
    /// <remarks>
    /// A joint without skin gets no bone. A last joint gets one through its skin: as far along the direction from its
    /// parent as the mean of the points it dominates.
    /// </remarks>
    public static BoneSegment[][] FromSkeleton(
        ReadOnlySpan<Affine> binds, ReadOnlySpan<int> parents, ReadOnlySpan<double> points,
        ReadOnlySpan<int> skinJoints, ReadOnlySpan<double> skinWeights, double radius = 0, double trim = 0.1)
    {
        var count = binds.Length;
        var influences = points.Length == 0 ? 0 : skinJoints.Length / (points.Length / 3);
        var mass = new double[count];
        var centres = new Vector3d[count];
        for (var i = 0; i < skinJoints.Length; i++)
        {
            // Squared weights: points that a joint only touches would pull its bone towards the neighbour.
            var w = skinWeights[i] * skinWeights[i];
            mass[skinJoints[i]] += w;
            centres[skinJoints[i]] += Vector3d.Read(points, i / influences) * w;
        }
        var bones = new BoneSegment[count][];
        for (var j = 0; j < count; j++)
        {
            bones[j] = [];
            if (mass[j] <= 0) continue;
            var start = binds[j].Translation;
            var ends = new List<Vector3d>();
            for (var c = 0; c < count; c++)
                if (parents[c] == j && mass[c] > 0 && Vector3d.Distance(binds[c].Translation, start) > 0) ends.Add(binds[c].Translation);
            var cut = trim;
            if (ends.Count == 0)
            {
                ends.Add(start + (centres[j] / mass[j] - start) * 1.5);
                cut = 0;
            }
            bones[j] = [.. ends.Select(end => new BoneSegment(Vector3d.Lerp(start, end, trim), Vector3d.Lerp(start, end, 1 - cut), radius))];
        }
        return bones;
    }
}
