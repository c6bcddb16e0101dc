using System.Collections.Immutable;

namespace ExampleMlFarm.Learning.Onnx;

/// <summary>One input or output of a model; a dimension is a number, a name such as "N", or "?" where the model does not say.</summary>
public sealed record OnnxValue(string Name, string ElementType, ImmutableArray<string> Shape)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {ElementType} [{string.Join(", ", Shape)}]";
}

/// <summary>
/// What a model file says about itself, read without running anything: safe for files from anywhere, also in processes that must
/// not crash.
/// </summary>
/// <param name="IrVersion">Version of the file format.</param>
/// <param name="Opset">Version of the default operator set; 0 when it names none.</param>
/// <param name="Producer">The program that wrote it.</param>
/// <param name="Metadata">metadata_props; of a key given twice the last counts.</param>
/// <param name="Inputs">Inputs without the initializers that old files list among them.</param>
/// <param name="Outputs">Outputs in order.</param>
/// <param name="Operators">Operator types of the graph's nodes and how often each occurs.</param>
/// <param name="ParameterCount">Entries of all initializers.</param>
public sealed record OnnxDescription(long IrVersion, long Opset, string Producer, ImmutableSortedDictionary<string, string> Metadata,
    ImmutableArray<OnnxValue> Inputs, ImmutableArray<OnnxValue> Outputs, ImmutableSortedDictionary<string, int> Operators, long ParameterCount)
{
    /// <summary>Largest file that is read: protobuf itself ends at 2 GiB.</summary>
    public const int MaxFileBytes = int.MaxValue;

    private const int MaxEntries = 1_000_000;
    private const int MaxShape = 64;

    /// <summary>Reads a model.</summary>
    /// <exception cref="Core.FarmException"><c>onnx.corrupt</c>.</exception>
    public static OnnxDescription Read(ReadOnlySpan<byte> file)
    {
        long version = 0, opset = 0;
        string producer = "";
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal);
        ReadOnlySpan<byte> graph = default;
        bool hasGraph = false;
        var reader = new WireReader(file);
        while (reader.Next())
        {
            if (reader is { Field: 1, Kind: 0 }) version = (long)reader.Number;
            else if (reader is { Field: 2, Kind: 2 }) producer = reader.Text;
            else if (reader is { Field: 7, Kind: 2 })
            {
                graph = reader.Content;
                hasGraph = true;
            }
            else if (reader is { Field: 8, Kind: 2 }) opset = Math.Max(opset, DefaultOpset(reader.Content));
            else if (reader is { Field: 14, Kind: 2 })
            {
                var (key, value) = Pair(reader.Content);
                metadata[key] = value;
                if (metadata.Count > MaxEntries) throw WireReader.Bad($"more than {MaxEntries} metadata entries");
            }
        }
        if (!hasGraph) throw WireReader.Bad("it has no graph");
        return ReadGraph(graph, version, opset, producer, metadata.ToImmutableSortedDictionary(StringComparer.Ordinal));
    }

    private static OnnxDescription ReadGraph(ReadOnlySpan<byte> graph, long version, long opset, string producer, ImmutableSortedDictionary<string, string> metadata)
    {
        var inputs = new List<OnnxValue>();
        var outputs = new List<OnnxValue>();
        var operators = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var initializers = new HashSet<string>(StringComparer.Ordinal);
        long parameters = 0;
        int entries = 0;
        var reader = new WireReader(graph);
        while (reader.Next())
        {
            if (reader.Kind != 2) continue;
            if (++entries > MaxEntries) throw WireReader.Bad($"more than {MaxEntries} entries in its graph");
            switch (reader.Field)
            {
                case 1:
                    string type = FirstText(reader.Content, 4);
                    operators[type] = operators.GetValueOrDefault(type) + 1;
                    break;
                case 5:
                    initializers.Add(FirstText(reader.Content, 8));
                    long count = Entries(reader.Content);
                    if (count > long.MaxValue - parameters) throw WireReader.Bad("its initializers have more entries than can be");
                    parameters += count;
                    break;
                case 11:
                    inputs.Add(Value(reader.Content));
                    break;
                case 12:
                    outputs.Add(Value(reader.Content));
                    break;
            }
        }
        return new(version, opset, producer, metadata, [.. inputs.Where(i => !initializers.Contains(i.Name))], [.. outputs],
            operators.ToImmutableSortedDictionary(StringComparer.Ordinal), parameters);
    }

    private static long DefaultOpset(ReadOnlySpan<byte> message)
    {
        string domain = "";
        long version = 0;
        var reader = new WireReader(message);
        while (reader.Next())
        {
            if (reader is { Field: 1, Kind: 2 }) domain = reader.Text;
            else if (reader is { Field: 2, Kind: 0 }) version = (long)reader.Number;
        }
        return domain is "" or "ai.onnx" ? version : 0;
    }

    private static (string Key, string Value) Pair(ReadOnlySpan<byte> message) => (FirstText(message, 1), FirstText(message, 2));

    private static string FirstText(ReadOnlySpan<byte> message, int field)
    {
        var reader = new WireReader(message);
        while (reader.Next())
            if (reader.Field == field && reader.Kind == 2) return reader.Text;
        return "";
    }

    /// <summary>Product of a tensor's dims, which may be one packed field or many.</summary>
    private static long Entries(ReadOnlySpan<byte> tensor)
    {
        Int128 product = 1;
        var reader = new WireReader(tensor);
        while (reader.Next())
        {
            if (reader is { Field: 1, Kind: 0 }) product *= (long)reader.Number;
            if (product < 0 || product > long.MaxValue) throw WireReader.Bad("an initializer has a shape that cannot be");
        }
        return (long)product;
    }

    private static OnnxValue Value(ReadOnlySpan<byte> message)
    {
        string name = FirstText(message, 1), element = "?";
        var shape = new List<string>();
        var type = Inside(Inside(message, 2), 1);
        var reader = new WireReader(type);
        while (reader.Next())
            if (reader is { Field: 1, Kind: 0 }) element = ElementName((long)reader.Number);
        reader = new WireReader(Inside(type, 2));
        while (reader.Next())
        {
            if (reader is not { Field: 1, Kind: 2 }) continue;
            if (shape.Count == MaxShape) throw WireReader.Bad($"'{name}' has more than {MaxShape} dimensions");
            string length = "?";
            var dimension = new WireReader(reader.Content);
            while (dimension.Next())
            {
                if (dimension is { Field: 1, Kind: 0 }) length = ((long)dimension.Number).ToString(System.Globalization.CultureInfo.InvariantCulture);
                else if (dimension is { Field: 2, Kind: 2 }) length = dimension.Text;
            }
            shape.Add(length);
        }
        return new(name, element, [.. shape]);
    }

    private static ReadOnlySpan<byte> Inside(ReadOnlySpan<byte> message, int field)
    {
        var reader = new WireReader(message);
        while (reader.Next())
            if (reader.Field == field && reader.Kind == 2) return reader.Content;
        return default;
    }

    private static string ElementName(long type) => type switch
    {
        1 => "float32", 2 => "uint8", 3 => "int8", 6 => "int32", 7 => "int64", 8 => "string", 9 => "bool", 10 => "float16", 11 => "float64", 16 => "bfloat16", _ => $"type {type}",
    };
}
