namespace ExampleMlFarm.Recipes.Expressions;

/// <summary>Reads Python's notation, as far as the language has it, by recursive descent with a depth limit.</summary>
public sealed class ExpressionParser
{
    private static readonly HashSet<string> Reserved = ["if", "else", "for", "in", "and", "or", "not", "lambda", "is", "True", "False", "None", "true", "false"];
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];
    private readonly List<Token> tokens;
    private int position, depth;

    private ExpressionParser(List<Token> tokens) => this.tokens = tokens;

    /// <summary>The expression that is the whole text.</summary>
    /// <exception cref="ExpressionException">It is none; the exception says where.</exception>
    public static Expression Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var result = Parse(text, 0, out int end);
        return end == text.Length ? result : throw new ExpressionException("\"}}\" ends an expression that did not start with \"${{\"", end);
    }

    /// <summary>The expression from <paramref name="start"/> up to <c>}}</c> or the end of the text.</summary>
    /// <exception cref="ExpressionException">There is none; the exception says where.</exception>
    public static Expression Parse(string text, int start, out int end)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parser = new ExpressionParser(Lexer.Read(text, start));
        if (parser.Current.Kind == TokenKind.End) throw new ExpressionException("the expression is empty", start);
        var result = parser.Conditional();
        if (parser.Current.Kind != TokenKind.End) throw parser.Unexpected("the end of the expression");
        end = parser.Current.At;
        return result;
    }

    private Token Current => tokens[position];

    private bool Is(string text) => Current.Kind is TokenKind.Operator or TokenKind.Name && Current.Text == text;

    private bool Take(string text)
    {
        if (!Is(text)) return false;
        position++;
        return true;
    }

    private void Expect(string text)
    {
        if (!Take(text)) throw Unexpected($"\"{text}\"");
    }

    private ExpressionException Unexpected(string wanted)
    {
        string found = Current.Kind switch
        {
            TokenKind.End => "the end",
            TokenKind.Text => "a string",
            _ => $"\"{Current.Text}\"",
        };
        return new($"expected {wanted}, found {found}", Current.At);
    }

    private Expression Nested(Func<Expression> read)
    {
        if (++depth > Limits.ExpressionDepth) throw new ExpressionException($"the expression is nested deeper than {Limits.ExpressionDepth} levels", Current.At);
        var result = read();
        depth--;
        return result;
    }

    private Expression Conditional() => Nested(() =>
    {
        var then = Or();
        int at = Current.At;
        if (!Take("if")) return then;
        var condition = Or();
        Expect("else");
        return new Expression.Conditional(then, condition, Conditional()) { At = at };
    });

    private Expression Or() => LeftToRight(And, "or");

    private Expression And() => LeftToRight(Not, "and");

    private Expression Not()
    {
        int at = Current.At;
        return Take("not") ? Nested(() => new Expression.Unary("not", Not()) { At = at }) : Comparison();
    }

    private Expression Comparison()
    {
        var first = Sum();
        List<string>? operators = null;
        List<Expression>? rest = null;
        int at = Current.At;
        while (true)
        {
            string? op = null;
            if (Current.Kind == TokenKind.Operator && Array.IndexOf(Comparisons, Current.Text) >= 0) op = tokens[position++].Text;
            else if (Take("in")) op = "in";
            else if (Is("not") && tokens[position + 1] is { Kind: TokenKind.Name, Text: "in" })
            {
                position += 2;
                op = "not in";
            }
            if (op is null) break;
            (operators ??= []).Add(op);
            (rest ??= []).Add(Sum());
            CheckLength(rest.Count);
        }
        return operators is null ? first : new Expression.Compare(first, operators, rest!) { At = at };
    }

    private Expression Sum() => LeftToRight(Product, "+", "-");

    private Expression Product() => LeftToRight(Sign, "*", "/", "//", "%");

    // A long chain makes a deep tree on its left side; its length counts as depth because evaluation recurses into it.
    private Expression LeftToRight(Func<Expression> part, params string[] operators)
    {
        var left = part();
        for (int length = 1; ; length++)
        {
            int at = Current.At;
            string? op = Array.Find(operators, Is);
            if (op is null) return left;
            CheckLength(length);
            position++;
            left = new Expression.Binary(op, left, part()) { At = at };
        }
    }

    private void CheckLength(int length)
    {
        if (length > 4 * Limits.ExpressionDepth) throw new ExpressionException($"more than {4 * Limits.ExpressionDepth} operators in a row; make a list and use sum()", Current.At);
    }

    private Expression Sign()
    {
        int at = Current.At;
        if (Take("-")) return Nested(() => new Expression.Unary("-", Sign()) { At = at });
        return Take("+") ? Nested(() => new Expression.Unary("+", Sign()) { At = at }) : Power();
    }

    private Expression Power()
    {
        var left = Postfix();
        int at = Current.At;
        return Take("**") ? Nested(() => new Expression.Binary("**", left, Sign()) { At = at }) : left;
    }

    private Expression Postfix()
    {
        var result = Primary();
        for (int length = 1; ; length++)
        {
            int at = Current.At;
            if (Take("."))
            {
                if (Current.Kind != TokenKind.Name) throw Unexpected("a name after \".\"");
                result = new Expression.Member(result, tokens[position++].Text) { At = at + 1 };
            }
            else if (Take("[")) result = Subscript(result, at);
            else return result;
            CheckLength(length);
        }
    }

    private Expression Subscript(Expression of, int at)
    {
        Expression? start = Is(":") ? null : Conditional(), stop = null, step = null;
        if (Take("]")) return new Expression.Index(of, start!) { At = at };
        Expect(":");
        if (!Is(":") && !Is("]")) stop = Conditional();
        if (Take(":") && !Is("]")) step = Conditional();
        Expect("]");
        return new Expression.Slice(of, start, stop, step) { At = at };
    }

    private Expression Primary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Number or TokenKind.Text:
                position++;
                return new Expression.Literal(token.Value!) { At = token.At };
            case TokenKind.Name when token.Text is "True" or "true" or "False" or "false":
                position++;
                return new Expression.Literal(new Value.Bool(token.Text[0] is 'T' or 't')) { At = token.At };
            case TokenKind.Name when token.Text is "lambda" or "is" or "None":
                throw new ExpressionException($"the language has no \"{token.Text}\"", token.At);
            case TokenKind.Name when !Reserved.Contains(token.Text):
                position++;
                if (!Is("(")) return new Expression.Name(token.Text) { At = token.At };
                position++;
                return new Expression.Call(token.Text, Entries(")")) { At = token.At };
        }
        if (Take("("))
        {
            var inner = Conditional();
            Expect(")");
            return inner;
        }
        if (Take("[")) return List(token.At);
        throw Unexpected("a value");
    }

    private Expression List(int at)
    {
        if (Is("]")) return new Expression.ListOf(Entries("]")) { At = at };
        var first = Conditional();
        if (!Take("for"))
        {
            if (!Is("]")) Expect(",");
            return new Expression.ListOf([first, .. Entries("]")]) { At = at };
        }
        if (Current.Kind != TokenKind.Name || Reserved.Contains(Current.Text)) throw Unexpected("the name of the variable");
        string variable = tokens[position++].Text;
        Expect("in");
        var source = Or();
        var condition = Take("if") ? Or() : null;
        if (Is("for")) throw new ExpressionException("a list is made with one \"for\"", Current.At);
        Expect("]");
        return new Expression.Comprehension(first, variable, source, condition) { At = at };
    }

    private List<Expression> Entries(string close)
    {
        var entries = new List<Expression>();
        while (!Take(close))
        {
            entries.Add(Conditional());
            if (!Is(close)) Expect(",");
        }
        return entries;
    }
}
