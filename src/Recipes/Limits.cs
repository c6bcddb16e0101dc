namespace ExampleMlFarm.Recipes;

/// <summary>What a recipe may not exceed. A limit is a promise that a slip of the pen cannot take the farm down.</summary>
public static class Limits
{
    /// <summary>Bytes of a recipe file: a hundred times the longest we have seen.</summary>
    public const int RecipeBytes = 1 << 20;

    /// <summary>Nesting of lists and mappings: the language itself needs eight.</summary>
    public const int YamlDepth = 64;

    /// <summary>Scalars, lists and mappings in one recipe.</summary>
    public const int YamlNodes = 200_000;

    /// <summary>Nodes of a recipe; above that a recipe is a program that should be split.</summary>
    public const int Nodes = 1_000;

    /// <summary>Items of one node: ten times the largest run the scheduler is measured with.</summary>
    public const long Items = 100_000_000;

    /// <summary>Groups that a plan keeps one by one (<c>collect: {by}</c>, combinations, selections).</summary>
    public const int Groups = 1_000_000;

    /// <summary>Items whose attributes are worked out while planning, to group or choose by them.</summary>
    public const long PlannedItems = 2_000_000;

    /// <summary>Characters of one expression.</summary>
    public const int ExpressionCharacters = 16_384;

    /// <summary>Nesting inside an expression; keeps the recursive parser and evaluator off the end of the stack.</summary>
    public const int ExpressionDepth = 64;

    /// <summary>Steps of one evaluation, about ten milliseconds.</summary>
    public const int ExpressionSteps = 200_000;

    /// <summary>Entries of one list that an expression makes.</summary>
    public const int ListEntries = 100_000;

    /// <summary>Characters of one string that an expression makes.</summary>
    public const int TextCharacters = 1 << 20;

    /// <summary>Errors that are printed for one recipe; after that the reader has seen enough.</summary>
    public const int Errors = 200;

    /// <summary>Cores one item may ask for.</summary>
    public const double Cpu = 4_096;

    /// <summary>GPUs one item may ask for.</summary>
    public const double Gpu = 64;

    /// <summary>Memory one item may ask for: 16 TiB.</summary>
    public const long MemoryBytes = 1L << 44;

    /// <summary>Attempts of one item.</summary>
    public const int Attempts = 100;

    /// <summary>The longest time-out: thirty days.</summary>
    public const double TimeoutSeconds = 30 * 86_400;
}
