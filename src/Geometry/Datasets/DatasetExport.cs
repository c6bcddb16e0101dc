using System.Runtime.InteropServices;
using System.Text.Json;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Files;
using ExampleMlFarm.Geometry.Formats;

namespace ExampleMlFarm.Geometry.Datasets;

/// <summary>Writes a data set, or one split of it, in formats that other programs read.</summary>
public static class DatasetExport
{
    /// <summary>
    /// NPZ with <c>input</c> <c>[n, input_width]</c>, <c>target</c> <c>[n, target_width]</c>, <c>example_id</c> <c>[n]</c> int64 and
    /// <c>split</c> <c>[n]</c> uint8 (index among the splits of dataset.json).
    /// </summary>
    /// <exception cref="FarmException"><c>dataset.too_large</c>, <c>dataset.no_split</c></exception>
    public static void ToNpz(Dataset dataset, string path, string? split = null, bool compress = false)
    {
        var rows = dataset.Read(split);
        NumpyFile.WriteNpz(path,
        [
            NamedArray.Of("input", rows.Inputs, rows.Count, dataset.InputWidth),
            NamedArray.Of("target", rows.Targets, rows.Count, dataset.TargetWidth),
            NamedArray.Of("example_id", rows.Examples),
            NamedArray.Of("split", Selected(dataset, split).Select(r => (byte)dataset.SplitOf(r)).ToArray()),
        ], compress);
    }

    /// <summary>
    /// Little-endian float32 rows, input then target, without a header; what they are stands in <c>path.json</c> beside them.
    /// </summary>
    public static void ToRaw(Dataset dataset, string path, string? split = null)
    {
        using var file = new PublishedFile(path);
        var buffered = new BufferedStream(file.Stream, 1 << 20);
        var count = 0L;
        foreach (var row in Selected(dataset, split))
        {
            buffered.Write(MemoryMarshal.AsBytes(dataset.Input(row)));
            buffered.Write(MemoryMarshal.AsBytes(dataset.Target(row)));
            count++;
        }
        buffered.Flush();
        file.Publish();
        using var sidecar = new MemoryStream();
        using (var json = new Utf8JsonWriter(sidecar, new() { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("dtype", "float32");
            json.WriteString("byte_order", "little");
            json.WriteNumber("rows", count);
            json.WriteNumber("input_width", dataset.InputWidth);
            json.WriteNumber("target_width", dataset.TargetWidth);
            json.WriteString("split", split);
            json.WritePropertyName("input_contributions");
            WriteList(json, dataset.Manifest.InputContributions);
            json.WritePropertyName("target_contributions");
            WriteList(json, dataset.Manifest.TargetContributions);
            json.WriteString("dataset_sha256", dataset.Manifest.Sha256.ToString());
            json.WriteEndObject();
        }
        PublishedFile.Write(path + ".json", sidecar.ToArray());
    }

    /// <summary>Columns <c>example_id, split, input_0 …, target_0 …</c>; for small sets.</summary>
    public static void ToCsv(Dataset dataset, string path, string? split = null)
    {
        using var csv = new CsvWriter(path, ["example_id", "split",
            .. Enumerable.Range(0, dataset.InputWidth).Select(i => $"input_{i}"), .. Enumerable.Range(0, dataset.TargetWidth).Select(i => $"target_{i}")]);
        foreach (var row in Selected(dataset, split))
        {
            csv.Add(dataset.Example(row)).Add(dataset.Manifest.Splits[dataset.SplitOf(row)].Name);
            csv.Add(dataset.Input(row)).Add(dataset.Target(row)).EndRow();
        }
        csv.Publish();
    }

    private static IEnumerable<long> Selected(Dataset dataset, string? split)
    {
        if (split is not null)
        {
            foreach (var row in dataset.RowsOf(split)) yield return row;
            yield break;
        }
        for (var row = 0L; row < dataset.Rows; row++) yield return row;
    }

    private static void WriteList(Utf8JsonWriter json, Contributions.ContributionList? list)
    {
        if (list is null) json.WriteNullValue();
        else list.WriteTo(json);
    }
}
