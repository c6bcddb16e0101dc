namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>The joints that pose generation leaves in the bind pose.</summary>
public static class HeldJoints
{
    /// <summary>
    /// Per joint whether it is held still: everything above the skin, up to and including the lowest joint under which all
    /// skin hangs (turning it would only turn the character as a whole), and joints below which no skin hangs.
    /// </summary>
    public static bool[] Of(Skeleton skeleton, SkinWeights skin)
    {
        var n = skeleton.JointCount;
        var own = skin.JointsWithSkin(n);
        var skinned = own.Count(has => has);
        var below = new int[n];
        for (var j = n - 1; j >= 0; j--)
        {
            below[j] += own[j] ? 1 : 0;
            if (skeleton.Parents[j] >= 0) below[skeleton.Parents[j]] += below[j];
        }
        // Joints with all skin below them lie on one path from the root; the last of them is the topmost joint that may not move.
        return [.. Enumerable.Range(0, n).Select(j => below[j] == skinned || below[j] == 0)];
    }
}
