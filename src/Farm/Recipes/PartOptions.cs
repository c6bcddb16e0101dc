using System.CommandLine;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Farm.Recipes;

/// <summary><c>--only</c> and <c>--no-cache</c>: which nodes of a recipe are cooked, and which without a look at earlier results.</summary>
internal sealed class PartOptions
{
    public Option<string[]> Only { get; } = new("--only") { HelpName = "node", Description = "Cooks this node and what it reads, nothing else. May be given several times.", DefaultValueFactory = _ => [] };

    public Option<string[]> Anew { get; } = new("--no-cache") { HelpName = "node", Description = "Cooks this node although its results are known, and what reads it. May be given several times.", DefaultValueFactory = _ => [] };

    public void AddTo(Command command)
    {
        command.Options.Add(Only);
        command.Options.Add(Anew);
    }

    public RecipePart Read(ParseResult parsed) => new(parsed.GetValue(Only) ?? [], parsed.GetValue(Anew) ?? []);
}
