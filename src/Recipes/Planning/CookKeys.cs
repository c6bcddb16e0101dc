using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>
/// Cook keys of a node's items: a hash over all that decides a result, so that equal keys mean equal results. Keys come in runs, so a million generated
/// items are one.
/// </summary>
/// <remarks>One per lease (or per node when planning): digests of whole upstream nodes are worked out once. Not safe for several threads.</remarks>
public sealed class CookKeys
{
    private readonly RecipeProgram program;
    private readonly NodeProgram node;
    private readonly IItemInputs inputs;
    private readonly NodeKey key;
    private readonly RunId run;
    private readonly Dictionary<(ContentHash, string), ContentHash> salted = [];
    private ContentHash? fixedBase;

    /// <summary>Keys of one node.</summary>
    /// <param name="program">The recipe.</param>
    /// <param name="node">The node.</param>
    /// <param name="run">The run, which salts the keys of <see cref="CacheMode.Write"/> nodes.</param>
    /// <param name="inputs">Upstream results.</param>
    public CookKeys(RecipeProgram program, NodeProgram node, RunId run, IItemInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(node);
        (this.program, this.node, this.run, this.inputs) = (program, node, run, inputs);
        key = program.KeyOf(node);
    }

    /// <summary>The named parts of a node's own key.</summary>
    public static KeyParts PartsOf(RecipeProgram program, NodeProgram node)
    {
        ArgumentNullException.ThrowIfNull(program);
        return program.KeyOf(node).Parts;
    }

    /// <summary>Keys from an item on: one run that starts at <paramref name="index"/> and ends at or before <paramref name="end"/>.</summary>
    public KeyRun At(long index, long end)
    {
        long times = node.Times, at = index / times, most = Math.Max(1, end - index);
        var result = node.Kind == NodeKind.Expander ? OfExpander(index, most) : OfSource(at, index, times == 1 ? most : 1);
        if (node.Wedge is { } wedge) result = new(Salted(result.Base, "leg " + wedge.KeyText(index % wedge.Legs)), result.Index, 1);
        if (node.Frames is { } frames)
        {
            long frame = index % frames.Length;
            var chain = node.Source is ItemSource.Single ? result.Base : Salted(result.Base, $"chain {result.Index}");
            result = new(chain, frame, Math.Min(most, frames.Length - frame));
        }
        if (key.Salts.Count > 0 || key.Files.Count > 0) result = new(Salted(result.Base, SaltOf(index)), result.Index, 1);
        return node.Cache == CacheMode.Write ? result with { Base = Salted(result.Base, $"run {run}") } : result;
    }

    private KeyRun OfSource(long at, long index, long most)
    {
        var start = fixedBase ??= WithWholeNodes();
        switch (node.Source)
        {
            case ItemSource.Generated: return new(start, at, most);
            case ItemSource.Listed l:
                return new(Salted(start, "entry " + string.Join(", ", l.Entries[(int)at].OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key} = {new Expressions.Expression.Literal(e.Value)}"))), 0, 1);
            case ItemSource.From:
                var up = inputs.KeyOf(0, at, most);
                return new(Salted(start, up.Base), up.Index, up.Length);
            case ItemSource.Selected s:
                long member = s.Chosen is { } chosen ? chosen[(int)at] : inputs.Members(0, index)[0].Start;
                var one = inputs.KeyOf(0, member, 1);
                return new(Salted(start, one.Base), one.Index, 1);
            case ItemSource.Each:
                var of = inputs.KeyOf(0, inputs.Members(0, index)[0].Start, 1);
                return new(Salted(Salted(start, of.Base), $"example of {of.Index}"), inputs.PositionInExpansion(index), 1);
            case ItemSource.Collected c:
                string value = c.Rule.By is { Count: > 0 } by
                    ? " group " + string.Join(", ", by.Select(name => $"{name} = {program.AttributeOf(node, index, name, inputs)}")) : "";
                // Members that failed put nothing out, but a cook may list them, so that they belong to its result.
                var absent = inputs.Absent(0, index);
                return new(Salted(start, DigestOf(0, inputs.Members(0, index)) + value + (absent.IsEmpty ? "" : $" without {absent}")), 0, 1);
            default: return new(start, at, 1);
        }
    }

    // An expander's item says which upstream indices others read, so positions count as well as content.
    private KeyRun OfExpander(long index, long most)
    {
        if (node.Dependencies[0].Mapping is Mapping.OneToOne && node.Expands!.Source is ItemSource.Each)
        {
            var up = inputs.KeyOf(0, index, most);
            return new(Salted(key.Base, up.Base), up.Index, up.Length);
        }
        var members = inputs.Members(0, index);
        return new(Salted(key.Base, $"{DigestOf(0, members)} of {members}"), 0, 1);
    }

    private ContentHash WithWholeNodes()
    {
        var result = key.Base;
        for (int d = 0; d < node.Dependencies.Count; d++)
        {
            var dependency = node.Dependencies[d];
            if (dependency.OrderOnly || dependency.Mapping is not Mapping.All || (d == 0 && node.Source.Parent is not null)) continue;
            result = Salted(result, $"input {d} {DigestOf(d, inputs.Members(d, 0))}");
        }
        return result;
    }

    /// <summary>SHA-256 over the key runs of upstream items, runs that go on counted as one.</summary>
    private ContentHash DigestOf(int dependency, RangeSet members)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = new byte[48];
        KeyRun open = default;
        foreach (var range in members)
        {
            for (long i = range.Start; i < range.End;)
            {
                var next = inputs.KeyOf(dependency, i, range.End - i);
                i += next.Length;
                if (open.Length > 0 && next.Base == open.Base && next.Index == open.Index + open.Length)
                {
                    open = open with { Length = open.Length + next.Length };
                    continue;
                }
                Append(open);
                open = next;
            }
        }
        Append(open);
        return new(hash.GetHashAndReset());

        void Append(KeyRun run)
        {
            if (run.Length == 0) return;
            run.Base.CopyTo(bytes);
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(32), run.Index);
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(40), run.Length);
            hash.AppendData(bytes);
        }
    }

    private string SaltOf(long index)
    {
        var names = new ItemNames(node, index, inputs);
        var text = new StringBuilder("item");
        foreach (string name in key.Salts)
            text.Append(' ').Append(name).Append(" = ").Append(names.Attribute(name) is { } v ? new Expressions.Expression.Literal(v).ToString() : "nothing").Append(';');
        foreach (var file in key.Files)
            text.Append(' ').Append(file.Option.Name).Append(" = ").Append(string.Join(' ', PathsOf(file.Evaluate(names)).Select(new KeyTexts(program.Source.Files).OfFile))).Append(';');
        return text.ToString();
    }

    private static IEnumerable<string> PathsOf(System.Text.Json.Nodes.JsonNode? json) => json switch
    {
        System.Text.Json.Nodes.JsonArray a => a.SelectMany(PathsOf),
        System.Text.Json.Nodes.JsonValue v => [v.GetValue<string>()],
        _ => [],
    };

    private ContentHash Salted(ContentHash start, ContentHash with) => Salted(start, with.ToString());

    private ContentHash Salted(ContentHash start, string with)
    {
        if (salted.TryGetValue((start, with), out var known)) return known;
        var bytes = new byte[32 + Encoding.UTF8.GetByteCount(with)];
        start.CopyTo(bytes);
        Encoding.UTF8.GetBytes(with, bytes.AsSpan(32));
        var result = ContentHash.Of(bytes);
        // Legs and upstream bases repeat and are worth keeping; values of single items do not.
        if (salted.Count < 4096) salted[(start, with)] = result;
        return result;
    }
}
