using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Contributions;
using ExampleMlFarm.Geometry.Datasets;
using ExampleMlFarm.Geometry.Examples;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Examples.MlExampleRawOutput;

/// <summary>
/// Writes all labeled examples of a node as a data set: one row each, in the order of the items, whatever the order they were cooked in. Memory
/// is bounded by a shard.
/// </summary>
public static class MlExampleRawOutput
{
    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.Of<MlExampleRawOutputOptions>(
        NodeDescriptor.From<MlExampleRawOutputOptions>("ml_example_raw_output", 2, "Writes labeled examples as a data set of safetensors shards.") with
        {
            Family = "examples",
            Input = DataKind.Examples,
            Output = DataKind.Dataset,
            NeedsInput = true,
            HoudiniNames = ["rop_ml_exampleraw", "ml_exampleoutput"],
            Metrics = [new("rows", "Rows written"), new("missing", "Examples that failed or were discarded"), new("input_width", "Numbers of an input row"), new("target_width", "Numbers of a target row")],
            Example = ExampleRecipe.Data,
        },
        Cook);

    private static void Cook(MlExampleRawOutputOptions options, CookContext cook)
    {
        ContributionList? inputs = null, targets = null;
        DatasetWriter? writer = null;
        string folder = Path.Combine(cook.Scratch, "dataset");
        try
        {
            int inputLength = -1, targetLength = -1;
            long key = 0, missing = 0, total = cook.From.Count, done = 0;
            var absent = cook.From.Absent;
            var waiting = new List<(long Key, bool Failed, string Reason)>();
            foreach (var item in cook.From)
            {
                cook.ThrowIfCancelled();
                MissBefore(item.Index);
                var collection = ExampleCollection.Require(item.Geometry(), item.ToString());
                if (collection.PrimitiveCount == 0) Miss(key++, false, $"{item} was discarded as invalid");
                for (int e = 0; e < collection.PrimitiveCount; e++)
                {
                    var (input, target) = Example.Decompose(collection, e);
                    input = Single(cook.Apply(options.Input, [input]), "input", item);
                    target = Single(cook.Apply(options.Target, [target]), "target", item);
                    if (IsMarked(input) || IsMarked(target))
                    {
                        Miss(key++, false, $"{item} was marked as not valid");
                        continue;
                    }
                    inputs ??= ContributionNames.Resolve(input, options.InputContributions, "input");
                    targets ??= ContributionNames.Resolve(target, options.TargetContributions, "target");
                    if (writer is null)
                    {
                        writer = new DatasetWriter(folder, Options(options, inputs, targets, Described(input, target), cook));
                        foreach (var (earlier, failed, reason) in waiting) Tell(writer, earlier, failed, reason);
                    }
                    writer.Add(key++, Vector(input, inputs, ref inputLength, "input", item), Vector(target, targets, ref targetLength, "target", item));
                }
                if (++done % 64 == 0) cook.Progress((double)done / total);
            }
            MissBefore(long.MaxValue);
            if (writer is null)
                throw FarmException.Invalid("dataset.empty", $"none of the {total} items of '{cook.From.Upstream}' holds a labeled example: make them with ml_example from an input and a target");
            var manifest = writer.Finish();
            Emit(cook, folder, manifest);
            cook.Metric("rows", manifest.Rows);
            cook.Metric("missing", missing);
            cook.Metric("input_width", manifest.InputWidth);
            cook.Metric("target_width", manifest.TargetWidth);
            cook.Log($"{manifest.Rows} rows of {manifest.InputWidth} + {manifest.TargetWidth} numbers in {manifest.Shards.Count} shards, {missing} missing, sha256 {manifest.Sha256}");

            // An item that put nothing out counts as one example, in its place among the others.
            void MissBefore(long index)
            {
                while (!absent.IsEmpty && absent[0].Start < index)
                {
                    long at = absent.TakeFirst(1).Start;
                    Miss(key++, true, $"{cook.From.Upstream}/{at} failed or was skipped");
                }
            }

            void Miss(long at, bool failed, string reason)
            {
                missing++;
                if (writer is null) waiting.Add((at, failed, reason));
                else Tell(writer, at, failed, reason);
            }
        }
        finally
        {
            writer?.Dispose();
        }
    }

    private static float[] Vector(GeometryData component, ContributionList contributions, ref int length, string which, CookInputItem item)
    {
        var vector = ComponentVector.Serialize(component, contributions);
        if (length < 0) length = vector.Length;
        return vector.Length == length ? vector : throw FarmException.Invalid("dataset.length",
            $"the {which} of {item} has {vector.Length} numbers ({component.PointCount} points) and those before it {length}: all rows of a data set need the same length; leave the item out, or give all components the same points");
    }

    private static void Tell(DatasetWriter writer, long key, bool failed, string reason)
    {
        if (failed) writer.Fail(key, reason);
        else writer.Exclude(key, reason);
    }

    private static DatasetOptions Options(MlExampleRawOutputOptions options, ContributionList inputs, ContributionList targets, IReadOnlyDictionary<string, string> metadata, CookContext cook) => new()
    {
        InputContributions = inputs,
        TargetContributions = targets,
        // By name, so that writing the same shares in another order gives the same data set.
        Splits = [.. options.Split.OrderBy(s => SplitOrder(s.Key)).ThenBy(s => s.Key, StringComparer.Ordinal).Select(s => new SplitShare(s.Key, s.Value))],
        Seed = (ulong)options.Seed,
        RecipeHash = cook.Lineage.ToString(),
        Metadata = metadata,
        ShardRows = options.ShardRows > 0 ? options.ShardRows : null,
    };

    /// <summary>
    /// What the components say of themselves in text (how a pose was written, which basis was projected on): whoever uses the data set can undo it.
    /// </summary>
    private static SortedDictionary<string, string> Described(GeometryData input, GeometryData target)
    {
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (which, component) in new[] { ("input", input), ("target", target) })
            foreach (var (name, values) in component.Attributes(AttributeClass.Detail))
                if (values.Type == AttributeType.String && values.Length == 1) metadata[$"{which}.{name}"] = values.Strings[0];
        return metadata;
    }

    /// <summary>True for components that the operators found unfit, such as outliers of a basis.</summary>
    private static bool IsMarked(GeometryData component) =>
        component.Find(AttributeClass.Detail, "valid") is { Type: AttributeType.Int32, Length: 1 } valid && valid.Int32[0] == 0;

    private static int SplitOrder(string name) => name switch { "train" => 0, "validation" => 1, "test" => 2, _ => 3 };

    private static GeometryData Single(IReadOnlyList<GeometryData> geometry, string which, CookInputItem item) => geometry.Count == 1 ? geometry[0]
        : throw FarmException.Invalid("dataset.component", $"the operators of '{which}' made {geometry.Count} geometries of {item} where one is needed");

    private static void Emit(CookContext cook, string folder, DatasetManifest manifest)
    {
        foreach (var shard in manifest.Shards) cook.EmitFile("dataset/shard", shard.File, Path.Combine(folder, shard.File));
        cook.EmitFile("dataset/manifest", DatasetManifest.FileName, Path.Combine(folder, DatasetManifest.FileName));
    }
}
