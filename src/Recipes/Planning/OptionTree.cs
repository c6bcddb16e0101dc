using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Yaml;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>Options as compiled: constants as JSON, the rest as expressions that know what they must give.</summary>
internal abstract record OptionTree
{
    private OptionTree() { }

    /// <summary>True when no item is needed to evaluate it.</summary>
    public abstract bool IsConstant { get; }

    /// <summary>The value for one item.</summary>
    public abstract JsonNode? Evaluate(IExpressionNames names);

    /// <summary>What decides about the value, as text for cook keys.</summary>
    public abstract string KeyText(KeyTexts texts);

    /// <summary>The trees directly inside.</summary>
    public virtual IEnumerable<OptionTree> Children => [];

    /// <summary>A constant.</summary>
    public sealed record Fixed(JsonNode? Json, bool IsFile) : OptionTree
    {
        public override bool IsConstant => true;
        public override JsonNode? Evaluate(IExpressionNames names) => Json?.DeepClone();
        public override string KeyText(KeyTexts texts) => IsFile && Json is not null ? texts.OfFile(Json.GetValue<string>()) : CanonicalJson.Write(Json);
    }

    /// <summary>Another node.</summary>
    public sealed record Node(string Name, TextMark Mark) : OptionTree
    {
        public int Dependency { get; set; } = -1;
        public override bool IsConstant => true;
        public override JsonNode? Evaluate(IExpressionNames names) => new JsonObject { [OptionRecords.NodeMarker] = Name, ["dependency"] = (long)Dependency };
        // The upstream node's own key stands for it; its name does not.
        public override string KeyText(KeyTexts texts) => $"input {Dependency}";
    }

    /// <summary>An expression over the item.</summary>
    public sealed record Evaluated(Template Template, OptionDescriptor Option, TextMark Mark, Func<string, string> PathOf) : OptionTree
    {
        public override bool IsConstant => false;
        public bool IsFile => Option.Type is OptionType.File;

        public override JsonNode? Evaluate(IExpressionNames names)
        {
            Value value;
            try
            {
                value = Template.Evaluate(names);
            }
            catch (ExpressionException e)
            {
                throw FarmException.Invalid("recipe.expression", $"option \"{Option.Name}\"{AddressOf(names)} (line {Mark.Line}): {e.Message}");
            }
            var json = OptionConversion.ToJson(value, Option, PathOf, out string? error);
            return error is null ? json : throw FarmException.Invalid("recipe.option", $"option \"{Option.Name}\"{AddressOf(names)} (line {Mark.Line}): {error}");
        }

        public override string KeyText(KeyTexts texts) => texts.Of(Template);

        private static string AddressOf(IExpressionNames names) => names is ItemNames item ? $" of {item.Address}" : "";
    }

    /// <summary>A list.</summary>
    public sealed record Entries(IReadOnlyList<OptionTree> Of) : OptionTree
    {
        public override bool IsConstant => Of.All(o => o.IsConstant);
        public override JsonNode? Evaluate(IExpressionNames names) => new JsonArray([.. Of.Select(o => o.Evaluate(names))]);
        public override string KeyText(KeyTexts texts) => $"[{string.Join(", ", Of.Select(o => o.KeyText(texts)))}]";
        public override IEnumerable<OptionTree> Children => Of;
    }

    /// <summary>Named options, in the order of their descriptors.</summary>
    public sealed record Fields(IReadOnlyList<(OptionDescriptor Option, OptionTree Tree)> Of) : OptionTree
    {
        public override bool IsConstant => Of.All(o => o.Tree.IsConstant);
        public override JsonNode? Evaluate(IExpressionNames names) => new JsonObject(Of.Select(o => KeyValuePair.Create(o.Option.Name, o.Tree.Evaluate(names))));
        public override string KeyText(KeyTexts texts) => $"{{{string.Join(", ", Of.Where(o => !o.Option.NotInKey).Select(o => $"{o.Option.Name}: {o.Tree.KeyText(texts)}"))}}}";
        public override IEnumerable<OptionTree> Children => Of.Select(o => o.Tree);
    }

    /// <summary>Free names, in ordinal order.</summary>
    public sealed record Map(IReadOnlyList<KeyValuePair<string, OptionTree>> Of) : OptionTree
    {
        public override bool IsConstant => Of.All(o => o.Value.IsConstant);
        public override JsonNode? Evaluate(IExpressionNames names) => new JsonObject(Of.Select(o => KeyValuePair.Create(o.Key, o.Value.Evaluate(names))));
        public override string KeyText(KeyTexts texts) => $"{{{string.Join(", ", Of.Select(o => $"{o.Key}: {o.Value.KeyText(texts)}"))}}}";
        public override IEnumerable<OptionTree> Children => Of.Select(o => o.Value);
    }

    /// <summary>Operators.</summary>
    public sealed record Chain(IReadOnlyList<(NodeDescriptor Type, Fields Options)> Of) : OptionTree
    {
        public override bool IsConstant => Of.All(o => o.Options.IsConstant);
        public override JsonNode? Evaluate(IExpressionNames names)
            => new JsonArray([.. Of.Select(o => (JsonNode)new JsonObject { ["operator"] = o.Type.Name, ["options"] = o.Options.Evaluate(names) })]);
        public override string KeyText(KeyTexts texts) => $"[{string.Join(", ", Of.Select(o => $"{o.Type.Name}@{o.Type.Version} {o.Options.KeyText(texts)}"))}]";
        public override IEnumerable<OptionTree> Children => Of.Select(o => o.Options);
    }

    /// <summary>Every tree in this one, itself first.</summary>
    public IEnumerable<OptionTree> Descendants() => new[] { this }.Concat(Children.SelectMany(c => c.Descendants()));

    /// <summary>Calls back for every name that its expressions read; options outside the key are left out on demand.</summary>
    public void CollectReads(Action<string, string, int> read, bool keyOnly)
    {
        if (this is Evaluated e) e.Template.CollectReads(read);
        else if (this is Fields f)
        {
            foreach (var (option, tree) in f.Of)
                if (!keyOnly || !option.NotInKey) tree.CollectReads(read, keyOnly);
        }
        else foreach (var child in Children) child.CollectReads(read, keyOnly);
    }
}
