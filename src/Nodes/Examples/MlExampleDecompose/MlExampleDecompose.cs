using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Examples;
using ExampleMlFarm.Nodes.Cooking;

namespace ExampleMlFarm.Nodes.Examples.MlExampleDecompose;

/// <summary>Takes one labeled example apart: first the input component, then the target component.</summary>
public static class MlExampleDecompose
{
    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.OfOperator<MlExampleDecomposeOptions>("ml_example_decompose", "Takes a labeled example apart into input and target component.", Operate);

    private static IReadOnlyList<GeometryData> Operate(MlExampleDecomposeOptions options, IReadOnlyList<GeometryData> geometry, CookContext cook)
    {
        if (geometry.Count != 1)
            throw FarmException.Invalid("ml_example_decompose.inputs", $"ml_example_decompose takes one labeled example and was given {geometry.Count} geometries");
        var (input, target) = Example.Decompose(geometry[0], options.KeepInputComponentPacked, options.KeepTargetComponentPacked);
        return [input, target];
    }
}
