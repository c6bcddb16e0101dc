namespace ExampleMlFarm.Recipes.Catalogue;

/// <summary>Describes one property of an options record: what <c>node show</c>, the schema and the checker say about it.</summary>
/// <param name="doc">One sentence for people, without the unit and the range.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OptionAttribute(string doc) : Attribute
{
    /// <summary>What it means.</summary>
    public string Doc { get; } = doc;

    /// <summary>Unit of numbers: <c>deg</c>, <c>s</c>, <c>fraction</c> (which may be written as a percentage).</summary>
    public string Unit { get; init; } = "";

    /// <summary>Smallest value allowed.</summary>
    public double Min { get; init; } = double.NegativeInfinity;

    /// <summary>Greatest value allowed.</summary>
    public double Max { get; init; } = double.PositiveInfinity;

    /// <summary>True when the smallest value itself is not allowed.</summary>
    public bool MinExcluded { get; init; }

    /// <summary>True when the recipe must give it.</summary>
    public bool Required { get; init; }

    /// <summary>True for an option that cannot change a result, such as a thread count: it is left out of the cook key.</summary>
    public bool NotInKey { get; init; }
}

/// <summary>
/// Marks a property of an options record that holds a record of further options. They stand beside the others in a recipe, so that nodes can share
/// options without their users seeing it. Its initial value is a new record; a group holds no groups.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OptionGroupAttribute : Attribute;
