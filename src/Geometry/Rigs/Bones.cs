using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>Bones for a character whose file has none: derived from joints, weights and skin.</summary>
public static class Bones
{
    /// <summary>The part of the room between middle line and skin that the bone takes.</summary>
    private const double RadiusShare = 0.35;

    /// <summary>
    /// A capsule from each joint that carries skin to each of its children that do; a last joint reaches to the far end of its
    /// skin along the mean direction. The radius is a share of the distance from the segment to the tenth percentile of the
    /// joint's skin points, so that thin parts keep flesh.
    /// </summary>
    /// <param name="skeleton">The joints.</param>
    /// <param name="skin">Weights of the points.</param>
    /// <param name="rest">Points <c>[n, 3]</c>, bind pose.</param>
    public static IReadOnlyList<BoneSegment> FromJoints(Skeleton skeleton, SkinWeights skin, double[] rest)
    {
        var pointsOf = new List<int>[skeleton.JointCount];
        for (var j = 0; j < pointsOf.Length; j++) pointsOf[j] = [];
        for (var p = 0; p < skin.PointCount; p++)
            foreach (var (joint, weight) in skin.Of(p))
                if (weight >= 0.3) pointsOf[joint].Add(p);

        var has = skin.JointsWithSkin(skeleton.JointCount);
        var segments = new List<BoneSegment>();
        for (var j = 0; j < skeleton.JointCount; j++)
        {
            if (!has[j]) continue;
            var start = skeleton.BindWorld[j].Translation;
            var ends = skeleton.ChildrenOf[j].Where(c => has[c]).Select(c => skeleton.BindWorld[c].Translation)
                .Where(end => Vector3d.Distance(start, end) > 0).ToList();
            if (ends.Count == 0 && FarEnd(start, pointsOf[j], rest) is { } far) ends.Add(far);
            foreach (var end in ends)
            {
                var segment = new BoneSegment(j, start, end, 0);
                segments.Add(segment with { Radius = RadiusShare * Clearance(segment, pointsOf[j], rest) });
            }
        }
        return segments;
    }

    private static Vector3d? FarEnd(Vector3d start, List<int> points, double[] rest)
    {
        if (points.Count == 0) return null;
        var mean = Vector3d.Zero;
        foreach (var p in points) mean += Vector3d.Read(rest, p) - start;
        var direction = mean.Normalized();
        if (direction == Vector3d.Zero) return null;
        var reach = points.Max(p => Vector3d.Dot(Vector3d.Read(rest, p) - start, direction));
        // The end stays inside the skin by the part that the radius takes.
        return reach > 0 ? start + direction * (reach * (1 - RadiusShare)) : null;
    }

    private static double Clearance(BoneSegment segment, List<int> points, double[] rest)
    {
        if (points.Count == 0) return 0;
        var distances = points.Select(p => segment.DistanceToAxis(Vector3d.Read(rest, p))).Order().ToArray();
        return distances[distances.Length / 10];
    }
}
