using ExampleMlFarm.Core;

namespace ExampleMlFarm.Simulation.Tissue.Cage;

/// <summary>Rejects options and rigs that no cage can be made from.</summary>
internal static class CaptureChecks
{
    public static void Check(CaptureOptions options)
    {
        if (options.ElementSize is { } h) Range(nameof(options.ElementSize), h, h > 0 && double.IsFinite(h), "above 0");
        Range(nameof(options.Resolution), options.Resolution, options.Resolution is >= 2 and <= 400, "from 2 to 400");
        Range(nameof(options.PinThickness), options.PinThickness, options.PinThickness is >= 0 and <= 2, "from 0 to 2");
        Range(nameof(options.PinSeparation), options.PinSeparation, options.PinSeparation is >= 0 and <= 2, "from 0 to 2");
        Range(nameof(options.PinReach), options.PinReach, options.PinReach >= options.PinThickness && options.PinReach <= 4, "from PinThickness to 4");
        Range(nameof(options.RelativeVolumeThreshold), options.RelativeVolumeThreshold, options.RelativeVolumeThreshold is >= 0 and < 1, "from 0 to below 1");
        Range(nameof(options.WeldTolerance), options.WeldTolerance, options.WeldTolerance is >= 0 and <= 1e-2, "from 0 to 0.01");
    }

    public static void Check(IReadOnlyList<TissueJoint> joints)
    {
        if (joints.Count == 0) throw FarmException.Invalid("capture.no_joints", "The rig has no joints; a cage needs at least one joint with a bone.");
        for (var j = 0; j < joints.Count; j++)
        {
            var joint = joints[j];
            if (joint.Parent < -1 || joint.Parent >= j)
                throw FarmException.Invalid("capture.joint_order", $"Joint {j} '{joint.Name}' has parent {joint.Parent}; parents come before their children, roots have -1.");
            if (!joint.Bind.IsFinite || !(Math.Abs(joint.Bind.Linear.Determinant) > 0))
                throw FarmException.Invalid("capture.joint_bind", $"Joint {j} '{joint.Name}' has a bind transform that is not finite or flattens space.");
            foreach (var bone in joint.Bones)
            {
                if (bone.Joint != j)
                    throw FarmException.Invalid("capture.bone", $"A bone of joint {j} '{joint.Name}' names joint {bone.Joint}; a bone is listed at the joint that it moves with.");
                if (!bone.Start.IsFinite || !bone.End.IsFinite || !(bone.Radius >= 0) || double.IsInfinity(bone.Radius))
                    throw FarmException.Invalid("capture.bone", $"A bone of joint {j} '{joint.Name}' is {bone}; its ends must be finite and its radius at least 0.");
            }
        }
        if (joints.All(j => j.Bones.Count == 0))
            throw FarmException.Invalid("capture.no_bones", $"None of the {joints.Count} joints has a bone; give at least one a segment.");
    }

    static void Range(string name, double value, bool good, string allowed)
    {
        if (!good) throw FarmException.Invalid("capture.option", $"{name} is {value}; it must be {allowed}.");
    }
}
