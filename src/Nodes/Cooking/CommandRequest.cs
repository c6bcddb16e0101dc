namespace ExampleMlFarm.Nodes.Cooking;

/// <summary>A program to be run for an item.</summary>
/// <param name="Words">The program and its arguments, or one word that is a line for the shell; expressions are filled in.</param>
/// <param name="IsShellLine">True when it is a line for the shell.</param>
/// <param name="Outputs">Files it has to write, relative to its working folder, by output name, in the recipe's order.</param>
/// <param name="AttributesJson">The item's attributes as a JSON object; each also becomes an environment variable.</param>
/// <param name="InputsJson">Writes the inputs as a JSON object, or null when the item reads nothing.</param>
public sealed record CommandRequest(
    IReadOnlyList<string> Words, bool IsShellLine, IReadOnlyList<KeyValuePair<string, string>> Outputs, string AttributesJson,
    Action<System.Text.Json.Utf8JsonWriter>? InputsJson);
