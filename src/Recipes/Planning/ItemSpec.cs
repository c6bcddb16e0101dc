using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Expressions;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>One piece of a command line.</summary>
/// <param name="Text">Text as it is; null when the piece is a node or a file.</param>
/// <param name="Node">The node whose output's path stands here, or null.</param>
/// <param name="File">The file whose path stands here, or null.</param>
public readonly record struct CommandPart(string? Text, NodeInput? Node, RecipeFile? File = null);

/// <summary>One word of a command (or the whole shell line), in pieces.</summary>
public sealed record CommandWord(IReadOnlyList<CommandPart> Parts)
{
    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+,:=@%");

    /// <summary>The word with every node and file replaced by what is said for it.</summary>
    /// <param name="pathOf">The path of a node's file.</param>
    /// <param name="fileOf">The path of a file.</param>
    /// <param name="isShellLine">True to quote paths that hold spaces and the like, unless they stand in quotes already.</param>
    public string Join(Func<NodeInput, string> pathOf, Func<RecipeFile, string> fileOf, bool isShellLine)
    {
        if (Parts is [{ Text: { } only }]) return only;
        var word = new StringBuilder();
        foreach (var part in Parts)
        {
            if (part.Text is { } text)
            {
                word.Append(text);
                continue;
            }
            string path = part.Node is { } node ? pathOf(node) : fileOf(part.File!.Value);
            bool quote = isShellLine && path.AsSpan().ContainsAnyExcept(Plain) && (word.Length == 0 || word[^1] is not ('\'' or '"'));
            word.Append(quote ? "'" + path.Replace("'", "'\\''", StringComparison.Ordinal) + "'" : path);
        }
        return word.ToString();
    }
}

/// <summary>A file that the command of an item writes: name, and path relative to the item's folder.</summary>
public readonly record struct OutputFile(string Name, string Path);

/// <summary>
/// All that a worker needs to know of one item. For nodes with constant options the same instance serves every item of a lease.
/// </summary>
public sealed record ItemSpec
{
    /// <summary>Options of <c>uses:</c>, every one of them, by name; node references as <c>{"$node": name, "dependency": i}</c>. Not to be changed.</summary>
    public JsonObject Options { get; init; } = [];

    /// <summary>Operators of <c>steps:</c>.</summary>
    public OperatorChain Steps { get; init; } = OperatorChain.Empty;

    /// <summary>Words of <c>run:</c>: a program and its arguments, or a single word that is a shell line.</summary>
    public IReadOnlyList<CommandWord> Command { get; init; } = [];

    /// <summary>True when <see cref="Command"/> is for a shell.</summary>
    public bool IsShellLine { get; init; }

    /// <summary>Files of <c>out:</c>.</summary>
    public IReadOnlyList<OutputFile> Outputs { get; init; } = [];
}

/// <summary>Attributes of an item, by name.</summary>
public sealed class ItemAttributes(SortedDictionary<string, Value> values)
{
    /// <summary>The values, by name in ordinal order.</summary>
    public IReadOnlyDictionary<string, Value> Values => values;

    /// <summary>Canonical JSON object, as <see cref="Core.Items.ItemResult.Attributes"/> carries it.</summary>
    public string ToJson() => CanonicalJson.Write(new JsonObject(values.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)v.Value.ToJson()))));
}
