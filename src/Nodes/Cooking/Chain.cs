using ExampleMlFarm.Geometry;

namespace ExampleMlFarm.Nodes.Cooking;

/// <summary>One step of a <c>steps:</c> chain, or an operator named inside the options of a node.</summary>
public sealed record ChainStep(NodeType Type, object Options);

/// <summary>Operators one after the other in memory: what lies between them is never written.</summary>
public static class Chain
{
    /// <summary>Runs the steps in order.</summary>
    public static IReadOnlyList<GeometryData> Run(IReadOnlyList<ChainStep> steps, IReadOnlyList<GeometryData> geometry, CookContext cook)
    {
        foreach (var step in steps)
        {
            cook.ThrowIfCancelled();
            geometry = step.Type.Operate(step.Options, geometry, cook);
        }
        return geometry;
    }
}
