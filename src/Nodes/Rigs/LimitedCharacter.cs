using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Rigs;

/// <summary>What <c>configure_joint_limits</c> put out: the character and its limits.</summary>
public sealed record LimitedCharacter(Character Character, Geometry.Rigs.JointLimits Limits)
{
    /// <summary>Opens what an option names, once per worker process.</summary>
    public static LimitedCharacter Open(CookContext cook, NodeInput option)
    {
        var item = cook.Input(option).Single();
        return item.Load("limits.json", limits =>
        {
            var character = item.Load("character", path => CharacterBinary.Read(File.ReadAllBytes(path), $"character of {item}"));
            return new LimitedCharacter(character, JointLimitsJson.Read(File.ReadAllText(limits), character.Skeleton));
        });
    }
}
