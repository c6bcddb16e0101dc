using System.Globalization;
using ExampleMlFarm.Recipes.Expressions;

namespace ExampleMlFarm.Recipes.Yaml;

/// <summary>What a scalar without quotes means, by YAML 1.2's core schema: a number, a truth value, or text.</summary>
internal static class ScalarTyping
{
    /// <summary>The value; null for an empty scalar.</summary>
    public static Value? Of(YamlScalar scalar)
    {
        if (scalar.IsNull) return null;
        if (!scalar.IsPlain) return new Value.Text(scalar.Text);
        return Number(scalar.Text) ?? scalar.Text switch
        {
            "true" or "True" or "TRUE" => new Value.Bool(true),
            "false" or "False" or "FALSE" => new Value.Bool(false),
            _ => new Value.Text(scalar.Text),
        };
    }

    /// <summary>A number in text; null when it is none. Infinities and NaN come out as floats, for the checker to refuse by name.</summary>
    public static Value? Number(string text)
    {
        if (text.Length == 0 || text.Length > 400) return null;
        if (text.StartsWith("0x", StringComparison.Ordinal) && text.Length <= 18
            && long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long hex)) return new Value.Int(hex);
        int digits = text[0] is '-' or '+' ? 1 : 0;
        if (digits == text.Length) return null;
        switch (text[digits..])
        {
            case ".inf" or ".Inf" or ".INF": return new Value.Float(text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity);
            case ".nan" or ".NaN" or ".NAN" when digits == 0: return new Value.Float(double.NaN);
        }
        if (!char.IsAsciiDigit(text[digits]) && !(text[digits] == '.' && digits + 1 < text.Length && char.IsAsciiDigit(text[digits + 1]))) return null;
        if (text.AsSpan(digits).IndexOfAnyExceptInRange('0', '9') < 0 && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
            return new Value.Int(whole);
        return double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double number)
            ? new Value.Float(number) : null;
    }
}
