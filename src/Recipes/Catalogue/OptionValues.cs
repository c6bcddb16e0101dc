using System.Text.Json.Nodes;

namespace ExampleMlFarm.Recipes.Catalogue;

/// <summary>
/// An option that names another node: <c>basis: ${{ nodes.basis }}</c>. The cook finds the results of that node among its inputs.
/// </summary>
/// <param name="Node">Name of the node, as in the recipe.</param>
/// <param name="Dependency">Position of the dependency in the plan node's list, hence of the input in a lease.</param>
public sealed record NodeInput(string Node, int Dependency);

/// <summary>An option that names a file: an absolute path, or a name such as <c>builtin:limb</c> that is no path at all.</summary>
/// <param name="Path">The path, or the name with its scheme.</param>
public readonly record struct RecipeFile(string Path)
{
    /// <summary>True for names like <c>builtin:limb</c>: two or more letters and a colon in front.</summary>
    public bool IsBuiltIn => HasScheme(Path);

    /// <summary>True when the text starts with a scheme instead of being a path.</summary>
    public static bool HasScheme(string? path)
    {
        int colon = path?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        return colon >= 2 && path.AsSpan(0, colon).IndexOfAnyExceptInRange('a', 'z') < 0;
    }

    /// <inheritdoc/>
    public override string ToString() => Path ?? "";
}

/// <summary>One operator of a chain with its evaluated options.</summary>
/// <param name="Operator">Name of the node type, which is an operator.</param>
/// <param name="Options">Every option of that type, defaults filled in.</param>
public sealed record OperatorStep(string Operator, JsonObject Options);

/// <summary>Several operators that run in memory, one after the other: <c>steps:</c>, or an option such as <c>input:</c> of a data set node.</summary>
public sealed record OperatorChain(IReadOnlyList<OperatorStep> Steps)
{
    /// <summary>No operators: what goes in comes out.</summary>
    public static OperatorChain Empty { get; } = new([]);
}
