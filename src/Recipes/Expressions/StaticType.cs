namespace ExampleMlFarm.Recipes.Expressions;

/// <summary>The type of an expression before it is evaluated. <see cref="Any"/> = known only when it is.</summary>
/// <param name="Name">Name in messages.</param>
/// <param name="Entry">Type of the entries of a list, else null.</param>
public sealed record StaticType(string Name, StaticType? Entry = null)
{
    /// <summary>A whole number.</summary>
    public static StaticType Int { get; } = new("int");
    /// <summary>A number.</summary>
    public static StaticType Float { get; } = new("float");
    /// <summary>Text.</summary>
    public static StaticType Text { get; } = new("string");
    /// <summary>A truth value.</summary>
    public static StaticType Bool { get; } = new("bool");
    /// <summary>A file.</summary>
    public static StaticType File { get; } = new("file");
    /// <summary>Another node.</summary>
    public static StaticType Node { get; } = new("node");
    /// <summary>Not known before it is evaluated.</summary>
    public static StaticType Any { get; } = new("any");

    /// <summary>A list of that.</summary>
    public static StaticType ListOf(StaticType entry) => new("list", entry);

    /// <summary>True for int, float and what may turn out to be one.</summary>
    public bool MayBeNumber => this == Int || this == Float || this == Any;

    /// <summary>True for text and files, and what may turn out to be one.</summary>
    public bool MayBeText => this == Text || this == File || this == Any;

    /// <summary>True for bool and what may turn out to be one.</summary>
    public bool MayBeBool => this == Bool || this == Any;

    /// <summary>True for lists and what may turn out to be one.</summary>
    public bool MayBeList => Entry is not null || this == Any;

    /// <summary>The type that holds both.</summary>
    public static StaticType Join(StaticType a, StaticType b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a == b) return a;
        if (a == Any || b == Any) return Any;
        if (a.MayBeNumber && b.MayBeNumber) return Float;
        if (a.MayBeText && b.MayBeText) return Text;
        return a.Entry is not null && b.Entry is not null ? ListOf(Join(a.Entry, b.Entry)) : Any;
    }

    /// <summary>True when a value of this type may stand where <paramref name="wanted"/> is wanted; ints stand for floats.</summary>
    public bool Fits(StaticType wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return this == wanted || this == Any || wanted == Any || (this == Int && wanted == Float) || (MayBeText && wanted.MayBeText)
            || (Entry is not null && wanted.Entry is not null && Entry.Fits(wanted.Entry));
    }

    /// <summary>The type of that name as parameters and attributes write it; null when there is none.</summary>
    public static StaticType? Named(string name) => name switch
    {
        "int" => Int,
        "float" => Float,
        "string" => Text,
        "bool" => Bool,
        "file" => File,
        "list" => ListOf(Any),
        _ => null,
    };

    /// <inheritdoc/>
    public override string ToString() => Entry is null || Entry == Any ? Name : $"list of {Entry}";
}
