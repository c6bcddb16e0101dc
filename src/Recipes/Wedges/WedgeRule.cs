using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Recipes.Attributes;
using ExampleMlFarm.Recipes.Expressions;

namespace ExampleMlFarm.Recipes.Wedges;

/// <summary>How the legs of a wedge are made.</summary>
public enum WedgeMethod : byte
{
    /// <summary>Every combination; the first parameter changes slowest.</summary>
    Grid = 0,
    /// <summary>All parameters move together; shorter lists are not repeated.</summary>
    Zip = 1,
    /// <summary>Independent draws.</summary>
    Random = 2,
    /// <summary>Low-discrepancy points: more legs keep the first.</summary>
    Sobol = 3,
    /// <summary>Each parameter's range in n strata, one leg in each; more legs change all.</summary>
    LatinHypercube = 4,
    /// <summary>Legs written out.</summary>
    List = 5,
}

/// <summary>One parameter of a wedge: values, or a range.</summary>
/// <param name="Name">Name of the attribute it makes.</param>
/// <param name="Values">The values; empty for a range.</param>
/// <param name="Min">Start of the range.</param>
/// <param name="Max">End of the range.</param>
/// <param name="Count">Steps of the range, both ends included (grid and zip).</param>
/// <param name="IsLog">True when it is even in the logarithm.</param>
/// <param name="IsInt">True when it is rounded to whole numbers.</param>
public sealed record WedgeParameter(string Name, IReadOnlyList<Value> Values, double Min = 0, double Max = 0, long Count = 0, bool IsLog = false, bool IsInt = false)
{
    /// <summary>How many values a grid takes from it.</summary>
    public long Length => Values.Count > 0 ? Values.Count : Count;

    /// <summary>Type of its values.</summary>
    public StaticType Type => Values.Count > 0 ? Values.Select(v => v.Type).Aggregate(StaticType.Join) : IsInt ? StaticType.Int : StaticType.Float;

    /// <summary>Value number <paramref name="step"/>.</summary>
    public Value At(long step) => Values.Count > 0 ? Values[(int)step] : InRange(Count <= 1 ? 0 : (double)step / (Count - 1));

    /// <summary>The value at <paramref name="t"/> in [0, 1) of a draw.</summary>
    public Value Sample(double t)
    {
        if (Values.Count > 0) return Values[Math.Min(Values.Count - 1, (int)(t * Values.Count))];
        // Every whole number of the range gets an equal share of [0, 1).
        return IsInt && !IsLog ? new Value.Int((long)Math.Min(Max, Math.Floor(Min + t * (Max - Min + 1)))) : InRange(t);
    }

    private Value InRange(double t)
    {
        double x = IsLog ? Distributions.LogLerp(Min, Max, t) : t >= 1 ? Max : Min + (Max - Min) * t;
        return IsInt ? new Value.Int((long)Math.Round(x, MidpointRounding.ToEven)) : new Value.Float(x);
    }
}

/// <summary>The legs of a wedge as a rule: leg and parameter give the value, and nothing is stored.</summary>
/// <param name="Method">How legs are made.</param>
/// <param name="Parameters">In the order of the recipe.</param>
/// <param name="Legs">How many legs.</param>
/// <param name="Seed">Seed of the node.</param>
/// <param name="Node">Name of the node, which keys the draws.</param>
public sealed record WedgeRule(WedgeMethod Method, IReadOnlyList<WedgeParameter> Parameters, long Legs, ulong Seed, string Node)
{
    /// <summary>Value of a parameter in a leg.</summary>
    public Value ValueOf(int parameter, long leg)
    {
        var p = Parameters[parameter];
        switch (Method)
        {
            case WedgeMethod.Grid:
                long slower = leg;
                for (int i = Parameters.Count - 1; i > parameter; i--) slower /= Parameters[i].Length;
                return p.At(slower % p.Length);
            case WedgeMethod.Zip or WedgeMethod.List: return p.At(leg);
            case WedgeMethod.Random: return p.Sample(Column(p).At(leg).Uniform(0));
            case WedgeMethod.Sobol: return p.Sample(SobolSequence.JoeKuo.MiddleOfCell(leg, DimensionOf(p), (uint)Column(p).Bits(0)));
            default: return p.Sample(LatinHypercube.Point(Column(p), leg, Legs));
        }
    }

    /// <summary>Position of the parameter; −1 when the wedge has none of that name.</summary>
    public int IndexOf(string name)
    {
        for (int i = 0; i < Parameters.Count; i++)
            if (Parameters[i].Name == name) return i;
        return -1;
    }

    /// <summary>Canonical text of a leg's values, by name: what salts the cook key, so that new values keep old legs.</summary>
    public string KeyText(long leg)
        => string.Join(", ", Parameters.Select((p, i) => (p.Name, Value: ValueOf(i, leg))).OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name} = {new Expression.Literal(p.Value)}"));

    private CounterRandom Column(WedgeParameter p) => CounterRandom.Keyed(Seed, Node, 0, p.Name);

    // By name, so that the order of keys in the recipe changes nothing.
    private int DimensionOf(WedgeParameter p) => Parameters.Count(other => string.CompareOrdinal(other.Name, p.Name) < 0);
}
