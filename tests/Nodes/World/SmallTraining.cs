using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Examples;

namespace ExampleMlFarm.Tests.Nodes.World;

/// <summary>A data set of 60 rows of 3 + 2 numbers, and one training on it with the options of a test.</summary>
internal static class SmallTraining
{
    public const int Rows = 60;

    /// <summary>Cooks the training with these lines under <c>with:</c>.</summary>
    public static RecipeRun Cook(string options, Action<RecipeRun>? prepare = null, string split = "")
    {
        var run = Prepared(options, split);
        prepare?.Invoke(run);
        run.Cook("train");
        return run;
    }

    /// <summary>The same up to the data set.</summary>
    public static RecipeRun Prepared(string options, string split = "", string nodes = "")
    {
        var run = new RecipeRun($$$"""
            recipe: 1
            nodes:
              limits: { uses: configure_joint_limits, with: { character: "builtin:limb" } }
              poses: { generate: {{{Rows}}}, uses: ml_pose_generate, with: { limits: "${{ nodes.limits }}" } }
              pairs: { from: poses, uses: ml_example }
              dataset: { collect: pairs, uses: ml_example_raw_output, with: { seed: 7{{{split}}} } }
              train:
                uses: ml_train_regression
                with: { dataset: "${{ nodes.dataset }}", hidden_width: 8, hidden_layers: 1, max_batch_size: 16, {{{options}}} }

            """ + nodes);
        run.Cook("pairs");
        for (int i = 0; i < Rows; i++)
        {
            float a = MathF.Sin(i), b = MathF.Cos(3 * i), c = MathF.Sin(7 * i + 1);
            run.Replace("pairs", i, _ => Example.Labeled(Cloud("x", a, b, c), Cloud("y", a * b, MathF.Tanh(b - c))).Geometry);
        }
        return run.Cook("dataset");
    }

    /// <summary>An input like those of the data set.</summary>
    public static GeometryData Input(int i) => Cloud("x", MathF.Sin(i), MathF.Cos(3 * i), MathF.Sin(7 * i + 1));

    private static GeometryData Cloud(string name, params float[] values) => GeometryData.PointCloud(new float[3 * values.Length]).With(AttributeClass.Point, name, AttributeValues.Of(values));
}
