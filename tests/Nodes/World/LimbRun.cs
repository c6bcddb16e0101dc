using ExampleMlFarm.Tests.Nodes.World;

[assembly: AssemblyFixture(typeof(LimbRun))]

namespace ExampleMlFarm.Tests.Nodes.World;

/// <summary>The shipped recipe, cooked whole and small, once for all tests that look at what it put out. They must not change it.</summary>
public sealed class LimbRun : IDisposable
{
    public const int Poses = 24, Unseen = 4;

    internal static readonly (string, string)[] Small = [("poses", $"{Poses}"), ("unseen", $"{Unseen}"), ("epochs", "60"), ("shapes", "8"), ("min_gain", "0")];

    private readonly Lazy<RecipeRun> run = new(() => new RecipeRun(Recipe, Small).Cook());

    /// <summary>The shipped text, with a coarser cage and a checkpoint after every epoch.</summary>
    internal static string Recipe { get; } = Repository.Read("src/Recipes/Library/ml-deformer.yaml").Replace(
        "uses: armature_capture\n    with: { ", "uses: armature_capture\n    with: { resolution: 24, ", StringComparison.Ordinal).Replace(
        "      early_stopping:", "      checkpoint_seconds: 0\n      early_stopping:", StringComparison.Ordinal);

    internal RecipeRun Run => run.Value;

    public void Dispose()
    {
        if (run.IsValueCreated) run.Value.Dispose();
    }
}
