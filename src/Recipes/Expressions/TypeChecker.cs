namespace ExampleMlFarm.Recipes.Expressions;

/// <summary>Checks names and types before anything is evaluated, and goes on after an error to find the others.</summary>
public sealed class TypeChecker
{
    private readonly ExpressionScope scope;
    private readonly Action<int, string> report;
    private readonly Dictionary<string, StaticType> variables = new(StringComparer.Ordinal);

    private TypeChecker(ExpressionScope scope, Action<int, string> report) => (this.scope, this.report) = (scope, report);

    /// <summary>The type of the expression; errors go to <paramref name="report"/> with the character they stand at.</summary>
    public static StaticType Check(Expression expression, ExpressionScope scope, Action<int, string> report) => new TypeChecker(scope, report).TypeOf(expression);

    private StaticType Wrong(int at, string message)
    {
        report(at, message);
        return StaticType.Any;
    }

    private StaticType TypeOf(Expression e)
    {
        if (Roots.Reference(e) is var (root, name, at) && !variables.ContainsKey(root)) return Reference(root, name, at);
        switch (e)
        {
            case Expression.Literal l: return l.Value.Type;
            case Expression.Name n: return NameType(n);
            case Expression.Member m:
                if (m.Of is Expression.Name unknown && !variables.ContainsKey(unknown.Text)) return UnknownRoot(unknown);
                TypeOf(m.Of);
                return Wrong(m.At, $"\".{m.Text}\" reads nothing here; names with a point start with {string.Join(", ", Roots.All)}");
            case Expression.Index i: return IndexType(i);
            case Expression.Slice s:
                var sliced = TypeOf(s.Of);
                foreach (var part in new[] { s.Start, s.Stop, s.Step }.OfType<Expression>()) WantInt(part);
                return sliced.MayBeList || sliced.MayBeText ? sliced : Wrong(s.At, $"{sliced} cannot be sliced; lists and strings can");
            case Expression.Unary u: return UnaryType(u);
            case Expression.Binary b: return BinaryType(b);
            case Expression.Compare c: return CompareType(c);
            case Expression.Conditional c:
                WantBool(c.Condition, "the condition of \"if\"");
                return StaticType.Join(TypeOf(c.Then), TypeOf(c.Else));
            case Expression.ListOf l: return StaticType.ListOf(l.Entries.Count == 0 ? StaticType.Any : l.Entries.Select(TypeOf).ToArray().Aggregate(StaticType.Join));
            case Expression.Comprehension c: return ComprehensionType(c);
            case Expression.Call c: return CallType(c);
            default: return StaticType.Any;
        }
    }

    private StaticType Reference(string root, string name, int at)
    {
        switch (root)
        {
            case "params":
                return scope.Parameters.TryGetValue(name, out var p) ? p.Type : Wrong(at, Roots.Missing($"params.{name} is not a parameter", name, scope.Parameters.Keys));
            case "run":
                return scope.Run.TryGetValue(name, out var r) ? r.Type : Wrong(at, Roots.Missing($"run.{name} does not exist", name, scope.Run.Keys));
            case "item" when scope.Item is not null:
                if (scope.Item.TryGetValue(name, out var type)) return type;
                if (scope.ItemIsOpen) return StaticType.Any;
                string near = Checking.NearestName.Of(name, scope.Item.Keys) is { } n ? $"; did you mean \"{n}\"?" : "";
                return Wrong(at, $"item.{name} is not an attribute of node \"{scope.Owner}\"; it has: {string.Join(", ", scope.Item.Keys)}{near}");
            case "nodes" when scope.Nodes is not null:
                return scope.Nodes.Contains(name) ? StaticType.Node : Wrong(at, Roots.Missing($"nodes.{name} is not a node of this recipe", name, scope.Nodes));
            case "metrics" when scope.Metrics is not null:
                if (scope.MetricsAreOpen || scope.Metrics.Contains(name)) return StaticType.Float;
                return Wrong(at, Roots.Missing($"metrics.{name} is not reported by node \"{scope.Owner}\"", name, scope.Metrics));
            case "out" when scope.Outputs is not null:
                return scope.Outputs.Contains(name) ? StaticType.Text : Wrong(at, Roots.Missing($"out.{name} is not a file of \"out\"", name, scope.Outputs));
            default:
                return Wrong(at, Roots.Absent(root));
        }
    }

    private StaticType UnknownRoot(Expression.Name n)
        => Wrong(n.At, $"\"{n.Text}\" is not a name{Checking.NearestName.Hint(n.Text, Roots.All)}");

    private StaticType NameType(Expression.Name n)
    {
        if (variables.TryGetValue(n.Text, out var type)) return type;
        if (n.Text == "pi") return StaticType.Float;
        if (Array.IndexOf(Roots.All, n.Text) >= 0) return Wrong(n.At, $"\"{n.Text}\" alone is no value; write {n.Text}.NAME");
        var known = new List<string>();
        if (scope.Parameters.ContainsKey(n.Text)) known.Add($"params.{n.Text}");
        if (scope.Item?.ContainsKey(n.Text) == true) known.Add($"item.{n.Text}");
        if (scope.Nodes?.Contains(n.Text) == true) known.Add($"nodes.{n.Text}");
        return Wrong(n.At, known.Count > 0 ? $"\"{n.Text}\" is not a name; did you mean {string.Join(" or ", known)}?"
            : $"\"{n.Text}\" is not a name; names are params.x, item.x, nodes.x, metrics.x, run.x, and text stands in quotes");
    }

    private StaticType IndexType(Expression.Index i)
    {
        var of = TypeOf(i.Of);
        WantInt(i.Position);
        if (of.Entry is not null) return of.Entry;
        return of == StaticType.Any ? of : of.MayBeText ? StaticType.Text : Wrong(i.At, $"{of} has no entries; lists and strings have");
    }

    private StaticType UnaryType(Expression.Unary u)
    {
        if (u.Operator == "not")
        {
            WantBool(u.Of, "what stands after \"not\"");
            return StaticType.Bool;
        }
        var of = TypeOf(u.Of);
        return of.MayBeNumber ? of : Wrong(u.At, $"\"{u.Operator}\" needs a number, not {of}");
    }

    private StaticType BinaryType(Expression.Binary b)
    {
        if (b.Operator is "and" or "or")
        {
            WantBool(b.Left, $"the left side of \"{b.Operator}\"");
            WantBool(b.Right, $"the right side of \"{b.Operator}\"");
            return StaticType.Bool;
        }
        StaticType left = TypeOf(b.Left), right = TypeOf(b.Right);
        if (left == StaticType.Any || right == StaticType.Any)
        {
            var other = left == StaticType.Any ? right : left;
            bool possible = other.MayBeNumber || (b.Operator == "+" && (other.MayBeText || other.MayBeList)) || (b.Operator == "*" && (other.MayBeText || other.MayBeList));
            if (!possible) return Wrong(b.At, $"\"{b.Operator}\" cannot work with {other}");
            return b.Operator == "/" && other.MayBeNumber ? StaticType.Float : StaticType.Any;
        }
        if (left.MayBeNumber && right.MayBeNumber)
        {
            if (b.Operator == "/") return StaticType.Float;
            if (left == StaticType.Float || right == StaticType.Float) return StaticType.Float;
            return b.Operator == "**" ? b.Right is Expression.Literal { Value: Value.Int { Number: >= 0 } } ? StaticType.Int : StaticType.Any : StaticType.Int;
        }
        if (b.Operator == "+" && left.MayBeText && right.MayBeText) return StaticType.Text;
        if (b.Operator == "+" && left.MayBeList && right.MayBeList) return StaticType.Join(left, right);
        if (b.Operator == "*" && ((left.MayBeText || left.MayBeList) && right == StaticType.Int)) return left;
        string hint = b.Operator == "+" && (left.MayBeText || right.MayBeText) ? "; str() makes text" : "";
        return Wrong(b.At, $"\"{b.Operator}\" cannot work with {left} and {right}{hint}");
    }

    private StaticType CompareType(Expression.Compare c)
    {
        var left = TypeOf(c.First);
        for (int i = 0; i < c.Rest.Count; i++)
        {
            var right = TypeOf(c.Rest[i]);
            if (c.Operators[i] is "in" or "not in")
            {
                if (!right.MayBeList && !right.MayBeText) Wrong(c.At, $"\"{c.Operators[i]}\" looks into a list or a string, not into {right}");
                else if (right.Entry is { } entry && !Comparable(left, entry)) Wrong(c.At, $"{left} is never in a {right}");
                else if (right.Entry is null && right != StaticType.Any && !left.MayBeText) Wrong(c.At, $"only a string can be in a string, not {left}");
            }
            else if (!Comparable(left, right)) Wrong(c.At, $"\"{c.Operators[i]}\" cannot compare {left} with {right}");
            else if (c.Operators[i] is not ("==" or "!=") && (left == StaticType.Bool || right == StaticType.Bool || left == StaticType.Node))
                Wrong(c.At, $"\"{c.Operators[i]}\" cannot compare {left} with {right}");
            left = right;
        }
        return StaticType.Bool;
    }

    private static bool Comparable(StaticType a, StaticType b)
        => a == StaticType.Any || b == StaticType.Any || (a.MayBeNumber && b.MayBeNumber) || (a.MayBeText && b.MayBeText) || (a == b && a != StaticType.Node)
            || (a.Entry is not null && b.Entry is not null && Comparable(a.Entry, b.Entry));

    private StaticType ComprehensionType(Expression.Comprehension c)
    {
        var source = TypeOf(c.Source);
        if (!source.MayBeList) Wrong(c.Source.At, $"\"for {c.Variable} in\" needs a list, not {source}");
        if (Array.IndexOf(Roots.All, c.Variable) >= 0) Wrong(c.At, $"the variable cannot be called \"{c.Variable}\"");
        variables.TryGetValue(c.Variable, out var hidden);
        variables[c.Variable] = source.Entry ?? StaticType.Any;
        if (c.Condition is not null) WantBool(c.Condition, "the condition of \"if\"");
        var entry = TypeOf(c.Entry);
        if (hidden is null) variables.Remove(c.Variable);
        else variables[c.Variable] = hidden;
        return StaticType.ListOf(entry);
    }

    private StaticType CallType(Expression.Call c)
    {
        var arguments = c.Arguments.Select(TypeOf).ToArray();
        var function = FunctionLibrary.Find(c.Function);
        if (function is null)
        {
            if (Recipes.Attributes.Distributions.Find(c.Function) is not null) return Wrong(c.At, $"{c.Function}() draws random numbers; it stands alone, as the whole value of an attribute");
            string near = Checking.NearestName.Of(c.Function, FunctionLibrary.All.Select(f => f.Name)) is { } n ? $"; did you mean \"{n}\"?" : "; see \"mlfarm help expressions\"";
            return Wrong(c.At, $"\"{c.Function}\" is not a function{near}");
        }
        if (arguments.Length < function.Fewest || arguments.Length > function.Most)
            return Wrong(c.At, $"{c.Function} takes {(function.Fewest == function.Most ? $"{function.Fewest}" : $"{function.Fewest} to {function.Most}")} argument{(function.Most == 1 ? "" : "s")}, not {arguments.Length}: {function.Signature}");
        for (int i = 0; i < arguments.Length; i++)
        {
            if (Fits(arguments[i], function.ArgumentAt(i))) continue;
            return Wrong(c.Arguments[i].At, $"{c.Function} needs {Word(function.ArgumentAt(i))} as argument {i + 1}, not {arguments[i]}: {function.Signature}");
        }
        return function.Result(arguments);
    }

    internal static bool Fits(StaticType type, Argument argument) => argument switch
    {
        Argument.Number => type.MayBeNumber,
        Argument.Int => type == StaticType.Int || type == StaticType.Any,
        Argument.Text => type.MayBeText,
        Argument.List => type.MayBeList,
        Argument.Numbers => type == StaticType.Any || type.Entry?.MayBeNumber == true,
        Argument.Texts => type == StaticType.Any || type.Entry?.MayBeText == true,
        _ => type != StaticType.Node,
    };

    internal static string Word(Argument argument) => argument switch
    {
        Argument.Number => "a number",
        Argument.Int => "an int",
        Argument.Text => "a string",
        Argument.List => "a list",
        Argument.Numbers => "a list of numbers",
        Argument.Texts => "a list of strings",
        _ => "a value",
    };

    private void WantInt(Expression e)
    {
        var type = TypeOf(e);
        if (type != StaticType.Int && type != StaticType.Any) Wrong(e.At, $"a position must be an int, not {type}");
    }

    private void WantBool(Expression e, string what)
    {
        var type = TypeOf(e);
        if (!type.MayBeBool) Wrong(e.At, $"{what} must be a bool, not {type}; compare it with something");
    }
}
