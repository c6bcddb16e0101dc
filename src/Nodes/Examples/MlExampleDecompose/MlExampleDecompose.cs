using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Examples;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Examples.MlExampleDecompose;

/// <summary>Takes one labeled example apart: first the input component, then the target component.</summary>
public static class MlExampleDecompose
{
    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.OfOperator<MlExampleDecomposeOptions>(
        NodeDescriptor.From<MlExampleDecomposeOptions>("ml_example_decompose", 1, "Takes a labeled example apart into input and target component.") with
        {
            Family = "examples",
            Input = DataKind.Examples,
            Output = DataKind.Geometry,
            NeedsInput = true,
            HoudiniNames = ["ml_exampledecompose", "mlexampledecompose"],
            Example = ExampleRecipe.Simulated + "  parts: { from: simulate, uses: ml_example_decompose }\n",
        },
        Operate);

    private static IReadOnlyList<GeometryData> Operate(MlExampleDecomposeOptions options, IReadOnlyList<GeometryData> geometry, CookContext cook)
    {
        if (geometry.Count != 1)
            throw FarmException.Invalid("ml_example_decompose.inputs", $"ml_example_decompose takes one labeled example and was given {geometry.Count} geometries");
        var (input, target) = Example.Decompose(geometry[0], options.KeepInputComponentPacked, options.KeepTargetComponentPacked);
        return [input, target];
    }
}
