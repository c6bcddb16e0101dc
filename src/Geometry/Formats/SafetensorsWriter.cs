using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using ExampleMlFarm.Geometry.Files;

namespace ExampleMlFarm.Geometry.Formats;

/// <summary>
/// Writes the safetensors format (u64 header length, JSON header padded with spaces to 8 bytes, raw data). Equal content gives
/// equal bytes: metadata in ordinal order, tensors by element size, largest first, then by name, as the original library has it.
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>The file, flushed and renamed into place.</summary>
    public static void Write(string path, IReadOnlyList<NamedArray> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var file = new PublishedFile(path);
        Write(file.Stream, tensors, metadata);
        file.Publish();
    }

    public static void Write(Stream stream, IReadOnlyList<NamedArray> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        stream.Write(Header([.. tensors.Select(t => (t.Name, t.Type, t.Shape))], metadata));
        foreach (var tensor in InOrder(tensors, t => t.Type, t => t.Name)) tensor.InPieces(stream.Write);
    }

    /// <summary>All that stands before the data. The data of the tensors follow in the order of <see cref="InOrder"/>.</summary>
    internal static byte[] Header(IReadOnlyList<(string Name, ElementType Type, long[] Shape)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[8]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(p => p.Key, StringComparer.Ordinal)) json.WriteString(key, value);
                json.WriteEndObject();
            }
            var offset = 0L;
            foreach (var (name, type, shape) in InOrder(tensors, t => t.Type, t => t.Name))
            {
                if (name == "__metadata__") throw new ArgumentException("A tensor cannot be named '__metadata__'.", nameof(tensors));
                var size = shape.Aggregate((long)ElementTypeNames.Of(type).SizeBytes, (product, d) => checked(product * d));
                json.WriteStartObject(name);
                json.WriteString("dtype", ElementTypeNames.Of(type).Safetensors);
                json.WriteStartArray("shape");
                foreach (var d in shape) json.WriteNumberValue(d);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += size);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        var header = buffer.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - 8);
        return header;
    }

    internal static IOrderedEnumerable<T> InOrder<T>(IEnumerable<T> tensors, Func<T, ElementType> type, Func<T, string> name) =>
        tensors.OrderByDescending(t => ElementTypeNames.Of(type(t)).SizeBytes).ThenBy(name, StringComparer.Ordinal);
}
