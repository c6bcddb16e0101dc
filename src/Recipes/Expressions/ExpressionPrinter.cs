using System.Globalization;
using System.Text;

namespace ExampleMlFarm.Recipes.Expressions;

/// <summary>Writes an expression with no more parentheses than it needs; reading it again gives the same tree. This text is what cook keys hash.</summary>
public static class ExpressionPrinter
{
    /// <summary>The canonical text.</summary>
    public static string Print(Expression expression)
    {
        var text = new StringBuilder();
        Write(text, expression, 0);
        return text.ToString();
    }

    // 0 conditional, 1 or, 2 and, 3 not, 4 comparison, 5 sum, 6 product, 7 sign, 8 power, 9 postfix
    private static int LevelOf(Expression e) => e switch
    {
        Expression.Conditional => 0,
        Expression.Binary { Operator: "or" } => 1,
        Expression.Binary { Operator: "and" } => 2,
        Expression.Unary { Operator: "not" } => 3,
        Expression.Compare => 4,
        Expression.Binary { Operator: "+" or "-" } => 5,
        Expression.Binary { Operator: "**" } => 8,
        Expression.Binary => 6,
        Expression.Unary => 7,
        // A folded negative number prints as a sign and digits, and binds like one.
        Expression.Literal { Value: Value.Int { Number: < 0 } or Value.Float { Number: < 0 } } => 7,
        _ => 9,
    };

    private static void Write(StringBuilder text, Expression e, int level)
    {
        bool parens = LevelOf(e) < level;
        if (parens) text.Append('(');
        switch (e)
        {
            case Expression.Literal l: WriteValue(text, l.Value); break;
            case Expression.Name n: text.Append(n.Text); break;
            case Expression.Member m:
                WriteOperand(text, m.Of);
                text.Append('.').Append(m.Text);
                break;
            case Expression.Index i:
                WriteOperand(text, i.Of);
                text.Append('[');
                Write(text, i.Position, 0);
                text.Append(']');
                break;
            case Expression.Slice s:
                WriteOperand(text, s.Of);
                text.Append('[');
                if (s.Start is not null) Write(text, s.Start, 0);
                text.Append(':');
                if (s.Stop is not null) Write(text, s.Stop, 0);
                if (s.Step is not null)
                {
                    text.Append(':');
                    Write(text, s.Step, 0);
                }
                text.Append(']');
                break;
            case Expression.Unary { Operator: "not" } u:
                text.Append("not ");
                Write(text, u.Of, 3);
                break;
            case Expression.Unary u:
                text.Append(u.Operator);
                Write(text, u.Of, 7);
                break;
            case Expression.Binary { Operator: "**" } b:
                Write(text, b.Left, 9);
                text.Append(" ** ");
                Write(text, b.Right, 7);
                break;
            case Expression.Binary b:
                int own = LevelOf(b);
                Write(text, b.Left, own);
                text.Append(' ').Append(b.Operator).Append(' ');
                Write(text, b.Right, own + 1);
                break;
            case Expression.Compare c:
                Write(text, c.First, 5);
                for (int i = 0; i < c.Rest.Count; i++)
                {
                    text.Append(' ').Append(c.Operators[i]).Append(' ');
                    Write(text, c.Rest[i], 5);
                }
                break;
            case Expression.Conditional c:
                Write(text, c.Then, 1);
                text.Append(" if ");
                Write(text, c.Condition, 1);
                text.Append(" else ");
                Write(text, c.Else, 0);
                break;
            case Expression.ListOf l: WriteAll(text, '[', l.Entries, ']'); break;
            case Expression.Comprehension c:
                text.Append('[');
                Write(text, c.Entry, 0);
                text.Append(" for ").Append(c.Variable).Append(" in ");
                Write(text, c.Source, 1);
                if (c.Condition is not null)
                {
                    text.Append(" if ");
                    Write(text, c.Condition, 1);
                }
                text.Append(']');
                break;
            case Expression.Call c:
                text.Append(c.Function);
                WriteAll(text, '(', c.Arguments, ')');
                break;
        }
        if (parens) text.Append(')');
    }

    // "1.x" would read as a number.
    private static void WriteOperand(StringBuilder text, Expression e)
    {
        bool number = e is Expression.Literal { Value: Value.Int or Value.Float };
        if (number) text.Append('(');
        Write(text, e, number ? 0 : 9);
        if (number) text.Append(')');
    }

    private static void WriteAll(StringBuilder text, char open, IReadOnlyList<Expression> entries, char close)
    {
        text.Append(open);
        for (int i = 0; i < entries.Count; i++)
        {
            if (i > 0) text.Append(", ");
            Write(text, entries[i], 0);
        }
        text.Append(close);
    }

    internal static void WriteValue(StringBuilder text, Value value)
    {
        switch (value)
        {
            case Value.Int i: text.Append(i.Number.ToString(CultureInfo.InvariantCulture)); break;
            case Value.Float f: text.Append(Value.Format(f.Number)); break;
            case Value.Bool b: text.Append(b.Truth ? "True" : "False"); break;
            case Value.Text t: Quote(text, t.Characters); break;
            case Value.File f:
                text.Append("file(");
                Quote(text, f.Path);
                text.Append(')');
                break;
            case Value.Node n: text.Append("nodes.").Append(n.Name); break;
            case Value.List l:
                text.Append('[');
                for (int i = 0; i < l.Entries.Count; i++)
                {
                    if (i > 0) text.Append(", ");
                    WriteValue(text, l.Entries[i]);
                }
                text.Append(']');
                break;
        }
    }

    private static void Quote(StringBuilder text, string characters)
    {
        text.Append('"');
        foreach (char c in characters)
        {
            text.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\t' => "\\t",
                '\r' => "\\r",
                _ => c.ToString(),
            });
        }
        text.Append('"');
    }
}
