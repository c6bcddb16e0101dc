using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Formats;
using ExampleMlFarm.Geometry.Segments;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>Copies of outputs under names that people chose: complete under that name, or not there.</summary>
internal static class FileCopies
{
    /// <summary>
    /// The name that an output gets as a file: its own, with the extension of the file that a program wrote (output <c>image</c> of tag <c>file/png</c> is
    /// <c>image.png</c>).
    /// </summary>
    public static string NameOf(OutputRef output)
    {
        string name = Path.GetFileName(output.Name);
        string kind = output.Tag.StartsWith("file/", StringComparison.Ordinal) ? output.Tag[5..] : "";
        return Path.HasExtension(name) || kind.Length is 0 or > 5 ? name : $"{name}.{kind}";
    }

    /// <summary>Writes one output; a row of a segment as <c>.npz</c> with an array for each numeric attribute, named <c>point/P</c>.</summary>
    public static void Write(ArtifactStore store, OutputRef output, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (output.Row < 0)
        {
            string draft = $"{path}.{Environment.ProcessId}.draft";
            using (var from = store.Open(output.Hash, output.SizeBytes))
            using (var to = File.Create(draft)) from.CopyTo(to);
            File.Move(draft, path, overwrite: true);
            return;
        }
        var geometry = SegmentReader.ReadRow(store.VerifiedPath(output.Hash, output.SizeBytes), checked((int)output.Row));
        NumpyFile.WriteNpz(path, [.. Enum.GetValues<AttributeClass>().SelectMany(of => geometry.Attributes(of).Where(a => a.Value.IsNumeric).Select(a => ArrayOf($"{of.ToString().ToLowerInvariant()}/{a.Key}", a.Value)))]);
    }

    private static NamedArray ArrayOf(string name, AttributeValues values)
    {
        Array array = values.Type switch
        {
            AttributeType.Float32 => values.Float32.ToArray(),
            AttributeType.Float64 => values.Float64.ToArray(),
            AttributeType.Int32 => values.Int32.ToArray(),
            _ => values.Int64.ToArray(),
        };
        return NamedArray.Of(name, array, values.Count, values.TupleSize);
    }
}
