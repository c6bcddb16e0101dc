namespace ExampleMlFarm.Recipes.Attributes;

/// <summary>
/// How the attributes of an item are called in the environment of its command: <c>MLFARM_</c> and the name in capitals. Does not know the values.
/// </summary>
public static class AttributeVariables
{
    /// <summary>What every variable of ours begins with.</summary>
    public const string Prefix = "MLFARM_";

    /// <summary>What the variables of the item itself are called, without prefix; no attribute of these names can be written in a recipe.</summary>
    public static IReadOnlyList<string> Reserved { get; } = ["ATTEMPT", "INDEX", "ITEM", "MARK", "NODE", "RUN"];

    /// <summary>True when the variable of an attribute would be one of the item's own, in whatever capitals.</summary>
    public static bool IsReserved(string attribute) => Reserved.Contains(attribute, StringComparer.OrdinalIgnoreCase);

    /// <summary>Name of an attribute's variable. A character that no variable can have becomes an underscore.</summary>
    public static string Of(string attribute) => string.Create(Prefix.Length + attribute.Length, attribute, static (name, a) =>
    {
        Prefix.CopyTo(name);
        for (int i = 0; i < a.Length; i++) name[Prefix.Length + i] = char.IsAsciiLetterOrDigit(a[i]) ? char.ToUpperInvariant(a[i]) : '_';
    });
}
