using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Tests.Recipes;

/// <summary>Node types that look like the real ones and cook nothing.</summary>
internal static class FakeCatalogue
{
    public sealed record NoOptions;

    public sealed record Capture
    {
        [Option("Rigged character", Required = true)] public RecipeFile Character { get; init; }
        [Option("Edge of the cage's cells", Unit = "m", Min = 0, MinExcluded = true)] public double CellSize { get; init; } = 0.05;
    }

    public sealed record Poses
    {
        [Option("Rigged character", Required = true)] public RecipeFile Character { get; init; }
        [Option("Seed", Min = 0)] public long Seed { get; init; }
    }

    public sealed record Deform
    {
        [Option("Captured character", Required = true)] public NodeInput? Capture { get; init; }
        [Option("Steps from rest to pose", Min = 1, Max = 1000)] public int Steps { get; init; } = 10;
        [Option("Softness", Unit = "1/Pa", Min = 0)] public double Compliance { get; init; } = 1e-6;
        [Option("Threads", Min = 1, NotInKey = true)] public int Threads { get; init; } = 1;
    }

    public sealed record Rest
    {
        [Option("Captured character", Required = true)] public NodeInput? Capture { get; init; }
    }

    public enum PcaMode { Analyze, Project, Reconstruct, RoundTrip }

    public sealed record Pca
    {
        [Option("What it does")] public PcaMode Mode { get; init; } = PcaMode.Analyze;
        [Option("Components kept", Min = 1, Max = 4096)] public int Components { get; init; } = 32;
        [Option("Basis to project on")] public NodeInput? Basis { get; init; }
    }

    public enum PoseMode { Full, Subskeleton }

    public sealed record Serialize
    {
        [Option("Joints")] public PoseMode Mode { get; init; } = PoseMode.Full;
    }

    public sealed record Split
    {
        [Option("Share for training", Unit = "fraction", Min = 0, Max = 1)] public double Train { get; init; } = 0.8;
        [Option("Share for validation", Unit = "fraction", Min = 0, Max = 1)] public double Validation { get; init; } = 0.1;
        [Option("Share for tests", Unit = "fraction", Min = 0, Max = 1)] public double Test { get; init; } = 0.1;
    }

    public sealed record Dataset
    {
        [Option("Operators on inputs")] public OperatorChain Input { get; init; } = OperatorChain.Empty;
        [Option("Operators on targets")] public OperatorChain Target { get; init; } = OperatorChain.Empty;
        [Option("Parts")] public Split Split { get; init; } = new();
    }

    public sealed record EarlyStopping
    {
        [Option("Epochs without improvement", Min = 0)] public int Patience { get; init; } = 10;
    }

    public enum Activation { Relu, Gelu, Silu }

    public sealed record Train
    {
        [Option("Data set", Required = true)] public NodeInput? Dataset { get; init; }
        [Option("Hidden layers", Min = 0, Max = 64)] public int HiddenLayers { get; init; } = 2;
        [Option("Weight decay", Min = 0)] public double WeightDecay { get; init; }
        [Option("Learning rate", Min = 0, MinExcluded = true)] public double LearningRate { get; init; } = 1e-3;
        [Option("Activation")] public Activation Activation { get; init; } = Activation.Gelu;
        [Option("Widths of layers", Min = 1)] public IReadOnlyList<int> Widths { get; init; } = [256];
        [Option("Stops early")] public EarlyStopping EarlyStopping { get; init; } = new();
        [Option("Weights of losses")] public IReadOnlyDictionary<string, double>? LossWeights { get; init; }
        [Option("Keeps checkpoints")] public bool Checkpoints { get; init; } = true;
    }

    public sealed record Analyze
    {
        [Option("Data set", Required = true)] public NodeInput? Dataset { get; init; }
        [Option("Basis", Required = true)] public NodeInput? Basis { get; init; }
        [Option("Captured character", Required = true)] public NodeInput? Capture { get; init; }
        [Option("Unseen poses", Min = 1, Max = 10000)] public int Unseen { get; init; } = 32;
    }

    public sealed record Import
    {
        [Option("Table", Required = true)] public RecipeFile File { get; init; }
    }

    public sealed record NoOp
    {
        [Option("Any text")] public string Text { get; init; } = "";
        [Option("Any number")] public double Number { get; init; }
    }

    public static INodeCatalogue Instance { get; } = new NodeCatalogue(
    [
        NodeDescriptor.From<NoOp>("no_op", 1, "Does nothing.") with { Input = DataKind.Any, Output = DataKind.Any },
        NodeDescriptor.From<Capture>("armature_capture", 1, "Wraps a character in tetrahedra.") with { Input = DataKind.None, Output = DataKind.Geometry },
        NodeDescriptor.From<Poses>("ml_pose_generate", 1, "Draws poses.") with { Input = DataKind.None, Output = DataKind.Geometry },
        NodeDescriptor.From<Deform>("armature_deform", 3, "Solves the flesh.") with { Input = DataKind.Geometry, Output = DataKind.Geometry, NeedsInput = true },
        NodeDescriptor.From<NoOptions>("ml_example_decompose", 1, "Takes examples apart.") with { Input = DataKind.Examples, Output = DataKind.Examples, NeedsInput = true, IsOperator = true },
        NodeDescriptor.From<NoOptions>("ml_example", 1, "Packs examples.") with { Input = DataKind.Geometry, Output = DataKind.Examples, NeedsInput = true, IsOperator = true },
        NodeDescriptor.From<Rest>("rest_displacement", 1, "Displacements at rest.") with { Input = DataKind.Geometry, Output = DataKind.Geometry, NeedsInput = true, IsOperator = true },
        NodeDescriptor.From<Serialize>("ml_pose_serialize", 1, "Poses to numbers.") with { Input = DataKind.Geometry, Output = DataKind.Geometry, NeedsInput = true, IsOperator = true },
        NodeDescriptor.From<Pca>("pca", 2, "Principal components.") with { Input = DataKind.Examples, Output = DataKind.Basis, NeedsInput = true, IsOperator = true },
        NodeDescriptor.From<Dataset>("ml_example_raw_output", 1, "Writes a data set.") with { Input = DataKind.Examples, Output = DataKind.Dataset, NeedsInput = true },
        NodeDescriptor.From<Train>("ml_train_regression", 1, "Trains a network.") with { Input = DataKind.None, Output = DataKind.Model, Metrics = [new("training/loss", "Loss on training data"), new("validation/loss", "Loss on validation data")] },
        NodeDescriptor.From<Analyze>("analyze_deformer", 1, "Compares with skinning.") with { Input = DataKind.Model, Output = DataKind.Report, NeedsInput = true, Metrics = [new("gain", "1 - error / error of skinning")] },
        NodeDescriptor.From<Import>("table_import", 1, "Reads a table.") with { Input = DataKind.None, Output = DataKind.Examples, HasOpenAttributes = true },
        NodeDescriptor.From<NoOptions>("scatter", 1, "Makes examples that know their number.") with { Input = DataKind.None, Output = DataKind.Examples, DynamicAttributes = [new("number", StaticType.Int, "Its number")] },
    ]);
}

/// <summary>Files that exist in a test.</summary>
internal sealed class FakeFiles(params (string Path, string Content)[] files) : IRecipeFiles
{
    public string Resolve(string path) => RecipeFile.HasScheme(path) ? path : System.IO.Path.GetFullPath(path, "/recipes");

    public ContentHash? HashOf(string fullPath)
    {
        foreach (var (path, content) in files)
            if (Resolve(path) == fullPath) return ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(content));
        return null;
    }
}

internal static class Compiling
{
    public static RecipeProgram Program(string text, params (string Name, string Value)[] parameters)
    {
        var result = Result(text, parameters);
        return result.Program ?? throw new Xunit.Sdk.XunitException(string.Join('\n', result.Errors));
    }

    public static CompileResult Result(string text, params (string Name, string Value)[] parameters)
        => RecipeCompiler.Compile(text, "r.yaml", parameters.ToDictionary(p => p.Name, p => p.Value), FakeCatalogue.Instance, new FakeFiles(("a.csv", "1,2"), ("b.csv", "3,4"), ("fox.glb", "fox"), ("tool.py", "print()")));

    public static string[] Errors(string text, params (string Name, string Value)[] parameters) => [.. Result(text, parameters).Errors.Select(e => e.ToString())];
}
