namespace ExampleMlFarm.Recipes.Expressions;

/// <summary>Puts the values of parameters and of the run into an expression and works out what no longer depends on the item.</summary>
/// <remarks>What is left names nothing but item, metrics, nodes and out; its text does not change when a parameter is renamed.</remarks>
public static class Folding
{
    /// <summary>The folded expression. Constant parts that fail wherever they are reached are reported.</summary>
    public static Expression Fold(Expression expression, ExpressionScope scope, Action<int, string> report)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(report);
        return Fold(expression, scope, report, false, []);
    }

    /// <summary>What an expression reads of its item.</summary>
    public static void CollectReads(Expression expression, Action<string, string, int> read)
    {
        ArgumentNullException.ThrowIfNull(expression);
        ArgumentNullException.ThrowIfNull(read);
        if (Roots.Reference(expression) is var (root, name, at)) read(root, name, at);
        else foreach (var child in expression.Children) CollectReads(child, read);
    }

    private static Expression Fold(Expression e, ExpressionScope scope, Action<int, string> report, bool guarded, IReadOnlyList<string> bound)
    {
        if (Roots.Reference(e) is var (root, name, _) && !bound.Contains(root))
        {
            var known = root == "params" ? scope.Parameters : root == "run" ? scope.Run : null;
            // Both spellings become one, so that item["a"] and item.a have the same key.
            return known is not null && known.TryGetValue(name, out var value) ? new Expression.Literal(value) { At = e.At }
                : IsName(name) ? new Expression.Member(new Expression.Name(root), name) { At = e.At } : e;
        }
        Expression Part(Expression part, bool guards = false) => Fold(part, scope, report, guarded || guards, bound);
        var folded = e switch
        {
            Expression.Member m => m with { Of = Part(m.Of) },
            Expression.Index i => i with { Of = Part(i.Of), Position = Part(i.Position) },
            Expression.Slice s => s with { Of = Part(s.Of), Start = s.Start is null ? null : Part(s.Start), Stop = s.Stop is null ? null : Part(s.Stop), Step = s.Step is null ? null : Part(s.Step) },
            Expression.Unary u => u with { Of = Part(u.Of) },
            Expression.Binary { Operator: "and" or "or" } b => b with { Left = Part(b.Left), Right = Part(b.Right, true) },
            Expression.Binary b => b with { Left = Part(b.Left), Right = Part(b.Right) },
            Expression.Compare c => c with { First = Part(c.First), Rest = [.. c.Rest.Select((r, i) => Part(r, i > 0))] },
            Expression.Conditional c => c with { Condition = Part(c.Condition), Then = Part(c.Then, true), Else = Part(c.Else, true) },
            Expression.ListOf l => l with { Entries = [.. l.Entries.Select(x => Part(x))] },
            Expression.Comprehension c => c with
            {
                Source = Part(c.Source),
                Condition = c.Condition is null ? null : Fold(c.Condition, scope, report, true, [.. bound, c.Variable]),
                Entry = Fold(c.Entry, scope, report, true, [.. bound, c.Variable]),
            },
            Expression.Call c => c with { Arguments = [.. c.Arguments.Select(x => Part(x))] },
            _ => e,
        };
        if (folded is Expression.Name { Text: "pi" } && !bound.Contains("pi")) return new Expression.Literal(new Value.Float(Math.PI)) { At = e.At };
        if (folded is Expression.Literal or Expression.Name || !IsConstant(folded, [])) return folded;
        try
        {
            return new Expression.Literal(Evaluator.Evaluate(folded, NoNames.Instance)) { At = e.At };
        }
        catch (ExpressionException failure)
        {
            // Under a condition it may never be reached; then it fails when, and if, an item reaches it.
            if (!guarded) report(failure.At, failure.Message);
            return folded;
        }
    }

    private static bool IsConstant(Expression e, IReadOnlyList<string> bound) => e switch
    {
        Expression.Name n => bound.Contains(n.Text),
        Expression.Comprehension c => IsConstant(c.Source, bound) && IsConstant(c.Entry, [.. bound, c.Variable]) && (c.Condition is null || IsConstant(c.Condition, [.. bound, c.Variable])),
        _ => Roots.Reference(e) is null && e.Children.All(child => IsConstant(child, bound)),
    };

    private static bool IsName(string text) => text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
