using System.Globalization;
using System.Text;

namespace ExampleMlFarm.Recipes.Expressions;

/// <summary>What an argument must be.</summary>
internal enum Argument : byte { Any, Number, Int, Text, List, Numbers, Texts }

/// <summary>One function of the language.</summary>
/// <param name="Name">As it is called.</param>
/// <param name="Signature">For the help page.</param>
/// <param name="Doc">One sentence.</param>
public sealed record FunctionDescriptor(string Name, string Signature, string Doc)
{
    internal int Fewest { get; init; }
    internal int Most { get; init; }
    internal IReadOnlyList<Argument> Arguments { get; init; } = [];
    internal Func<IReadOnlyList<StaticType>, StaticType> Result { get; init; } = static _ => StaticType.Any;
    internal Func<IReadOnlyList<Value>, Value> Evaluate { get; init; } = static a => a[0];

    internal Argument ArgumentAt(int index) => Arguments[Math.Min(index, Arguments.Count - 1)];
}

/// <summary>The functions, as data: the checker, the evaluator and <c>help expressions</c> read this list.</summary>
public static class FunctionLibrary
{
    private static readonly Dictionary<string, FunctionDescriptor> ByName = Create().ToDictionary(f => f.Name, StringComparer.Ordinal);

    /// <summary>Every function, by name.</summary>
    public static IReadOnlyList<FunctionDescriptor> All { get; } = [.. ByName.Values.OrderBy(f => f.Name, StringComparer.Ordinal)];

    /// <summary>The function of that name; null when there is none.</summary>
    public static FunctionDescriptor? Find(string name) => ByName.GetValueOrDefault(name);

    private static IEnumerable<FunctionDescriptor> Create()
    {
        yield return Of("abs", "abs(x)", "Distance from zero; an int stays an int.", Same, a => a[0] is Value.Int i ? new Value.Int(checked(Math.Abs(i.Number))) : F(Math.Abs(N(a[0]))), Argument.Number);
        yield return Extreme("min", "Smallest", -1);
        yield return Extreme("max", "Greatest", 1);
        yield return Of("round", "round(x) or round(x, digits)", "Nearest int, or nearest number with that many digits; ties go to the even one.",
            a => a.Count == 1 ? StaticType.Int : StaticType.Float, Round, Argument.Number, Argument.Int) with { Fewest = 1 };
        yield return Of("floor", "floor(x)", "Greatest int not above x.", Int, a => I(ToLong(Math.Floor(N(a[0])))), Argument.Number);
        yield return Of("ceil", "ceil(x)", "Smallest int not below x.", Int, a => I(ToLong(Math.Ceiling(N(a[0])))), Argument.Number);
        yield return Of("sign", "sign(x)", "-1, 0 or 1.", Int, a => I(Math.Sign(N(a[0]))), Argument.Number);
        yield return Number("sqrt", "Square root; x must be 0 or more.", x => x < 0 ? throw new ArithmeticException($"sqrt of {Value.Format(x)}: the number must be 0 or more") : Math.Sqrt(x));
        yield return Number("exp", "e to the power of x.", StableMath.Exp);
        yield return Of("log", "log(x) or log(x, base)", "Natural logarithm, or one to a base; x must be above 0.", Float,
            a => F(a.Count == 1 ? Log(a[0]) : Log(a[0]) / Log(a[1])), Argument.Number, Argument.Number) with { Fewest = 1 };
        yield return Number("log2", "Logarithm to base 2.", x => StableMath.Log(Above(x, "log2")) / StableMath.Log(2));
        yield return Number("log10", "Logarithm to base 10.", x => StableMath.Log(Above(x, "log10")) / StableMath.Log(10));
        yield return Number("sin", "Sine of an angle in radians.", Math.Sin);
        yield return Number("cos", "Cosine of an angle in radians.", Math.Cos);
        yield return Number("tan", "Tangent of an angle in radians.", Math.Tan);
        yield return Number("asin", "Inverse sine, in radians; x between -1 and 1.", x => Math.Asin(Within(x, "asin")));
        yield return Number("acos", "Inverse cosine, in radians; x between -1 and 1.", x => Math.Acos(Within(x, "acos")));
        yield return Number("atan", "Inverse tangent, in radians.", Math.Atan);
        yield return Of("atan2", "atan2(y, x)", "Angle of the point (x, y), in radians.", Float, a => F(Math.Atan2(N(a[0]), N(a[1]))), Argument.Number, Argument.Number);
        yield return Number("radians", "Degrees to radians.", x => x * (Math.PI / 180));
        yield return Number("degrees", "Radians to degrees.", x => x * (180 / Math.PI));
        yield return Of("clamp", "clamp(x, low, high)", "x, or the nearer bound when it lies outside.", Joined, a =>
            N(a[1]) > N(a[2]) ? throw new ArithmeticException($"clamp: the low bound {a[1]} is above the high bound {a[2]}") : N(a[0]) < N(a[1]) ? a[1] : N(a[0]) > N(a[2]) ? a[2] : a[0],
            Argument.Number, Argument.Number, Argument.Number);
        yield return Of("lerp", "lerp(a, b, t)", "a + (b - a) * t.", Float, a => F(N(a[0]) + (N(a[1]) - N(a[0])) * N(a[2])), Argument.Number, Argument.Number, Argument.Number);
        yield return Of("len", "len(x)", "Entries of a list, or characters of a string.", Int, a => I(a[0] switch
        {
            Value.List l => l.Entries.Count,
            Value.Text or Value.File => a[0].ToString()!.Length,
            _ => throw new ArithmeticException($"len needs a list or a string, not {a[0].Type}"),
        }), Argument.Any);
        yield return Of("sum", "sum(list)", "Sum of numbers; 0 for an empty list.", a => a[0].Entry ?? StaticType.Any, a => Sum(L(a[0])), Argument.Numbers);
        yield return Of("mean", "mean(list)", "Arithmetic mean of numbers.", Float, a => F(N(Sum(NotEmpty(a[0], "mean"))) / L(a[0]).Count), Argument.Numbers);
        yield return Of("sorted", "sorted(list)", "Entries from small to great; equal ones keep their order.", Same, a => new Value.List([.. L(a[0]).Order(Comparer<Value>.Create(ValueOrder.Compare))]), Argument.List);
        yield return Of("reversed", "reversed(list)", "Entries from the last to the first.", Same, a => new Value.List([.. L(a[0]).Reverse()]), Argument.List);
        yield return Of("unique", "unique(list)", "Entries without repetition, in the order of their first appearance.", Same, a => new Value.List([.. L(a[0]).Distinct()]), Argument.List);
        yield return Of("range", "range(stop), range(start, stop) or range(start, stop, step)", "Ints from start (0) up to but not including stop.", _ => StaticType.ListOf(StaticType.Int), Range, Argument.Int, Argument.Int, Argument.Int) with { Fewest = 1 };
        yield return Of("any", "any(list)", "True when at least one entry is.", Bool, a => B(L(a[0]).Any(Truth)), Argument.List);
        yield return Of("all", "all(list)", "True when every entry is.", Bool, a => B(L(a[0]).All(Truth)), Argument.List);
        yield return Of("str", "str(x)", "As text.", Text, a => S(a[0] is Value.Node ? throw new ArithmeticException("a node is no text") : a[0].ToString()!), Argument.Any);
        yield return Of("int", "int(x)", "A number without its fraction, or the int that a string holds.", Int, ToInt, Argument.Any);
        yield return Of("float", "float(x)", "A number as a float, or the float that a string holds.", Float, ToFloat, Argument.Any);
        yield return Of("bool", "bool(x)", "False for 0, \"\" and [], else true.", Bool, a => B(a[0] switch
        {
            Value.Bool b => b.Truth,
            Value.Int i => i.Number != 0,
            Value.Float f => f.Number != 0,
            Value.List l => l.Entries.Count > 0,
            _ => a[0].ToString()!.Length > 0,
        }), Argument.Any);
        yield return Of("file", "file(path)", "A string as a file.", _ => StaticType.File, a => new Value.File(a[0].ToString()!), Argument.Text);
        yield return Of("join", "join(separator, list)", "Entries as one string with the separator between them.", Text, a => S(string.Join(T(a[0]), L(a[1]))), Argument.Text, Argument.List);
        yield return Of("split", "split(text, separator)", "The pieces between separators.", _ => StaticType.ListOf(StaticType.Text),
            a => T(a[1]).Length == 0 ? throw new ArithmeticException("split: the separator is empty") : new Value.List([.. T(a[0]).Split(T(a[1])).Select(S)]), Argument.Text, Argument.Text);
        yield return Words("upper", "In capital letters.", t => t.ToUpperInvariant());
        yield return Words("lower", "In small letters.", t => t.ToLowerInvariant());
        yield return Words("strip", "Without white space at both ends.", t => t.Trim());
        yield return Of("replace", "replace(text, old, new)", "Every old by new.", Text,
            a => T(a[1]).Length == 0 ? throw new ArithmeticException("replace: the text to look for is empty") : S(T(a[0]).Replace(T(a[1]), T(a[2]), StringComparison.Ordinal)), Argument.Text, Argument.Text, Argument.Text);
        yield return Of("starts_with", "starts_with(text, start)", "True when the text starts so.", Bool, a => B(T(a[0]).StartsWith(T(a[1]), StringComparison.Ordinal)), Argument.Text, Argument.Text);
        yield return Of("ends_with", "ends_with(text, end)", "True when the text ends so.", Bool, a => B(T(a[0]).EndsWith(T(a[1]), StringComparison.Ordinal)), Argument.Text, Argument.Text);
        yield return Of("pad", "pad(x, width)", "An int with zeros in front: pad(7, 4) is \"0007\".", Text,
            a => S(((Value.Int)a[0]).Number.ToString("D" + Bounded(a[1], 0, 64, "pad: width"), CultureInfo.InvariantCulture)), Argument.Int, Argument.Int);
        yield return Of("fixed", "fixed(x, digits)", "A number with that many digits after the point: fixed(2, 3) is \"2.000\".", Text,
            a => S(N(a[0]).ToString("F" + Bounded(a[1], 0, 30, "fixed: digits"), CultureInfo.InvariantCulture)), Argument.Number, Argument.Int);
        yield return Words("basename", "Last part of a path: basename(\"a/b.txt\") is \"b.txt\".", t => t[(t.AsSpan().LastIndexOf('/') + 1)..]);
        yield return Words("dirname", "A path without its last part.", t => t.AsSpan().LastIndexOf('/') is >= 0 and var at ? t[..at] : "");
        yield return Words("stem", "Last part of a path without its last suffix: stem(\"a/b.txt\") is \"b\".", t => Stem(t).Stem);
        yield return Words("suffix", "Last suffix of a path, with its point: suffix(\"a/b.txt\") is \".txt\".", t => Stem(t).Suffix);
        yield return Of("quote", "quote(x)", "As one word of a shell command, whatever it holds.", Text, a => S("'" + a[0].ToString()!.Replace("'", "'\\''", StringComparison.Ordinal) + "'"), Argument.Any);
    }

    private static FunctionDescriptor Of(string name, string signature, string doc, Func<IReadOnlyList<StaticType>, StaticType> result, Func<IReadOnlyList<Value>, Value> evaluate, params Argument[] arguments)
        => new(name, signature, doc) { Fewest = arguments.Length, Most = arguments.Length, Arguments = arguments, Result = result, Evaluate = evaluate };

    private static FunctionDescriptor Number(string name, string doc, Func<double, double> f) => Of(name, $"{name}(x)", doc, Float, a => F(f(N(a[0]))), Argument.Number);

    private static FunctionDescriptor Words(string name, string doc, Func<string, string> f) => Of(name, $"{name}(text)", doc, Text, a => S(f(T(a[0]))), Argument.Text);

    private static FunctionDescriptor Extreme(string name, string word, int sign)
        => new(name, $"{name}(list) or {name}(a, b, …)", $"{word} of a list, or of the arguments.")
        {
            Fewest = 1,
            Most = 64,
            Arguments = [Argument.Any],
            Result = a => a.Count == 1 ? a[0].Entry ?? StaticType.Any : a.Aggregate(StaticType.Join),
            Evaluate = a =>
            {
                var of = a.Count > 1 ? a : NotEmpty(a[0], name);
                var best = of[0];
                foreach (var v in of)
                    if (ValueOrder.Compare(v, best) * sign > 0) best = v;
                return best;
            },
        };

    private static StaticType Same(IReadOnlyList<StaticType> a) => a[0];
    private static StaticType Joined(IReadOnlyList<StaticType> a) => a.Aggregate(StaticType.Join);
    private static StaticType Int(IReadOnlyList<StaticType> a) => StaticType.Int;
    private static StaticType Float(IReadOnlyList<StaticType> a) => StaticType.Float;
    private static StaticType Text(IReadOnlyList<StaticType> a) => StaticType.Text;
    private static StaticType Bool(IReadOnlyList<StaticType> a) => StaticType.Bool;

    private static Value.Int I(long number) => new(number);
    private static Value.Float F(double number) => new(number);
    private static Value.Text S(string text) => new(text);
    private static Value.Bool B(bool truth) => new(truth);
    private static double N(Value v) => v is Value.Int i ? i.Number : ((Value.Float)v).Number;
    private static string T(Value v) => v.ToString()!;
    private static IReadOnlyList<Value> L(Value v) => v is Value.List l ? l.Entries : throw new ArithmeticException($"a list is needed, not {v.Type}");
    private static bool Truth(Value v) => v is Value.Bool b ? b.Truth : throw new ArithmeticException($"a list of bools is needed; this entry is {v.Type}");
    private static IReadOnlyList<Value> NotEmpty(Value v, string name) => L(v) is { Count: > 0 } l ? l : throw new ArithmeticException($"{name} of an empty list");
    private static double Above(double x, string name) => x > 0 ? x : throw new ArithmeticException($"{name} of {Value.Format(x)}: the number must be above 0");
    private static double Within(double x, string name) => x is >= -1 and <= 1 ? x : throw new ArithmeticException($"{name} of {Value.Format(x)}: the number must lie between -1 and 1");
    private static double Log(Value v) => StableMath.Log(Above(N(v), "log"));

    private static long Bounded(Value v, long low, long high, string what)
        => ((Value.Int)v).Number is var n && n >= low && n <= high ? n : throw new ArithmeticException($"{what} {n} must lie between {low} and {high}");

    private static long ToLong(double x) => x is >= -9.2233720368547758e18 and < 9.2233720368547758e18 ? (long)x : throw new ArithmeticException($"{Value.Format(x)} is too large for an int");

    private static Value Sum(IReadOnlyList<Value> list)
    {
        if (list.All(v => v is Value.Int)) return I(list.Aggregate(0L, (sum, v) => checked(sum + ((Value.Int)v).Number)));
        return F(list.Aggregate(0.0, (sum, v) => v is Value.Int or Value.Float ? sum + N(v) : throw new ArithmeticException($"sum needs numbers; this entry is {v.Type}")));
    }

    private static Value Round(IReadOnlyList<Value> a)
    {
        if (a.Count == 1) return a[0] is Value.Int ? a[0] : I(ToLong(Math.Round(N(a[0]), MidpointRounding.ToEven)));
        return F(Math.Round(N(a[0]), (int)Bounded(a[1], 0, 15, "round: digits"), MidpointRounding.ToEven));
    }

    private static Value Range(IReadOnlyList<Value> a)
    {
        long start = a.Count == 1 ? 0 : ((Value.Int)a[0]).Number, stop = ((Value.Int)a[a.Count == 1 ? 0 : 1]).Number, step = a.Count == 3 ? ((Value.Int)a[2]).Number : 1;
        if (step == 0) throw new ArithmeticException("range: the step is 0");
        Int128 count = step > 0 ? ((Int128)stop - start + step - 1) / step : ((Int128)start - stop - step - 1) / -(Int128)step;
        if (count > Limits.ListEntries) throw new ArithmeticException($"range makes {count} entries; at most {Limits.ListEntries} are allowed");
        var entries = new Value[Math.Max(0, (int)count)];
        for (int i = 0; i < entries.Length; i++) entries[i] = I(start + i * step);
        return new Value.List(entries);
    }

    private static Value ToInt(IReadOnlyList<Value> a) => a[0] switch
    {
        Value.Int i => i,
        Value.Bool b => I(b.Truth ? 1 : 0),
        Value.Float f => I(ToLong(Math.Truncate(f.Number))),
        Value.Text t when long.TryParse(t.Characters.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long n) => I(n),
        _ => throw new ArithmeticException($"{Shown(a[0])} is not an int"),
    };

    private static Value ToFloat(IReadOnlyList<Value> a) => a[0] switch
    {
        Value.Int or Value.Float => F(N(a[0])),
        Value.Bool b => F(b.Truth ? 1 : 0),
        Value.Text t when double.TryParse(t.Characters.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double d) && double.IsFinite(d) => F(d),
        _ => throw new ArithmeticException($"{Shown(a[0])} is not a number"),
    };

    private static (string Stem, string Suffix) Stem(string path)
    {
        string name = path[(path.AsSpan().LastIndexOf('/') + 1)..];
        int dot = name.LastIndexOf('.');
        return dot > 0 ? (name[..dot], name[dot..]) : (name, "");
    }

    internal static string Shown(Value v)
    {
        var text = new StringBuilder();
        ExpressionPrinter.WriteValue(text, v);
        return text.Length <= 60 ? text.ToString() : text.ToString(0, 57) + "…";
    }
}

/// <summary>The order of values: numbers among themselves, strings by code unit, lists entry by entry.</summary>
internal static class ValueOrder
{
    public static int Compare(Value a, Value b) => (a, b) switch
    {
        (Value.Int x, Value.Int y) => x.Number.CompareTo(y.Number),
        (Value.Int x, Value.Float y) => -CompareMixed(y.Number, x.Number),
        (Value.Float x, Value.Int y) => CompareMixed(x.Number, y.Number),
        (Value.Float x, Value.Float y) => x.Number.CompareTo(y.Number),
        (Value.Text or Value.File, Value.Text or Value.File) => string.CompareOrdinal(a.ToString(), b.ToString()),
        (Value.List x, Value.List y) => CompareLists(x.Entries, y.Entries),
        _ => throw new ArithmeticException($"{a.Type} and {b.Type} have no order"),
    };

    public static bool AreEqual(Value a, Value b) => (a, b) switch
    {
        (Value.Int or Value.Float, Value.Int or Value.Float) or (Value.Text or Value.File, Value.Text or Value.File) => Compare(a, b) == 0,
        (Value.Bool x, Value.Bool y) => x.Truth == y.Truth,
        (Value.List x, Value.List y) => x.Entries.Count == y.Entries.Count && x.Entries.Zip(y.Entries).All(p => AreEqual(p.First, p.Second)),
        _ => throw new ArithmeticException($"{a.Type} and {b.Type} are never equal"),
    };

    // Doubles lose the last digits of large ints; above 2^53 the double is whole and compares as one.
    private static int CompareMixed(double d, long i)
    {
        if (d >= 9.2233720368547758e18) return 1;
        if (d < -9.2233720368547758e18) return -1;
        int whole = ((long)Math.Floor(d)).CompareTo(i);
        return whole != 0 ? whole : d > Math.Floor(d) ? 1 : 0;
    }

    private static int CompareLists(IReadOnlyList<Value> a, IReadOnlyList<Value> b)
    {
        for (int i = 0; i < Math.Min(a.Count, b.Count); i++)
            if (Compare(a[i], b[i]) is var order and not 0) return order;
        return a.Count.CompareTo(b.Count);
    }
}
