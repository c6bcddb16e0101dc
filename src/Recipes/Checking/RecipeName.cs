namespace ExampleMlFarm.Recipes.Checking;

/// <summary>What may name a recipe. The name becomes part of a folder's, so it must mean the same everywhere and lead nowhere else.</summary>
public static class RecipeName
{
    /// <summary>The longest name: run number and endings still fit into the 255 bytes of a folder's name when every character takes three.</summary>
    public const int MostCharacters = 64;

    /// <summary>True for letters, digits, spaces and <c>- _ .</c>, beginning with a letter or digit and not ending in a space or a dot.</summary>
    public static bool IsPlain(string name)
        => name is { Length: > 0 and <= MostCharacters } && char.IsLetterOrDigit(name[0]) && name[^1] is not (' ' or '.') && name.All(IsPlain);

    /// <summary>A plain name made of any text: what cannot stand in one becomes <c>_</c>.</summary>
    public static string From(string text)
    {
        string name = string.Concat(text.Take(MostCharacters).Select(c => IsPlain(c) ? c : '_')).Trim(' ', '.', '_', '-');
        return IsPlain(name) ? name : "recipe";
    }

    private static bool IsPlain(char c) => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_' or '.';
}
