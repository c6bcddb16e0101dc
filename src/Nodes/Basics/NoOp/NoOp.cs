using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Basics;

/// <summary>Options of <c>no_op</c>.</summary>
public sealed record NoOpOptions
{
    /// <summary>How long each item takes.</summary>
    [Option("Time that each item waits before it is done", Unit = "s", Min = 0, Max = 3600)]
    public double Seconds { get; init; }

    /// <summary>Outcome on demand.</summary>
    [Option("When true, items fail; for trying out retries and allowances")]
    public bool Fail { get; init; }
}

/// <summary>Does nothing, as often as wanted: for measuring the farm, and for trying out recipes.</summary>
public static class NoOp
{
    /// <summary>The entry of the catalogue.</summary>
    public static NodeType Type { get; } = NodeType.Of<NoOpOptions>(
        NodeDescriptor.From<NoOpOptions>("no_op", version: 1, "Does nothing: measures the farm, or tries out a recipe") with
        {
            Family = "basics",
            Input = DataKind.Any,
            Output = DataKind.None,
            Example = "nodes:\n  idle:\n    generate: 1000\n    uses: no_op\n",
        },
        Cook);

    private static void Cook(NoOpOptions options, CookContext cook)
    {
        if (options.Seconds > 0 && cook.Cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(options.Seconds))) cook.ThrowIfCancelled();
        if (options.Fail) throw new Core.FarmException(new(Core.FailureClass.Permanent, "no_op.failed", "this item was told to fail: its option 'fail' is true"));
    }
}
