namespace ExampleMlFarm.Recipes.Expressions;

/// <summary>Evaluates an expression by walking its tree, within limits of steps, list entries and characters. Knows no clock, no file, no random number.</summary>
/// <remarks>Every failure, overflow included, is an <see cref="ExpressionException"/> with the place. Parameters must be folded in before (<see cref="Folding"/>).</remarks>
public sealed class Evaluator
{
    private readonly IExpressionNames names;
    private Dictionary<string, Value>? variables;
    private int steps;

    private Evaluator(IExpressionNames names) => this.names = names;

    /// <summary>The value.</summary>
    /// <exception cref="ExpressionException">There is none; the exception says why and where.</exception>
    public static Value Evaluate(Expression expression, IExpressionNames names) => new Evaluator(names).Of(expression);

    private Value Of(Expression e)
    {
        if (++steps > Limits.ExpressionSteps) throw new ExpressionException($"the expression takes more than {Limits.ExpressionSteps} steps", e.At);
        switch (e)
        {
            case Expression.Literal l: return l.Value;
            case Expression.Name n:
                return variables is not null && variables.TryGetValue(n.Text, out var v) ? v : n.Text == "pi" ? new Value.Float(Math.PI) : throw new ExpressionException($"\"{n.Text}\" is not a name", n.At);
            case Expression.Member or Expression.Index when Roots.Reference(e) is var (root, name, at) && variables?.ContainsKey(root) != true: return Reference(root, name, at);
            case Expression.Index i: return Index(i);
            case Expression.Slice s: return Slice(s);
            case Expression.Unary u: return Unary(u);
            case Expression.Binary { Operator: "and" } b: return new Value.Bool(Truth(b.Left) && Truth(b.Right));
            case Expression.Binary { Operator: "or" } b: return new Value.Bool(Truth(b.Left) || Truth(b.Right));
            case Expression.Binary b: return Guard(() => Arithmetic(b, Of(b.Left), Of(b.Right)), b.At);
            case Expression.Compare c: return Compare(c);
            case Expression.Conditional c: return Truth(c.Condition) ? Of(c.Then) : Of(c.Else);
            case Expression.ListOf l: return new Value.List([.. l.Entries.Select(Of)]);
            case Expression.Comprehension c: return Comprehension(c);
            case Expression.Call c: return Call(c);
            default: throw new ExpressionException("this reads nothing", e.At);
        }
    }

    private Value Reference(string root, string name, int at) => root switch
    {
        "item" => names.Attribute(name) ?? throw new ExpressionException($"the item has no attribute \"{name}\"", at),
        "metrics" => names.Metric(name) is { } m ? double.IsFinite(m) ? new Value.Float(m) : throw new ExpressionException($"metric \"{name}\" is {m}", at)
            : throw new ExpressionException($"the item reported no metric \"{name}\"", at),
        "out" => names.Output(name) is { } path ? new Value.Text(path) : throw new ExpressionException($"there is no output \"{name}\"", at),
        "nodes" => new Value.Node(name),
        _ => throw new ExpressionException($"{root}.{name} has no value here", at),
    };

    private bool Truth(Expression e) => Of(e) is Value.Bool b ? b.Truth : throw new ExpressionException("a bool is needed here", e.At);

    private long Position(Expression e) => Of(e) is Value.Int i ? i.Number : throw new ExpressionException("a position must be an int", e.At);

    private Value Index(Expression.Index i)
    {
        var of = Of(i.Of);
        long position = Position(i.Position);
        int count = of switch
        {
            Value.List l => l.Entries.Count,
            Value.Text or Value.File => of.ToString()!.Length,
            _ => throw new ExpressionException($"{of.Type} has no entries", i.At),
        };
        long at = position < 0 ? position + count : position;
        if (at < 0 || at >= count) throw new ExpressionException($"position {position} of {count} entries does not exist", i.At);
        return of is Value.List list ? list.Entries[(int)at] : new Value.Text(of.ToString()![(int)at].ToString());
    }

    private Value Slice(Expression.Slice s)
    {
        var of = Of(s.Of);
        int count = of switch
        {
            Value.List l => l.Entries.Count,
            Value.Text or Value.File => of.ToString()!.Length,
            _ => throw new ExpressionException($"{of.Type} cannot be sliced", s.At),
        };
        long step = s.Step is null ? 1 : Position(s.Step);
        if (step == 0) throw new ExpressionException("the step of a slice is 0", s.At);
        step = Math.Clamp(step, -(long)count - 1, (long)count + 1);
        long Bound(Expression? e, long absent) => e is null ? absent : Position(e) is var p && p < 0 ? Math.Max(p + count, step > 0 ? 0 : -1) : Math.Min(p, step > 0 ? count : count - 1);
        long start = Bound(s.Start, step > 0 ? 0 : count - 1), stop = Bound(s.Stop, step > 0 ? count : -1);
        var picked = new List<int>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) picked.Add((int)i);
        steps += picked.Count;
        return of is Value.List list ? new Value.List([.. picked.Select(p => list.Entries[p])]) : new Value.Text(string.Concat(picked.Select(p => of.ToString()![p])));
    }

    private Value Unary(Expression.Unary u)
    {
        if (u.Operator == "not") return new Value.Bool(!Truth(u.Of));
        return Of(u.Of) switch
        {
            Value.Int i => u.Operator == "-" ? i.Number == long.MinValue ? throw new ExpressionException("the result is too large for an int", u.At) : new Value.Int(-i.Number) : i,
            Value.Float f => u.Operator == "-" ? new Value.Float(-f.Number) : f,
            var other => throw new ExpressionException($"\"{u.Operator}\" needs a number, not {other.Type}", u.At),
        };
    }

    private static Value Arithmetic(Expression.Binary b, Value left, Value right)
    {
        if (left is Value.Int x && right is Value.Int y) return Whole(b, x.Number, y.Number);
        if (Number(left) is { } l && Number(right) is { } r) return Real(b, l, r);
        switch (b.Operator, left, right)
        {
            case ("+", Value.List a, Value.List c):
                if (a.Entries.Count + c.Entries.Count > Limits.ListEntries) throw new ArithmeticException($"the list has more than {Limits.ListEntries} entries");
                return new Value.List([.. a.Entries, .. c.Entries]);
            case ("+", Value.Text or Value.File, Value.Text or Value.File): return Text(left.ToString()! + right);
            case ("*", Value.List a, Value.Int n):
                if ((Int128)Math.Max(0, n.Number) * a.Entries.Count > Limits.ListEntries) throw new ArithmeticException($"the list has more than {Limits.ListEntries} entries");
                return new Value.List([.. Enumerable.Repeat(a.Entries, a.Entries.Count == 0 ? 0 : (int)Math.Max(0, n.Number)).SelectMany(e => e)]);
            case ("*", Value.Text or Value.File, Value.Int n):
                string text = left.ToString()!;
                if ((Int128)Math.Max(0, n.Number) * text.Length > Limits.TextCharacters) throw new ArithmeticException($"the string is longer than {Limits.TextCharacters} characters");
                return new Value.Text(text.Length == 0 ? "" : string.Concat(Enumerable.Repeat(text, (int)Math.Max(0, n.Number))));
            default: throw new ExpressionException($"\"{b.Operator}\" cannot work with {left.Type} and {right.Type}", b.At);
        }
    }

    private static Value.Text Text(string text)
        => text.Length <= Limits.TextCharacters ? new(text) : throw new ArithmeticException($"the string is longer than {Limits.TextCharacters} characters");

    private static double? Number(Value v) => v is Value.Int i ? i.Number : v is Value.Float f ? f.Number : null;

    private static Value Whole(Expression.Binary b, long x, long y)
    {
        checked
        {
            switch (b.Operator)
            {
                case "+": return new Value.Int(x + y);
                case "-": return new Value.Int(x - y);
                case "*": return new Value.Int(x * y);
                case "//" or "%" when y == 0: throw new ArithmeticException("division by zero");
                // Floor division and the remainder with the divisor's sign, as in Python.
                case "//": return new Value.Int(x / y - (x % y != 0 && (x < 0) != (y < 0) ? 1 : 0));
                case "%": return new Value.Int(y == -1 ? 0 : (x % y + y) % y);
                case "**" when y >= 0: return new Value.Int(Power(x, y));
                default: return Real(b, x, y);
            }
        }
    }

    private static long Power(long x, long y)
    {
        if (x is 0 or 1) return y == 0 ? 1 : x;
        if (x == -1) return y % 2 == 0 ? 1 : -1;
        if (y > 63) throw new OverflowException();
        long result = 1;
        for (long i = 0; i < y; i++) result = checked(result * x);
        return result;
    }

    private static Value.Float Real(Expression.Binary b, double l, double r)
    {
        if (r == 0 && b.Operator is "/" or "//" or "%" && r == 0) throw new ArithmeticException("division by zero");
        double result = b.Operator switch
        {
            "+" => l + r,
            "-" => l - r,
            "*" => l * r,
            "/" => l / r,
            "//" => Math.Floor(l / r),
            "%" => l - Math.Floor(l / r) * r,
            _ => l == 0 && r < 0 ? throw new ArithmeticException("0 cannot be raised to a negative power") : Math.Pow(l, r),
        };
        return new(result);
    }

    private Value.Bool Compare(Expression.Compare c)
    {
        var left = Of(c.First);
        for (int i = 0; i < c.Rest.Count; i++)
        {
            var right = Of(c.Rest[i]);
            string op = c.Operators[i];
            bool holds = ((Value.Bool)Guard(() => new Value.Bool(Holds(op, left, right)), c.At)).Truth;
            if (!holds) return new(false);
            left = right;
        }
        return new(true);
    }

    private bool Holds(string op, Value left, Value right)
    {
        switch (op)
        {
            case "in" or "not in":
                bool inside = right switch
                {
                    Value.List l => l.Entries.Any(e => Counted() && ValueOrder.AreEqual(left, e)),
                    Value.Text or Value.File when left is Value.Text or Value.File => right.ToString()!.Contains(left.ToString()!, StringComparison.Ordinal),
                    _ => throw new ArithmeticException($"\"{op}\" cannot look for {left.Type} in {right.Type}"),
                };
                return inside == (op == "in");
            case "==": return ValueOrder.AreEqual(left, right);
            case "!=": return !ValueOrder.AreEqual(left, right);
        }
        int order = ValueOrder.Compare(left, right);
        return op switch
        {
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        };
    }

    private bool Counted() => ++steps >= 0;

    private Value.List Comprehension(Expression.Comprehension c)
    {
        if (Of(c.Source) is not Value.List source) throw new ExpressionException($"\"for {c.Variable} in\" needs a list", c.Source.At);
        variables ??= new(StringComparer.Ordinal);
        bool hides = variables.TryGetValue(c.Variable, out var hidden);
        var entries = new List<Value>();
        foreach (var entry in source.Entries)
        {
            variables[c.Variable] = entry;
            if (c.Condition is null || Truth(c.Condition)) entries.Add(Of(c.Entry));
        }
        if (hides) variables[c.Variable] = hidden!;
        else variables.Remove(c.Variable);
        return new(entries);
    }

    private Value Call(Expression.Call c)
    {
        var function = FunctionLibrary.Find(c.Function) ?? throw new ExpressionException($"\"{c.Function}\" is not a function", c.At);
        if (c.Arguments.Count < function.Fewest || c.Arguments.Count > function.Most) throw new ExpressionException($"{function.Signature}: wrong number of arguments", c.At);
        var arguments = new Value[c.Arguments.Count];
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Of(c.Arguments[i]);
            if (arguments[i] is Value.List l) steps += l.Entries.Count;
            var wanted = function.ArgumentAt(i);
            if (!TypeChecker.Fits(arguments[i].Type, wanted)) throw new ExpressionException($"{c.Function} needs {TypeChecker.Word(wanted)} as argument {i + 1}, not {arguments[i].Type}", c.Arguments[i].At);
        }
        return Guard(() => function.Evaluate(arguments), c.At);
    }

    private static Value Guard(Func<Value> compute, int at)
    {
        try
        {
            var value = compute();
            if (value is Value.Float { Number: var number } && !double.IsFinite(number)) throw new ExpressionException("the result is not a finite number", at);
            return value is Value.Text { Characters.Length: > Limits.TextCharacters } ? throw new ExpressionException($"the string is longer than {Limits.TextCharacters} characters", at) : value;
        }
        catch (OverflowException)
        {
            throw new ExpressionException("the result is too large for an int", at);
        }
        catch (ArithmeticException e)
        {
            throw new ExpressionException(e.Message, at);
        }
        catch (InvalidOperationException e) when (e.InnerException is ArithmeticException inner)
        {
            // The framework's sort wraps what its comparison throws.
            throw new ExpressionException(inner.Message, at);
        }
    }
}
