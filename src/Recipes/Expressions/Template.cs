using System.Text;

namespace ExampleMlFarm.Recipes.Expressions;

/// <summary>A string of a recipe: plain text, one expression that keeps its type, or text with expressions in it.</summary>
/// <param name="Parts">In order; texts are literals.</param>
/// <param name="IsText">True when the value is text, whatever the parts are; false when it is the value of the only part.</param>
public sealed record Template(IReadOnlyList<Expression> Parts, bool IsText)
{
    /// <summary>True when the text holds an expression.</summary>
    public static bool HasExpression(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Contains("${{", StringComparison.Ordinal);
    }

    /// <summary>Reads <c>a ${{ x }} b</c>. <c>$${{</c> is the text <c>${{</c>.</summary>
    /// <exception cref="ExpressionException">An expression inside cannot be read; the place counts from the start of the text.</exception>
    public static Template Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = new List<Expression>();
        var plain = new StringBuilder();
        int at = 0, first = 0;
        bool lone = true;
        while (at < text.Length)
        {
            int open = text.IndexOf("${{", at, StringComparison.Ordinal);
            if (open < 0) break;
            if (open > at && text[open - 1] == '$')
            {
                plain.Append(text, at, open - 1 - at).Append("${{");
                at = open + 3;
                continue;
            }
            plain.Append(text, at, open - at);
            if (plain.Length > 0)
            {
                lone &= string.IsNullOrWhiteSpace(plain.ToString());
                parts.Add(new Expression.Literal(new Value.Text(plain.ToString())) { At = first });
                plain.Clear();
            }
            var expression = ExpressionParser.Parse(text, open + 3, out int end);
            if (end >= text.Length) throw new ExpressionException("\"${{\" is not closed by \"}}\"", open);
            parts.Add(expression);
            at = first = end + 2;
        }
        plain.Append(text, Math.Min(at, text.Length), text.Length - Math.Min(at, text.Length));
        if (plain.Length > 0 || parts.Count == 0)
        {
            lone &= string.IsNullOrWhiteSpace(plain.ToString());
            parts.Add(new Expression.Literal(new Value.Text(plain.ToString())) { At = first });
        }
        var expressions = parts.Where(p => p is not Expression.Literal { Value: Value.Text t } || !string.IsNullOrWhiteSpace(t.Characters)).ToList();
        return lone && expressions.Count == 1 && HasExpression(text) ? new([expressions[0]], false) : new(parts, true);
    }

    /// <summary>The type of its value.</summary>
    public StaticType Check(ExpressionScope scope, Action<int, string> report)
    {
        var types = Parts.Select(p => TypeChecker.Check(p, scope, report)).ToArray();
        return IsText ? StaticType.Text : types[0];
    }

    /// <summary>With parameters put in; neighbouring constants become one.</summary>
    public Template Fold(ExpressionScope scope, Action<int, string> report)
    {
        var folded = Parts.Select(p => Folding.Fold(p, scope, report)).ToList();
        if (!IsText) return new(folded, false);
        var merged = new List<Expression>();
        foreach (var part in folded)
        {
            // Files stay apart: a cook key holds their content instead of their path.
            if (part is Expression.Literal { Value: not (Value.Node or Value.File) } l && merged is [.., Expression.Literal { Value: not (Value.Node or Value.File) } before])
                merged[^1] = new Expression.Literal(new Value.Text(before.Value.ToString()! + l.Value)) { At = before.At };
            else merged.Add(part is Expression.Literal { Value: not (Value.Node or Value.Text or Value.File) } other ? new Expression.Literal(new Value.Text(other.Value.ToString()!)) { At = other.At } : part);
        }
        return new(merged, true);
    }

    /// <summary>The value when it depends on no item, else null.</summary>
    public Value? Constant { get; } = Parts.All(p => p is Expression.Literal { Value: not Value.Node })
        ? IsText ? new Value.Text(string.Concat(Parts.Select(p => ((Expression.Literal)p).Value))) : ((Expression.Literal)Parts[0]).Value
        : null;

    /// <summary>The value for one item.</summary>
    /// <exception cref="ExpressionException">There is none.</exception>
    public Value Evaluate(IExpressionNames names)
    {
        if (Constant is { } constant) return constant;
        if (!IsText) return Evaluator.Evaluate(Parts[0], names);
        var text = new StringBuilder();
        foreach (var part in Parts)
        {
            text.Append(Evaluator.Evaluate(part, names));
            if (text.Length > Limits.TextCharacters) throw new ExpressionException($"the string is longer than {Limits.TextCharacters} characters", part.At);
        }
        return new Value.Text(text.ToString());
    }

    /// <summary>Calls back for every name it reads.</summary>
    public void CollectReads(Action<string, string, int> read)
    {
        foreach (var part in Parts) Folding.CollectReads(part, read);
    }

    /// <inheritdoc/>
    public bool Equals(Template? other) => other is not null && IsText == other.IsText && Parts.SequenceEqual(other.Parts);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Parts.Count, IsText);

    /// <summary>Canonical text: the expression, or the pieces joined by <c>~</c>.</summary>
    public override string ToString() => IsText ? "text(" + string.Join(" ~ ", Parts) + ")" : Parts[0].ToString();
}
