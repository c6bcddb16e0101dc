namespace ExampleMlFarm.Recipes.Planning;

/// <summary>What of a recipe is cooked, and what of it without a look at earlier results.</summary>
/// <param name="Only">Nodes that are cooked, with all that they read; empty = every node.</param>
/// <param name="Anew">Nodes that cook although the cache holds their results.</param>
public sealed record RecipePart(IReadOnlyList<string> Only, IReadOnlyList<string> Anew)
{
    /// <summary>All of it, with the cache.</summary>
    public static RecipePart Whole { get; } = new([], []);
}
