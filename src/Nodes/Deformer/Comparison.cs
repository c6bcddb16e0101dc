using ExampleMlFarm.Learning.Metrics;

namespace ExampleMlFarm.Nodes.Deformer;

/// <summary>Vertex errors of several predictors on one set of poses.</summary>
/// <param name="Set">Name of the set.</param>
/// <param name="Poses">The poses.</param>
/// <param name="Rows">One per predictor, in their order.</param>
public sealed record Comparison(string Set, IReadOnlyList<TestPose> Poses, IReadOnlyList<ComparisonRow> Rows)
{
    /// <summary>The row of a predictor.</summary>
    public ComparisonRow Of(string predictor) => Rows.First(r => r.Predictor == predictor);

    /// <summary>Measures every predictor on every pose.</summary>
    /// <param name="set">Name of the set.</param>
    /// <param name="poses">The poses; at least one.</param>
    /// <param name="predictors">Skinning alone must be the first.</param>
    /// <param name="inputs">The character and how displacements are put on it.</param>
    /// <param name="check">Called once per pose: throws when the item should stop.</param>
    public static Comparison Measure(string set, IReadOnlyList<TestPose> poses, IReadOnlyList<Predictor> predictors, DeformerInputs inputs, Action check)
    {
        int points = inputs.Stage.Character.PointCount;
        var shapes = new ShapeErrors(inputs.Stage.Character.Triangles);
        var rows = new List<ComparisonRow>();
        foreach (var predictor in predictors)
        {
            var distances = new double[poses.Count * points];
            var perPose = new double[poses.Count];
            var shape = new ShapeErrorSummary[poses.Count];
            var skin = new double[3 * points];
            for (int p = 0; p < poses.Count; p++)
            {
                check();
                if (predictor.Displace is { } displace) inputs.Deform(poses[p].Pose, displace(poses[p]), skin);
                else poses[p].Skinned.CopyTo(skin, 0);
                var measured = VertexErrors.Distances(skin, poses[p].Truth);
                measured.CopyTo(distances, p * points);
                perPose[p] = measured.Average();
                shape[p] = shapes.Measure(skin, poses[p].Truth);
            }
            var summary = VertexErrors.Summarise(distances, inputs.Stage.Character.Diagonal);
            rows.Add(new(predictor.Name, summary, ShapeErrorSummary.Mean(shape), perPose, rows.Count == 0 ? 0 : VertexErrors.Gain(summary.Mean, rows[0].Error.Mean)));
        }
        return new(set, poses, rows);
    }
}

/// <summary>One predictor on one set.</summary>
/// <param name="Predictor">Its name.</param>
/// <param name="Error">Over all points of all poses.</param>
/// <param name="Shape">Errors of normals, edges and volume, mean over the poses.</param>
/// <param name="MeanOfPose">Mean error of each pose.</param>
/// <param name="Gain">1 − mean error / mean error of skinning alone.</param>
public sealed record ComparisonRow(string Predictor, VertexErrorSummary Error, ShapeErrorSummary Shape, IReadOnlyList<double> MeanOfPose, double Gain);
