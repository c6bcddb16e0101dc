using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Recipes.Expressions;

namespace ExampleMlFarm.Recipes.Attributes;

/// <summary>Where a draw comes from.</summary>
/// <param name="Column">The generator of (seed, node, name), at index 0.</param>
/// <param name="Index">The item.</param>
/// <param name="Count">Items of the node; needed by <c>latin_hypercube</c> alone.</param>
/// <param name="Dimension">Dimension of <c>sobol</c>: attributes that draw from it in one node have one each.</param>
public readonly record struct DrawSource(CounterRandom Column, long Index, long Count, int Dimension)
{
    /// <summary>The generator of the item.</summary>
    public CounterRandom Random => Column.At(Index);

    /// <summary>Uniform in (0, 1), both ends excluded.</summary>
    public double Open => ((Random.Bits(0) >> 11) + 0.5) * (1.0 / (1UL << 53));
}

/// <summary>One distribution of attributes.</summary>
/// <param name="Name">As recipes write it.</param>
/// <param name="Signature">For the help page.</param>
/// <param name="Doc">One sentence.</param>
public sealed record DistributionDescriptor(string Name, string Signature, string Doc)
{
    internal int Fewest { get; init; }
    internal int Most { get; init; }
    internal bool WantsNumbers { get; init; } = true;
    internal Func<IReadOnlyList<StaticType>, StaticType> Result { get; init; } = static _ => StaticType.Float;

    /// <summary>Throws <see cref="ArithmeticException"/> with a sentence when the arguments make no distribution.</summary>
    internal Action<IReadOnlyList<Value>> Check { get; init; } = static _ => { };
    internal Func<IReadOnlyList<Value>, DrawSource, Value> Draw { get; init; } = static (a, _) => a[0];
}

/// <summary>The distributions, as data.</summary>
public static class Distributions
{
    /// <summary>Every distribution.</summary>
    public static IReadOnlyList<DistributionDescriptor> All { get; } =
    [
        Ranged("uniform", "Evenly between min and max.", (low, high, d) => Lerp(low, high, d.Random.Uniform(0))),
        Of("log_uniform", "log_uniform(min, max)", "Evenly in the logarithm, for values over several decades; min above 0.", 2, LogRange,
            (a, d) => F(LogLerp(N(a[0]), N(a[1]), d.Random.Uniform(0)))),
        Of("normal", "normal(mean, deviation)", "The bell curve.", 2, a => Positive(a[1], "the deviation"), (a, d) => F(N(a[0]) + N(a[1]) * d.Random.Normal(0))),
        Of("truncated_normal", "truncated_normal(mean, deviation, min, max)", "The bell curve, cut off at both bounds.", 4, a =>
        {
            Positive(a[1], "the deviation");
            Range(a[2], a[3]);
        }, (a, d) => F(Truncated(N(a[0]), N(a[1]), N(a[2]), N(a[3]), d.Open))),
        Of("log_normal", "log_normal(mean, deviation)", "e to the power of a normal draw; mean and deviation are those of the logarithm.", 2, a => Positive(a[1], "the deviation"),
            (a, d) => F(StableMath.Exp(N(a[0]) + N(a[1]) * d.Random.Normal(0)))),
        Of("exponential", "exponential(mean)", "Waiting times with that mean.", 1, a => Positive(a[0], "the mean"), (a, d) => F(-N(a[0]) * StableMath.Log(d.Open))),
        new("choice", "choice(a, b, …), choice(list) or choice(list, weights)", "One of several values, equally often or by weights.")
        {
            Fewest = 1,
            Most = 256,
            WantsNumbers = false,
            Result = a => a.Count <= 2 && a[0].Entry is { } entry && (a.Count == 1 || a[1].Entry is not null) ? entry : a.Aggregate(StaticType.Join),
            Check = CheckChoice,
            Draw = DrawChoice,
        },
        Of("integers", "integers(min, max)", "Whole numbers from min to max, both included.", 2, a =>
        {
            if (a.Any(v => v is not Value.Int)) throw new ArithmeticException("integers needs two ints");
            if (((Value.Int)a[0]).Number > ((Value.Int)a[1]).Number) throw new ArithmeticException($"min {a[0]} is above max {a[1]}");
            if ((Int128)((Value.Int)a[1]).Number - ((Value.Int)a[0]).Number >= long.MaxValue) throw new ArithmeticException("the range is too large");
        }, (a, d) => new Value.Int(((Value.Int)a[0]).Number + d.Random.Integer(0, ((Value.Int)a[1]).Number - ((Value.Int)a[0]).Number + 1))) with { Result = static _ => StaticType.Int },
        Ranged("sobol", "Low-discrepancy points between min and max: they fill the space of all sobol attributes of the node evenly. More items keep the first.",
            (low, high, d) => Lerp(low, high, SobolSequence.JoeKuo.MiddleOfCell(d.Index, d.Dimension, (uint)d.Column.Bits(0)))),
        Ranged("latin_hypercube", "One item in each of n equal parts between min and max. n is the count of the node, so a larger count changes all items.",
            (low, high, d) => Lerp(low, high, LatinHypercube.Point(d.Column, d.Index, d.Count))),
    ];

    private static readonly Dictionary<string, DistributionDescriptor> ByName = All.ToDictionary(d => d.Name, StringComparer.Ordinal);

    /// <summary>The distribution of that name; null when there is none.</summary>
    public static DistributionDescriptor? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>Between two bounds, evenly in the logarithm; the bounds themselves come out exactly.</summary>
    public static double LogLerp(double low, double high, double t)
        => t <= 0 ? low : t >= 1 ? high : Math.Clamp(StableMath.Exp(Lerp(StableMath.Log(low), StableMath.Log(high), t)), low, high);

    private static double Lerp(double low, double high, double t) => low + (high - low) * t;

    private static DistributionDescriptor Of(string name, string signature, string doc, int arguments, Action<IReadOnlyList<Value>> check, Func<IReadOnlyList<Value>, DrawSource, Value> draw)
        => new(name, signature, doc) { Fewest = arguments, Most = arguments, Check = check, Draw = draw };

    private static DistributionDescriptor Ranged(string name, string doc, Func<double, double, DrawSource, double> draw)
        => Of(name, $"{name}(min, max)", doc, 2, a => Range(a[0], a[1]), (a, d) => F(draw(N(a[0]), N(a[1]), d)));

    private static Value.Float F(double number) => new(number);

    private static double N(Value v) => v is Value.Int i ? i.Number : v is Value.Float f ? f.Number : throw new ArithmeticException($"a number is needed, not {v.Type}");

    private static void Range(Value low, Value high)
    {
        if (N(low) > N(high)) throw new ArithmeticException($"min {low} is above max {high}");
        if (!double.IsFinite(N(high) - N(low))) throw new ArithmeticException("the range is too large");
    }

    private static void LogRange(IReadOnlyList<Value> a)
    {
        Range(a[0], a[1]);
        if (N(a[0]) <= 0) throw new ArithmeticException($"min {a[0]} must be above 0");
    }

    private static void Positive(Value v, string what)
    {
        if (N(v) <= 0) throw new ArithmeticException($"{what} {v} must be above 0");
    }

    private static double Truncated(double mean, double deviation, double low, double high, double u)
    {
        double below = NormalDistribution.Cumulative((low - mean) / deviation), above = NormalDistribution.Cumulative((high - mean) / deviation);
        double p = below + (above - below) * u;
        // Far out in a tail both probabilities are 0 or 1; all the mass then lies at the nearer bound.
        if (p <= 0) return high < mean ? high : low;
        return p >= 1 ? low > mean ? low : high : Math.Clamp(mean + deviation * NormalDistribution.Quantile(p), low, high);
    }

    private static (IReadOnlyList<Value> Values, IReadOnlyList<Value>? Weights) Choices(IReadOnlyList<Value> a) => a switch
    {
        [Value.List values] => (values.Entries, null),
        [Value.List values, Value.List weights] => (values.Entries, weights.Entries),
        _ => (a, null),
    };

    private static void CheckChoice(IReadOnlyList<Value> a)
    {
        var (values, weights) = Choices(a);
        if (values.Count == 0) throw new ArithmeticException("choice has nothing to choose from");
        if (weights is null) return;
        if (weights.Count != values.Count) throw new ArithmeticException($"choice has {values.Count} values but {weights.Count} weights");
        if (weights.Any(w => N(w) < 0) || weights.Sum(N) <= 0) throw new ArithmeticException("the weights of choice must be 0 or more, and not all 0");
    }

    private static Value DrawChoice(IReadOnlyList<Value> a, DrawSource d)
    {
        var (values, weights) = Choices(a);
        if (weights is null) return values[(int)d.Random.Integer(0, values.Count)];
        double at = d.Random.Uniform(0) * weights.Sum(N);
        for (int i = 0; i < values.Count; i++)
            if ((at -= N(weights[i])) < 0) return values[i];
        return values[^1];
    }
}
