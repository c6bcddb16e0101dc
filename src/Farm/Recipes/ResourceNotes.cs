using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Recipes.Checking;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Farm.Recipes;

/// <summary>Notes on items that ask for more than this machine has. A farm may have other workers, so they are no errors before the run is started.</summary>
internal static class ResourceNotes
{
    /// <summary>One note for each node that no worker of this machine could cook, at the place where the recipe asks.</summary>
    public static IEnumerable<RecipeError> Of(RecipeProgram program)
    {
        LocalOffer[] offers = [LocalOffer.OfThisMachine(1)];
        foreach (var node in program.Nodes)
            if (node.Kind != NodeKind.Expander && LocalOffer.Lacking(program.Plan.Nodes[node.Id.Value], offers) is { } misfit)
                yield return new(program.Source.FileName, node.ResourceMarks.GetValueOrDefault(misfit.Resource, node.Mark), Severity.Note,
                    $"{misfit.Resource}: {misfit.Asked}, but this machine has {misfit.Offered}{(misfit is { Resource: "cpu", Offered: not "none" } ? misfit.Offered == "1" ? " core" : " cores" : "")}; items of {misfit.Node} would wait for ever unless a farm worker has that much");
    }
}
