using ExampleMlFarm.Nodes.Algebra.LinearSolver;
using ExampleMlFarm.Nodes.Basics;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Nodes.Deformer.AnalyzeDeformer;
using ExampleMlFarm.Nodes.Deformer.ExportDeformer;
using ExampleMlFarm.Nodes.Deformer.LearningCurve;
using ExampleMlFarm.Nodes.Deformer.MlDeform;
using ExampleMlFarm.Nodes.Examples.MlExample;
using ExampleMlFarm.Nodes.Examples.MlExampleDecompose;
using ExampleMlFarm.Nodes.Examples.MlExampleRawOutput;
using ExampleMlFarm.Nodes.Reduction.Pca;
using ExampleMlFarm.Nodes.Regression.MlRegressionKernel;
using ExampleMlFarm.Nodes.Regression.MlRegressionLinear;
using ExampleMlFarm.Nodes.Regression.MlRegressionProximity;
using ExampleMlFarm.Nodes.Rigs.BoneDeform;
using ExampleMlFarm.Nodes.Rigs.ConfigureJointLimits;
using ExampleMlFarm.Nodes.Rigs.MlPoseDeserialize;
using ExampleMlFarm.Nodes.Rigs.MlPoseGenerate;
using ExampleMlFarm.Nodes.Rigs.MlPoseSerialize;
using ExampleMlFarm.Nodes.Rigs.RestDisplacement;
using ExampleMlFarm.Nodes.Tissue.ArmatureCapture;
using ExampleMlFarm.Nodes.Tissue.ArmatureDeform;
using ExampleMlFarm.Nodes.Training.MlRegressionInference;
using ExampleMlFarm.Nodes.Training.MlTrainRegression;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes;

/// <summary>The one list of node types. What is not in here does not exist for recipes.</summary>
public static class Catalogue
{
    /// <summary>Every type, in the order in which people should read them.</summary>
    public static IReadOnlyList<NodeType> All { get; } =
    [
        NoOp.Type,

        ConfigureJointLimits.Type,
        MlPoseGenerate.Type,
        MlPoseSerialize.Type,
        MlPoseDeserialize.Type,
        BoneDeform.Type,
        RestDisplacement.Type,

        ArmatureCapture.Type,
        ArmatureDeform.Type,

        MlExample.Type,
        MlExampleDecompose.Type,
        MlExampleRawOutput.Type,
        PcaNode.Type,
        LinearSolverNode.Type,

        MlTrainRegression.Type,
        MlRegressionLinear.Type,
        MlRegressionKernel.Type,
        MlRegressionProximity.Type,
        MlRegressionInference.Type,

        AnalyzeDeformer.Type,
        DeformerLearningCurve.Type,
        MlDeformerExport.Type,
        MlDeform.Type,
    ];

    private static readonly Dictionary<string, NodeType> ByName = All.ToDictionary(t => t.Descriptor.Name, StringComparer.Ordinal);

    /// <summary>What recipes are checked against.</summary>
    public static INodeCatalogue Descriptors { get; } = new NodeCatalogue(All.Select(t => t.Descriptor));

    /// <summary>The type of that name; a recipe that was checked has no other.</summary>
    public static NodeType Get(string name) => ByName.TryGetValue(name, out var type) ? type
        : throw new InvalidOperationException($"there is no node type '{name}', although a checked recipe names it");
}
