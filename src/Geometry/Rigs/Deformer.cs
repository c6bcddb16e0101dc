using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>The network of a deformer: a serialized pose in, one weight per shape out.</summary>
public delegate float[] ShapeWeightModel(ReadOnlySpan<float> serializedPose);

/// <summary>What one evaluation found beside the points.</summary>
/// <param name="Clamped">Whether the pose was outside the limits and was brought into them.</param>
/// <param name="GuardedPoints">Points whose blended matrix was nearly singular (see <see cref="DisplacementFrame"/>).</param>
public readonly record struct DeformResult(bool Clamped, int GuardedPoints);

/// <summary>
/// Evaluates a deformer on poses (ML Deform): clamp to the limits if asked → serialize → network → <c>mean + Σ w_k shape_k</c> →
/// skinning of the bind pose with that displacement. Does not know what runs the network.
/// </summary>
/// <remarks>
/// Joints without limits were held still in training. Turning them moves the character as a whole, so the network is shown the pose
/// with these joints in the bind pose, and only the skinning sees where they are. Holds buffers: one instance per thread.
/// </remarks>
public sealed class Deformer
{
    private readonly DeformerBundle bundle;
    private readonly ShapeWeightModel model;
    private readonly PoseSerializer serializer;
    private readonly Skinning skinning;
    private readonly Skeleton skeleton;
    private readonly bool[] limited;
    private readonly float[] input;
    private readonly float[] displacement;

    /// <exception cref="FarmException">The character is not the one that the deformer was trained on.</exception>
    public Deformer(DeformerBundle bundle, Character character, ShapeWeightModel model)
    {
        bundle.CheckBelongsTo(character);
        (this.bundle, this.model, skeleton) = (bundle, model, character.Skeleton);
        serializer = new PoseSerializer(skeleton, bundle.Pose);
        skinning = new Skinning(character);
        limited = new bool[skeleton.JointCount];
        foreach (var j in bundle.Limits.JointIndices) limited[j] = true;
        input = new float[serializer.Length];
        displacement = new float[bundle.Basis.Mean.Length];
    }

    public int PointCount => bundle.Basis.PointCount;

    /// <param name="output"><c>[points, 3]</c>.</param>
    /// <param name="enforceLimits">Bring the pose into the limits that the network was trained within.</param>
    /// <exception cref="FarmException">The network gave another number of weights than there are shapes, or one that is not finite.</exception>
    public DeformResult Deform(Pose pose, Span<double> output, bool enforceLimits = true)
    {
        var used = enforceLimits ? bundle.Limits.Clamp(pose) : pose;
        serializer.Serialize(WithHeldJointsInBindPose(used), input);
        var weights = model(input);
        if (weights.Length != bundle.Basis.ShapeCount)
            throw FarmException.Invalid("deformer.weights", $"The network gave {weights.Length} weights for {bundle.Basis.ShapeCount} shapes. The model and the basis do not belong together; export the deformer again.");
        for (var k = 0; k < weights.Length; k++)
            if (!float.IsFinite(weights[k])) throw FarmException.Invalid("deformer.weight_not_finite", $"The network gave {weights[k]} for the weight of shape {k}. Train again.");
        bundle.Basis.Combine(weights, displacement);
        var guarded = skinning.Deform(used, displacement, output, bundle.Encoding, bundle.Skinning);
        return new DeformResult(!ReferenceEquals(used, pose) && !used.Local.AsSpan().SequenceEqual(pose.Local), guarded);
    }

    private Pose WithHeldJointsInBindPose(Pose pose)
    {
        var local = pose.Local.ToArray();
        for (var j = 0; j < local.Length; j++)
            if (!limited[j]) local[j] = skeleton.BindLocal[j];
        return Pose.FromLocal(skeleton, local);
    }
}
