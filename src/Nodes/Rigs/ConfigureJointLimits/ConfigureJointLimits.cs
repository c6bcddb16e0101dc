using System.Text;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Rigs.ConfigureJointLimits;

/// <summary>How far each joint of a character may turn, from its animation clips or from a file. One item.</summary>
public static class ConfigureJointLimits
{
    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.Of<ConfigureJointLimitsOptions>(
        NodeDescriptor.From<ConfigureJointLimitsOptions>("configure_joint_limits", 1, "Finds how far each joint turns in the character's clips.") with
        {
            Family = "rig",
            Input = DataKind.None,
            Output = DataKind.Files,
            HoudiniNames = ["kinefx::configurejointlimits"],
            Metrics = [new("joints", "Joints that may move")],
            Example = ExampleRecipe.Head + ExampleRecipe.Limits,
        },
        Cook);

    private static void Cook(ConfigureJointLimitsOptions options, CookContext cook)
    {
        var character = CharacterFile.Open(options.Character, cook);
        var limits = options.Limits is { } file
            ? JointLimitsJson.Read(File.ReadAllText(cook.LocalPath(file)), character.Skeleton)
            : JointLimits.FromClips(character, options.Margin, options.Coordinates);
        limits = limits.Of(options.JointGroup);
        if (limits.Joints.Count == 0)
            throw FarmException.Invalid("limits.none", $"no joint of '{character.Name}' moves in its {character.Clips.Count} clips: add clips that show how far the joints turn, or give 'limits'");
        cook.Log($"{limits.Joints.Count} of {character.Skeleton.JointCount} joints may move");
        const double degrees = 180 / Math.PI;
        foreach (var limit in limits.Joints)
            cook.Log($"  {limit.Joint}: {string.Join(", ", Enumerable.Range(0, 3).Select(a => $"{limit.AxisName(a)} {limit.Min[a] * degrees:F0}..{limit.Max[a] * degrees:F0}°"))}");
        cook.Metric("joints", limits.Joints.Count);
        cook.EmitBytes("file/character", "character", CharacterBinary.Write(character));
        cook.EmitBytes("file/json", "limits.json", Encoding.UTF8.GetBytes(JointLimitsJson.Write(limits)));
    }
}
