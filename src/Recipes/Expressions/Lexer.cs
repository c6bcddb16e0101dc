using System.Globalization;
using System.Text;

namespace ExampleMlFarm.Recipes.Expressions;

internal enum TokenKind : byte { Number, Text, Name, Operator, End }

internal readonly record struct Token(TokenKind Kind, string Text, Value? Value, int At);

/// <summary>Cuts an expression into tokens.</summary>
internal static class Lexer
{
    private static readonly string[] Operators =
        ["**", "//", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "(", ")", "[", "]", ",", ":", "."];

    public static List<Token> Read(string text, int start)
    {
        if (text.Length - start > Limits.ExpressionCharacters)
            throw new ExpressionException($"the expression is longer than {Limits.ExpressionCharacters} characters", start);
        var tokens = new List<Token>();
        int at = start;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
            if (at >= text.Length) break;
            char c = text[at];
            if (c == '}' && at + 1 < text.Length && text[at + 1] == '}') break;
            if (char.IsAsciiDigit(c) || (c == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]))) tokens.Add(Number(text, ref at));
            else if (char.IsAsciiLetter(c) || c == '_')
            {
                int first = at;
                while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_')) at++;
                tokens.Add(new(TokenKind.Name, text[first..at], null, first));
            }
            else if (c is '"' or '\'') tokens.Add(Quoted(text, ref at));
            else
            {
                string? op = Array.Find(Operators, o => text.AsSpan(at).StartsWith(o, StringComparison.Ordinal));
                if (op is null) throw new ExpressionException(Unexpected(c), at);
                tokens.Add(new(TokenKind.Operator, op, null, at));
                at += op.Length;
            }
        }
        tokens.Add(new(TokenKind.End, "", null, at));
        return tokens;
    }

    private static string Unexpected(char c) => c switch
    {
        '=' => "\"=\" assigns nothing here; equality is \"==\"",
        '&' => "\"&\" is written \"and\"",
        '|' => "\"|\" is written \"or\"",
        '!' => "\"!\" is written \"not\"",
        '^' => "\"^\" is written \"**\"",
        '{' or '}' => $"\"{c}\" has no meaning in an expression",
        _ => char.IsControl(c) || char.IsSurrogate(c) ? $"character U+{(int)c:X4} has no meaning in an expression" : $"\"{c}\" has no meaning in an expression",
    };

    private static Token Number(string text, ref int at)
    {
        int first = at;
        bool whole = true;
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '_')) at++;
        if (at < text.Length && text[at] == '.')
        {
            whole = false;
            at++;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        }
        if (at < text.Length && text[at] is 'e' or 'E')
        {
            int exponent = at + 1;
            if (exponent < text.Length && text[exponent] is '+' or '-') exponent++;
            if (exponent < text.Length && char.IsAsciiDigit(text[exponent]))
            {
                whole = false;
                at = exponent;
                while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            }
        }
        string digits = text[first..at].Replace("_", "", StringComparison.Ordinal);
        if (at < text.Length && (char.IsAsciiLetter(text[at]) || text[at] == '_')) throw new ExpressionException($"\"{text[first..(at + 1)]}\" is not a number", first);
        if (whole)
        {
            if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
                throw new ExpressionException($"{Short(digits)} is larger than the largest int, {long.MaxValue}", first);
            return new(TokenKind.Number, digits, new Value.Int(number), first);
        }
        double d = double.Parse(digits, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture);
        if (!double.IsFinite(d)) throw new ExpressionException($"{Short(digits)} is larger than the largest float", first);
        return new(TokenKind.Number, digits, new Value.Float(d), first);
    }

    private static Token Quoted(string text, ref int at)
    {
        int first = at;
        char quote = text[at++];
        var made = new StringBuilder();
        while (true)
        {
            if (at >= text.Length) throw new ExpressionException("the string is not closed", first);
            char c = text[at++];
            if (c == quote) break;
            if (c != '\\')
            {
                made.Append(c);
                continue;
            }
            if (at >= text.Length) throw new ExpressionException("the string is not closed", first);
            char escaped = text[at++];
            made.Append(escaped switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '\\' or '\'' or '"' => escaped,
                _ => throw new ExpressionException($"\"\\{escaped}\" is no escape; there are \\n \\t \\r \\\\ \\' \\\"", at - 2),
            });
        }
        return new(TokenKind.Text, "", new Value.Text(made.ToString()), first);
    }

    private static string Short(string digits) => digits.Length <= 30 ? digits : digits[..27] + "…";
}
