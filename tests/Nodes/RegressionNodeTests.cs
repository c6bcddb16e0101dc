using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Examples;
using ExampleMlFarm.Learning.Inference;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Tests.Nodes.Basics;
using ExampleMlFarm.Tests.Nodes.World;

namespace ExampleMlFarm.Tests.Nodes;

/// <summary>The regression nodes as trainers and as one step, on examples of two points with one number each that give three.</summary>
public sealed class RegressionNodeTests
{
    private const int Count = 40;

    public static TheoryData<string, string> Models => new()
    {
        { "ml_regression_linear", "{}" },
        { "ml_regression_linear", """{ "weight_decays": [0.001, 0.1, 10], "standardize": true }""" },
        { "ml_regression_kernel", """{ "penalty": "rkhs", "leave_one_out": true, "weight_decays": [1e-4, 1e-2] }""" },
        { "ml_regression_kernel", """{ "kernel": "sigmoid", "weight_decay": 0.01 }""" },
        { "ml_regression_kernel", """{ "kernel": "thin_plate", "penalty": "rkhs", "width": 0 }""" },
        { "ml_regression_kernel", """{ "nystrom_limit": 30, "landmarks": 15 }""" },
        { "ml_regression_proximity", """{ "k": 3, "weights": "inverse_distance" }""" },
    };

    [Theory, MemberData(nameof(Models))]
    public void A_trained_model_file_gives_what_one_step_predicts_alone_and_packed(string node, string options)
    {
        using var trainer = new RecordedCook();
        var collected = trainer.GeometryInput("collect", 0, Examples());
        Catalogue.Get(node).Cook(Options(options), trainer.Context(inputs: [collected]));
        Assert.Equal(["model.onnx", "weights.safetensors", "hyperparameters.json", "outputs.csv"], trainer.Files.Keys.Take(4));
        Assert.Equal(options.Contains("weight_decays", StringComparison.Ordinal), trainer.Files.ContainsKey("candidates.csv"));
        Assert.Equal(Count, trainer.Metrics.Single(m => m.Name == "rows").Value);
        Assert.All(trainer.Metrics, m => Assert.True(double.IsFinite(m.Value), m.Name));
        using var sessions = new InferenceSessions();
        var model = sessions.Open(trainer.Files["model.onnx"]);
        Assert.Contains("\"v\"", model.Metadata["mlfarm.input_contributions"], StringComparison.Ordinal);

        var queries = Enumerable.Range(0, 5).Select(i => Input(1000 + i)).ToArray();
        var packed = Predict(node, options, GeometryData.Collection([.. queries.Select(q => new PackedPrimitive(q))]));
        for (int i = 0; i < queries.Length; i++)
        {
            float[] expected = model.Evaluate(Values(queries[i], "v"));
            float[] single = Values(Predict(node, options, queries[i]), "w");
            Assert.Equal(single, Values(GeometryTransform.Unpack(packed.Packed(i)), "w"));
            for (int c = 0; c < 3; c++) Assert.Equal(expected[c], single[c], 1e-5f);
        }
    }

    [Fact]
    public void A_training_input_gives_its_own_target_and_says_which_it_was()
    {
        for (int i = 0; i < Count; i += 7)
        {
            var prediction = Predict("ml_regression_proximity", "{}", Input(i));
            Assert.Equal(Values(Target(i), "w"), Values(prediction, "w"));
            Assert.Equal(i, prediction.Find(AttributeClass.Detail, "example_index")!.Int32[0]);
            Assert.Equal(0, prediction.Find(AttributeClass.Detail, "distance")!.Float32[0]);
        }
    }

    [Fact]
    public void A_regression_on_a_data_set_stands_in_for_a_network()
    {
        using var run = new RecipeRun("""
            recipe: 1
            nodes:
              limits: { uses: configure_joint_limits, with: { character: "builtin:limb" } }
              poses: { generate: 12, uses: ml_pose_generate, with: { limits: "${{ nodes.limits }}" } }
              numbers: { from: poses, uses: ml_pose_serialize, with: { character: "${{ nodes.limits }}" } }
              skins: { from: poses, uses: bone_deform, with: { character: "${{ nodes.limits }}" } }
              pairs: { from: skins, uses: ml_example }
              dataset: { collect: pairs, uses: ml_example_raw_output, with: { target_contributions: [P], input: { ml_pose_serialize: { character: "${{ nodes.limits }}" } } } }
              linear: { uses: ml_regression_linear, with: { dataset: "${{ nodes.dataset }}", weight_decay: 0.1 } }
              guess: { from: numbers, uses: ml_regression_inference, with: { model: "${{ nodes.linear }}", output_attribute: P, output_tuple_size: 3 } }
              at_once: { from: numbers, uses: ml_regression_linear, with: { mode: predict, dataset: "${{ nodes.dataset }}", weight_decay: 0.1 } }
              as_step: { from: poses, steps: [{ ml_pose_serialize: { character: "${{ nodes.limits }}" } }, { ml_regression_linear: { mode: predict, dataset: "${{ nodes.dataset }}", weight_decay: 0.1 } }] }
              wrong: { from: poses, steps: [{ ml_regression_linear: { dataset: "${{ nodes.dataset }}" } }] }
            """);
        run.Cook("pairs");
        for (int i = 0; i < 12; i++)
        {
            var pose = run.Store.Geometry(run["poses"][i].Output("geometry"));
            run.Replace("pairs", i, skin => Example.Labeled(pose, GeometryTransform.Unpack(skin.Packed(0))).Geometry);
        }
        run.Cook();
        Assert.Null(run["as_step"][0].Failure);
        Assert.Equal("regression.mode", run["wrong"][0].Failure!.Code);
        Assert.True(run["linear"].Single().Metric("train/loss") < 0.5);
        for (int i = 0; i < 12; i++)
        {
            float[] guess = Values(run.Store.Geometry(run["guess"][i].Output("geometry")), "P"), once = Values(run.Store.Geometry(run["at_once"][i].Output("geometry")), "P");
            Assert.Equal(once, Values(run.Store.Geometry(run["as_step"][i].Output("geometry")), "P"));
            for (int k = 0; k < guess.Length; k++) Assert.Equal(guess[k], once[k], 1e-4f);
        }
    }

    [Theory]
    [InlineData("ml_regression_linear", "{}", false, "regression.examples", "there is nothing to learn from")]
    [InlineData("ml_regression_linear", """{ "mode": "predict" }""", true, "regression.examples", "needs 'dataset'")]
    [InlineData("ml_regression_proximity", """{ "k": 41 }""", true, "regression.option", "k is 41; it must lie between 1 and the 40 examples")]
    [InlineData("ml_regression_kernel", """{ "weight_decays": [-1], "leave_one_out": true }""", true, "regression.option", "is -1")]
    [InlineData("ml_regression_linear", """{ "input_contributions": ["u"] }""", true, "contribution.missing", "'u'")]
    public void What_cannot_be_learned_is_refused_with_what_is_needed(string node, string options, bool given, string code, string says)
    {
        using var cook = new RecordedCook();
        var context = given ? cook.Context(inputs: [cook.GeometryInput("collect", 0, Examples())]) : cook.Context();
        var failure = Assert.Throws<FarmException>(() => Catalogue.Get(node).Cook(Options(options), context)).Failure;
        Assert.Equal(code, failure.Code);
        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Examples_and_queries_that_do_not_fit_are_refused()
    {
        using var cook = new RecordedCook();
        var other = Example.Labeled(Points("v", [1, 2, 3]), Target(0)).Geometry;
        var context = cook.Context(inputs: [cook.GeometryInput("collect", 0, [.. Examples(), other])]);
        var failure = Assert.Throws<FarmException>(() => Catalogue.Get("ml_regression_linear").Cook([], context)).Failure;
        Assert.Contains("upstream/40 has 3 numbers and those before it 2", failure.Message, StringComparison.Ordinal);
        Assert.Contains("component 0 has 3 numbers", Assert.Throws<FarmException>(() => Predict("ml_regression_linear", "{}", Points("v", [1, 2, 3]))).Failure.Message, StringComparison.Ordinal);
        Assert.Contains("'v'", Assert.Throws<FarmException>(() => Predict("ml_regression_linear", "{}", Points("u", [1, 2]))).Failure.Message, StringComparison.Ordinal);
    }

    private static GeometryData Predict(string node, string options, GeometryData query)
    {
        using var cook = new RecordedCook();
        var all = Options(options);
        all["mode"] = "predict";
        all["examples"] = new JsonObject { ["$node"] = "examples", ["dependency"] = 1L };
        Catalogue.Get(node).Cook(all, cook.Context(inputs: [cook.GeometryInput("from", 0, query), cook.GeometryInput("examples", 1, Examples())]));
        return Assert.Single(cook.Geometry).Value;
    }

    private static JsonObject Options(string json) => JsonNode.Parse(json)!.AsObject();

    private static GeometryData[] Examples() => [.. Enumerable.Range(0, Count).Select(i => Example.Labeled(Input(i), Target(i)).Geometry)];

    private static GeometryData Input(int i)
    {
        var random = CounterRandom.Keyed(3, "test", i, "input");
        return Points("v", [(float)random.Normal(0), (float)random.Normal(1)]);
    }

    private static GeometryData Target(int i)
    {
        float[] v = Values(Input(i), "v");
        return Points("w", [v[0] - 2 * v[1], MathF.Sin(v[0]), v[0] * v[1]]);
    }

    private static GeometryData Points(string name, float[] values) => GeometryData.PointCloud(new float[3 * values.Length]).With(AttributeClass.Point, name, AttributeValues.Of(values));

    private static float[] Values(GeometryData geometry, string name) => geometry.Require(AttributeClass.Point, name).ToFloat32();
}
