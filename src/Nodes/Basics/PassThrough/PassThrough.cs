using ExampleMlFarm.Nodes.Cooking;

namespace ExampleMlFarm.Nodes.Basics;

/// <summary>A node that gives items attributes and cooks nothing: what its input put out is its own output.</summary>
public static class PassThrough
{
    /// <summary>Hands the outputs on as they are; nothing is copied.</summary>
    public static void Cook(CookContext cook)
    {
        foreach (var item in cook.From)
            foreach (var output in item.Outputs) cook.EmitReference(output);
    }
}
