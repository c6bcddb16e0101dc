using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Datasets;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Learning.Linear;
using ExampleMlFarm.Learning.Pca;

namespace ExampleMlFarm.Nodes.Deformer;

/// <summary>From a pose, or its truth, to a displacement of the bind pose: one way among those that are compared.</summary>
/// <param name="Name">In tables.</param>
/// <param name="Displace">The displacement, <c>[points, 3]</c>; null for skinning alone.</param>
public sealed record Predictor(string Name, Func<TestPose, float[]>? Displace);

/// <summary>The predictors that every deformer is held against.</summary>
public static class Predictors
{
    /// <summary>Name of the row of skinning alone.</summary>
    public const string Skinning = "linear blend skinning";

    /// <summary>Name of the row of the nearest example.</summary>
    public const string Nearest = "nearest example";

    /// <summary>Name of the row of ridge regression.</summary>
    public const string Ridge = "ridge regression";

    /// <summary>Name of the row of the network.</summary>
    public const string Network = "network";

    /// <summary>Name of the row of the basis alone: no model on this basis can do better.</summary>
    public const string Floor = "PCA floor";

    /// <summary>Weight decays that ridge regression chooses from, by the validation rows.</summary>
    public static readonly IReadOnlyList<double> RidgeDecays = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10];

    /// <summary>All of them, from worst to best as a rule.</summary>
    /// <param name="train">Rows learned from.</param>
    /// <param name="validation">Rows that choose the decay of ridge regression; may be empty.</param>
    /// <param name="basis">What targets are weights of.</param>
    /// <param name="serializer">Pose to input row.</param>
    /// <param name="network">Input row to weights.</param>
    public static IReadOnlyList<Predictor> All(DatasetRows train, DatasetRows validation, PcaBasis basis, PoseSerializer serializer, Func<float[], float[]> network)
    {
        int inputs = train.Inputs.Length / train.Count, targets = train.Targets.Length / train.Count;
        if (targets > basis.Count || serializer.Length != inputs)
            throw FarmException.Invalid("deformer.widths", $"the data set has rows of {inputs} + {targets} numbers, the poses {serializer.Length} and the basis {basis.Count}: they must come from one recipe");
        var range = new PcaRange(0, targets);
        var nearest = new NearestExample(train.Inputs, inputs, train.Targets, targets);
        var ridge = FitRidge(train, validation, inputs, targets);
        float[] Input(TestPose pose)
        {
            var row = new float[serializer.Length];
            serializer.Serialize(pose.Pose, row);
            return row;
        }
        return
        [
            new(Skinning, null),
            new(Nearest, pose => basis.Reconstruct(nearest.Predict(Input(pose)), range)),
            new(Ridge, pose => basis.Reconstruct(ridge.Predict((ReadOnlySpan<float>)Input(pose)), range)),
            new(Network, pose => basis.Reconstruct(network(Input(pose)), range)),
            new(Floor, pose => basis.Reconstruct(basis.Project(pose.Displacement, range), range)),
        ];
    }

    private static RidgeModel FitRidge(DatasetRows train, DatasetRows validation, int inputs, int targets)
    {
        RidgeModel? best = null;
        double bestError = double.PositiveInfinity;
        foreach (double decay in validation.Count > 0 ? RidgeDecays : [1e-2])
        {
            var model = Learning.Linear.Ridge.Fit(train.Inputs, inputs, train.Targets, targets, decay);
            double error = 0;
            var predicted = model.Predict((ReadOnlySpan<float>)validation.Inputs);
            for (int i = 0; i < predicted.Length; i++) error += Math.Pow(predicted[i] - (double)validation.Targets[i], 2);
            if (best is not null && error >= bestError) continue;
            (best, bestError) = (model, error);
        }
        return best!;
    }
}
