namespace ExampleMlFarm.Recipes.Expressions;

/// <summary>An expression as a tree. Equality looks at meaning, not at places.</summary>
public abstract record Expression
{
    private Expression() { }

    /// <summary>Where it starts in its text (of an operator: the operator), in characters.</summary>
    public int At { get; init; }

    /// <summary>A value.</summary>
    public sealed record Literal(Value Value) : Expression;

    /// <summary>A name: a root such as <c>item</c>, or the variable of a comprehension.</summary>
    public sealed record Name(string Text) : Expression;

    /// <summary><c>item.radius</c>.</summary>
    public sealed record Member(Expression Of, string Text) : Expression;

    /// <summary><c>list[0]</c>.</summary>
    public sealed record Index(Expression Of, Expression Position) : Expression;

    /// <summary><c>list[1:3]</c>, <c>list[::2]</c>.</summary>
    public sealed record Slice(Expression Of, Expression? Start, Expression? Stop, Expression? Step) : Expression;

    /// <summary><c>-x</c>, <c>+x</c>, <c>not x</c>.</summary>
    public sealed record Unary(string Operator, Expression Of) : Expression;

    /// <summary><c>+ - * / // % **</c>, <c>and</c>, <c>or</c>.</summary>
    public sealed record Binary(string Operator, Expression Left, Expression Right) : Expression;

    /// <summary><c>a &lt; b &lt;= c</c>, <c>x in list</c>, <c>x not in list</c>.</summary>
    public sealed record Compare(Expression First, IReadOnlyList<string> Operators, IReadOnlyList<Expression> Rest) : Expression
    {
        /// <inheritdoc/>
        public bool Equals(Compare? other) => other is not null && First.Equals(other.First) && Operators.SequenceEqual(other.Operators) && Rest.SequenceEqual(other.Rest);
        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(First, Operators.Count);
    }

    /// <summary><c>a if condition else b</c>.</summary>
    public sealed record Conditional(Expression Then, Expression Condition, Expression Else) : Expression;

    /// <summary><c>[a, b]</c>.</summary>
    public sealed record ListOf(IReadOnlyList<Expression> Entries) : Expression
    {
        /// <inheritdoc/>
        public bool Equals(ListOf? other) => other is not null && Entries.SequenceEqual(other.Entries);
        /// <inheritdoc/>
        public override int GetHashCode() => Entries.Count;
    }

    /// <summary><c>[x * 2 for x in list if x > 0]</c>.</summary>
    public sealed record Comprehension(Expression Entry, string Variable, Expression Source, Expression? Condition) : Expression;

    /// <summary><c>min(a, b)</c>.</summary>
    public sealed record Call(string Function, IReadOnlyList<Expression> Arguments) : Expression
    {
        /// <inheritdoc/>
        public bool Equals(Call? other) => other is not null && Function == other.Function && Arguments.SequenceEqual(other.Arguments);
        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Function, Arguments.Count);
    }

    /// <summary>Places do not count.</summary>
    public virtual bool Equals(Expression? other) => other is not null && EqualityContract == other.EqualityContract;

    /// <inheritdoc/>
    public override int GetHashCode() => EqualityContract.GetHashCode();

    /// <summary>The expressions directly inside.</summary>
    public IEnumerable<Expression> Children => this switch
    {
        Member m => [m.Of],
        Index i => [i.Of, i.Position],
        Slice s => new[] { s.Of, s.Start, s.Stop, s.Step }.OfType<Expression>(),
        Unary u => [u.Of],
        Binary b => [b.Left, b.Right],
        Compare c => [c.First, .. c.Rest],
        Conditional c => [c.Condition, c.Then, c.Else],
        ListOf l => l.Entries,
        Comprehension c => c.Condition is null ? [c.Source, c.Entry] : [c.Source, c.Condition, c.Entry],
        Call c => c.Arguments,
        _ => [],
    };

    /// <inheritdoc/>
    public sealed override string ToString() => ExpressionPrinter.Print(this);
}

/// <summary>An expression that cannot be read, checked or evaluated, with the place inside its text.</summary>
public sealed class ExpressionException(string message, int at) : Exception(message)
{
    /// <summary>Character in the expression's text.</summary>
    public int At { get; } = at;
}
