using CsCheck;
using ExampleMlFarm.Recipes.Expressions;

namespace ExampleMlFarm.Tests.Recipes;

public sealed class ExpressionTests
{
    private sealed class Item : IExpressionNames
    {
        public Value? Attribute(string name) => name switch
        {
            "radius" => new Value.Float(0.25),
            "index" => new Value.Int(7),
            "name" => new Value.Text("cloth"),
            "list" => new Value.List([new Value.Int(3), new Value.Int(1), new Value.Int(2)]),
            _ => null,
        };

        public double? Metric(string name) => name == "validation/loss" ? 0.5 : name == "broken" ? double.NaN : null;
        public string? Output(string name) => null;
    }

    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("7 // 2", "3")]
    [InlineData("-7 // 2", "-4")]
    [InlineData("-7 % 3", "2")]
    [InlineData("7 % -3", "-2")]
    [InlineData("7.5 // 2", "3.0")]
    [InlineData("-2 ** 2", "-4")]
    [InlineData("2 ** 3 ** 2", "512")]
    [InlineData("2 ** -1", "0.5")]
    [InlineData("1 / 4", "0.25")]
    [InlineData("1e3", "1000.0")]
    [InlineData("1 < 2 < 3", "True")]
    [InlineData("1 < 3 < 2", "False")]
    [InlineData("not 1 == 2 and True or False", "True")]
    [InlineData("'a' if item.index > 5 else 'b'", "\"a\"")]
    [InlineData("[x * 2 for x in item.list if x != 1]", "[6, 4]")]
    [InlineData("[1, 2, 3][-1]", "3")]
    [InlineData("[1, 2, 3, 4][1:3]", "[2, 3]")]
    [InlineData("[1, 2, 3, 4][::-1]", "[4, 3, 2, 1]")]
    [InlineData("'cloth'[1:]", "\"loth\"")]
    [InlineData("2 in item.list", "True")]
    [InlineData("'lot' not in item.name", "False")]
    [InlineData("[1] + [2.5]", "[1, 2.5]")]
    [InlineData("'ab' * 2", "\"abab\"")]
    [InlineData("sum(range(5))", "10")]
    [InlineData("mean([1, 2])", "1.5")]
    [InlineData("max(1, 2.5, 2)", "2.5")]
    [InlineData("min(item.list)", "1")]
    [InlineData("sorted(item.list)", "[1, 2, 3]")]
    [InlineData("round(2.5)", "2")]
    [InlineData("round(2.345, 1)", "2.3")]
    [InlineData("floor(-0.5)", "-1")]
    [InlineData("clamp(7, 0, 5)", "5")]
    [InlineData("lerp(0, 10, 0.25)", "2.5")]
    [InlineData("join('-', [1, 'a', 2.0])", "\"1-a-2.0\"")]
    [InlineData("stem('a/b.tar.gz') + suffix('b.txt') + basename('a/b')", "\"b.tar.txtb\"")]
    [InlineData("pad(7, 4) + fixed(1.005, 1)", "\"00071.0\"")]
    [InlineData("int('12') + int(3.9)", "15")]
    [InlineData("quote(\"it's\")", "\"'it'\\\\''s'\"")]
    [InlineData("metrics[\"validation/loss\"] * 2", "1.0")]
    [InlineData("item.radius", "0.25")]
    [InlineData("False and 1 / 0 > 1", "False")]
    public void Expression_has_the_value_that_python_gives(string text, string expected)
        => Assert.Equal(expected, new Expression.Literal(Evaluator.Evaluate(ExpressionParser.Parse(text), new Item())).ToString());

    [Theory]
    [InlineData("1 / 0", 2, "division by zero")]
    [InlineData("5 % 0", 2, "division by zero")]
    [InlineData("1.0 // 0.0", 4, "division by zero")]
    [InlineData("9223372036854775807 + 1", 20, "the result is too large for an int")]
    [InlineData("1e308 * 10", 6, "the result is not a finite number")]
    [InlineData("[1][3]", 3, "position 3 of 1 entries does not exist")]
    [InlineData("item.mass", 5, "the item has no attribute \"mass\"")]
    [InlineData("metrics.broken", 8, "metric \"broken\" is NaN")]
    [InlineData("1 + 'a'", 2, "\"+\" cannot work with int and string")]
    [InlineData("sqrt(0 - 1)", 0, "sqrt of -1.0: the number must be 0 or more")]
    [InlineData("'a' * 10000000", 4, "the string is longer than 1048576 characters")]
    [InlineData("range(10 ** 9)", 0, "range makes 1000000000 entries; at most 100000 are allowed")]
    [InlineData("sum([sum(range(400)) for x in range(100000)])", 0, null)]
    [InlineData("'é' < 3", 4, "string and int have no order")]
    [InlineData("int('x')", 0, "\"x\" is not an int")]
    public void Expression_without_a_value_says_why_and_where(string text, int at, string? message)
    {
        var e = Assert.Throws<ExpressionException>(() => Evaluator.Evaluate(ExpressionParser.Parse(text), new Item()));
        if (message is null) Assert.Contains("steps", e.Message, StringComparison.Ordinal);
        else Assert.Equal((message, at), (e.Message, e.At));
    }

    [Theory]
    [InlineData("1 = 2")]
    [InlineData("a b")]
    [InlineData("lambda x: x")]
    [InlineData("[x for x in y for z in x]")]
    [InlineData("1 if 2")]
    [InlineData("(1")]
    [InlineData("'a")]
    [InlineData("99999999999999999999")]
    [InlineData("item.")]
    [InlineData("{1: 2}")]
    public void Text_that_is_no_expression_is_refused(string text) => Assert.Throws<ExpressionException>(() => ExpressionParser.Parse(text));

    private static readonly Gen<Expression> Leaf = Gen.OneOf<Expression>(
        Gen.Long[0, long.MaxValue].Select(i => (Expression)new Expression.Literal(new Value.Int(i))),
        Gen.Double[0, 1e300].Select(d => (Expression)new Expression.Literal(new Value.Float(d))),
        Gen.String[Gen.Char["abc \"'\\\n\t"], 0, 5].Select(s => (Expression)new Expression.Literal(new Value.Text(s))),
        Gen.Bool.Select(b => (Expression)new Expression.Literal(new Value.Bool(b))),
        Gen.OneOf("x", "y").Select(n => (Expression)new Expression.Name(n)),
        Gen.OneOf("index", "radius", "list").Select(n => (Expression)new Expression.Member(new Expression.Name("item"), n)));

    private static readonly Gen<Expression> Any = Gen.Recursive<Expression>((depth, inner) => depth > 4 ? Leaf : Gen.Frequency(
        (2, Leaf),
        (3, Gen.Select(Gen.OneOf("+", "-", "*", "/", "//", "%", "**", "and", "or"), inner, inner).Select(t => (Expression)new Expression.Binary(t.Item1, t.Item2, t.Item3))),
        (1, Gen.Select(Gen.OneOf("-", "+", "not"), inner).Select(t => (Expression)new Expression.Unary(t.Item1, t.Item2))),
        (1, Gen.Select(inner, Gen.OneOf("<", "==", "in", "not in"), inner, Gen.OneOf("!=", ">="), inner)
            .Select(t => (Expression)new Expression.Compare(t.Item1, [t.Item2, t.Item4], [t.Item3, t.Item5]))),
        (1, Gen.Select(inner, inner, inner).Select(t => (Expression)new Expression.Conditional(t.Item1, t.Item2, t.Item3))),
        (1, inner.List[0, 3].Select(l => (Expression)new Expression.ListOf(l))),
        (1, Gen.Select(inner, inner, inner).Select(t => (Expression)new Expression.Comprehension(t.Item1, "x", t.Item2, t.Item3))),
        (1, Gen.Select(inner, inner).Select(t => (Expression)new Expression.Index(t.Item1, t.Item2))),
        (1, Gen.Select(inner, inner, inner).Select(t => (Expression)new Expression.Slice(t.Item1, t.Item2, null, t.Item3))),
        (1, Gen.Select(Gen.OneOf("min", "len", "sum", "sorted", "str", "range", "round", "join"), inner.List[0, 3]).Select(t => (Expression)new Expression.Call(t.Item1, t.Item2)))));

    [Fact]
    public void Printed_expression_reads_back_as_the_same_tree()
        => Any.Sample(e => ExpressionParser.Parse(e.ToString()).Equals(e), iter: 3000, threads: 1);

    [Fact]
    public void Whatever_is_evaluated_gives_a_finite_value_or_a_typed_error()
    {
        Any.Sample(e =>
        {
            TypeChecker.Check(e, new ExpressionScope { Item = new Dictionary<string, StaticType> { ["index"] = StaticType.Int } }, (at, message) => Assert.NotEmpty(message));
            try
            {
                Assert.False(Evaluator.Evaluate(e, new Item()) is Value.Float { Number: var n } && !double.IsFinite(n));
            }
            catch (ExpressionException)
            {
            }
        }, iter: 3000, threads: 1);
    }

    [Fact]
    public void Any_text_is_an_expression_or_a_typed_error()
    {
        var soup = Gen.OneOf("1", "item", ".", "[", "]", "(", ")", "+", "-", "**", " ", "for", "x", "in", "if", "else", "'", "\"", "\\", "0x", "1e", "not", ",", ":", "}", "é", "\0", "\ud800", "min(", "==");
        soup.Array[0, 24].Select(string.Concat).Sample(text =>
        {
            try
            {
                ExpressionParser.Parse(text);
            }
            catch (ExpressionException e)
            {
                Assert.InRange(e.At, 0, text.Length);
            }
            try
            {
                Template.Parse("a ${{" + text);
            }
            catch (ExpressionException)
            {
            }
        }, iter: 5000, threads: 1);
    }

    [Fact]
    public void Folding_replaces_parameters_and_keeps_what_depends_on_the_item()
    {
        var scope = new ExpressionScope { Parameters = new Dictionary<string, Value> { ["k"] = new Value.Int(3) } };
        string Folded(string text) => Folding.Fold(ExpressionParser.Parse(text), scope, (_, message) => Assert.Fail(message)).ToString();
        Assert.Equal("item.radius * 9", Folded("item['radius'] * (params.k ** 2)"));
        Assert.Equal("[3, 6]", Folded("[x * params.k for x in [1, 2]]"));
        Assert.Equal("item.a if item.b else 1 / 0", Folded("item.a if item.b else 1 / 0"));
    }

    [Theory]
    [InlineData("${{ 3 }}", "3")]
    [InlineData("  ${{ 3 }} ", "3")]
    [InlineData("a${{ 3 }}b${{ [1] }}", "\"a3b[1]\"")]
    [InlineData("$${{ x }}", "\"${{ x }}\"")]
    [InlineData("${{ '}}' }}", "\"}}\"")]
    [InlineData("plain", "\"plain\"")]
    public void Lone_expression_keeps_its_type_and_others_become_text(string text, string expected)
        => Assert.Equal(expected, new Expression.Literal(Template.Parse(text).Evaluate(new Item())).ToString());

    [Fact]
    public void Stable_exp_and_log_agree_with_the_library_to_the_last_place()
    {
        for (int i = 0; i < 20000; i++)
        {
            double x = -700 + i * 0.07, y = Math.ScaleB(1 + i * 4.9e-5, i % 200 - 100);
            Assert.InRange(Math.Abs(StableMath.Exp(x) / Math.Exp(x) - 1), 0, 4e-16);
            Assert.InRange(Math.Abs(StableMath.Log(y) - Math.Log(y)), 0, 4e-16 * Math.Max(1e-3, Math.Abs(Math.Log(y))));
        }
        Assert.Equal((0.0, double.NegativeInfinity, 1.0), (StableMath.Log(1), StableMath.Log(0), StableMath.Exp(0)));
    }
}
