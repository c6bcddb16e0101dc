using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Yaml;

namespace ExampleMlFarm.Recipes.Attributes;

/// <summary>How an attribute follows from the index of an item and its other attributes: a rule, so that a million items store nothing.</summary>
/// <param name="Name">Name of the attribute.</param>
/// <param name="Type">Type of its values.</param>
/// <param name="Mark">Where the recipe says it.</param>
public abstract record AttributeRule(string Name, StaticType Type, TextMark Mark)
{
    /// <summary>A value or an expression.</summary>
    public sealed record Computed(string Name, StaticType Type, TextMark Mark, Template Template) : AttributeRule(Name, Type, Mark);

    /// <summary>A draw from a distribution, keyed by (seed, node, index, name).</summary>
    public sealed record Drawn(string Name, StaticType Type, TextMark Mark, DistributionDescriptor Distribution, IReadOnlyList<Expression> Arguments, int Dimension)
        : AttributeRule(Name, Type, Mark)
    {
        /// <summary>The generator of (seed, node, name).</summary>
        internal CounterRandom Column { get; init; }

        /// <summary>The arguments when they depend on no item, already checked.</summary>
        internal IReadOnlyList<Value>? Constants { get; } = Arguments.All(a => a is Expression.Literal) ? [.. Arguments.Select(a => ((Expression.Literal)a).Value)] : null;
    }

    /// <summary>Calls back for every name it reads: root, name, place.</summary>
    public void CollectReads(Action<string, string, int> read)
    {
        if (this is Computed c) c.Template.CollectReads(read);
        if (this is Drawn d)
            foreach (var a in d.Arguments) Folding.CollectReads(a, read);
    }

    /// <summary>Canonical text, without the place and the name of parameters.</summary>
    public string KeyText(ulong seed, string node, long count) => this switch
    {
        Computed c => $"{Type} {c.Template}",
        Drawn d => $"{Type} {d.Distribution.Name}({string.Join(", ", d.Arguments)}) seed {seed} node {node} name {Name}"
            + (d.Distribution.Name == "sobol" ? $" dimension {d.Dimension}" : d.Distribution.Name == "latin_hypercube" ? $" count {count}" : ""),
        _ => "",
    };
}
