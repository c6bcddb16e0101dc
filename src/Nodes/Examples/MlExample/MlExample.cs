using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Examples;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Examples.MlExample;

/// <summary>
/// Packs an input component and, where given, a target component into one example. An invalid component gives an empty geometry, and the log
/// says why.
/// </summary>
public static class MlExample
{
    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.OfOperator<MlExampleOptions>(
        NodeDescriptor.From<MlExampleOptions>("ml_example", 1, "Packs input and target component into one example.") with
        {
            Family = "examples",
            Input = DataKind.Geometry,
            Output = DataKind.Examples,
            NeedsInput = true,
            HoudiniNames = ["ml_example", "mlexample"],
            Example = ExampleRecipe.Simulated + "  pairs: { from: simulate, steps: [ml_example_decompose, ml_example] }\n",
        },
        Operate);

    private static IReadOnlyList<GeometryData> Operate(MlExampleOptions options, IReadOnlyList<GeometryData> geometry, CookContext cook)
    {
        var how = new ExampleOptions
        {
            InputIsPacked = options.UsePackedInputComponent,
            TargetIsPacked = options.UsePackedTargetComponent,
            InputValidityAttribute = options.InputValidityAttribute,
            TargetValidityAttribute = options.TargetValidityAttribute,
            CheckFinite = options.CheckFinite,
        };
        var result = geometry.Count switch
        {
            1 => Example.Unlabeled(geometry[0], how),
            2 => Example.Labeled(geometry[0], geometry[1], how),
            _ => throw FarmException.Invalid("ml_example.inputs", $"ml_example takes one geometry (unlabeled) or two (input and target), and was given {geometry.Count}"),
        };
        if (result.DiscardReason is { } reason) cook.Log($"example discarded: {reason}");
        return [result.Geometry];
    }
}
