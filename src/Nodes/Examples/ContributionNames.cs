using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Contributions;

namespace ExampleMlFarm.Nodes.Examples;

/// <summary>Turns the names written in a recipe into a contribution list, by looking at a component.</summary>
public static class ContributionNames
{
    /// <summary>
    /// The contributions with these names; without names all numeric point attributes but the position, then all volumes, or the position alone
    /// where there is nothing else.
    /// </summary>
    /// <exception cref="FarmException"><c>contribution.missing</c>: the component has neither an attribute nor a volume of a name.</exception>
    public static ContributionList Resolve(GeometryData component, IReadOnlyList<string> names, string which)
    {
        var all = ContributionList.From(component);
        if (names.Count == 0)
        {
            var beyondPosition = all.Where(c => c.Kind != ContributionKind.Point || c.Name != "P").ToArray();
            return beyondPosition.Length > 0 ? new(beyondPosition) : all;
        }
        return new(names.Select(name => all.FirstOrDefault(c => c.Name == name)
            ?? throw FarmException.Invalid("contribution.missing",
                $"the {which} component has no point attribute or volume '{name}'; it has {string.Join(", ", all.Select(c => $"'{c.Name}'"))}")));
    }
}
