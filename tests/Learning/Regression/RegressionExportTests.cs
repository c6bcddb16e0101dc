using ExampleMlFarm.Learning.Inference;
using ExampleMlFarm.Learning.Onnx;
using ExampleMlFarm.Learning.Regression;
using ExampleMlFarm.Tests.Learning.Linear;
using ExampleMlFarm.Tests.Learning.Oracles;
using static ExampleMlFarm.Tests.Learning.Regression.KernelRegressionTests;

namespace ExampleMlFarm.Tests.Learning.Regression;

/// <summary>What other programs read: the model file gives the numbers of the model.</summary>
public class RegressionExportTests
{
    private static readonly double[] X = [.. RidgeTests.Normal(400).Select(v => (double)(float)v)], Y = RidgeTests.Normal(303)[3..];

    public static TheoryData<string> Names => [.. Models.Keys];

    private static readonly SortedDictionary<string, Func<IRegressionModel>> Models = new(StringComparer.Ordinal)
    {
        ["linear"] = () => LinearRegression.Fit(X, 4, Y, 3, new() { WeightDecay = 0.1, Standardize = true }).Model,
        ["nearest"] = () => NeighbourModel.Fit(X, 4, Y, 3, new()),
        ["nearest standardised"] = () => NeighbourModel.Fit(X, 4, Y, 3, new() { Standardize = true }),
        ["uniform"] = () => NeighbourModel.Fit(X, 4, Y, 3, new() { Neighbours = 5, Weights = NeighbourWeights.Uniform }),
        ["all uniform"] = () => NeighbourModel.Fit(X, 4, Y, 3, new() { Neighbours = 100, Weights = NeighbourWeights.Uniform }),
        ["inverse distance"] = () => NeighbourModel.Fit(X, 4, Y, 3, new() { Neighbours = 5, Weights = NeighbourWeights.InverseDistance }),
        ["gaussian weights"] = () => NeighbourModel.Fit(X, 4, Y, 3, new() { Neighbours = 5, Weights = NeighbourWeights.Gaussian, Width = 0.4 }),
        ["adaptive gaussian weights"] = () => NeighbourModel.Fit(X, 4, Y, 3, new() { Neighbours = 5, Weights = NeighbourWeights.Gaussian, Standardize = true }),
        ["weights penalty"] = () => KernelRegression.Fit(X, 4, Y, 3, new() { Kernel = Kernel(KernelKind.Gaussian), WeightDecay = 1e-9 }).Model,
        ["thin plate with its plane"] = () => KernelRegression.Fit(X, 4, Y, 3, Rkhs(KernelKind.ThinPlate) with { Standardize = true }).Model,
    };

    static RegressionExportTests()
    {
        foreach (var kind in Enum.GetValues<KernelKind>()) Models[$"kernel {kind}"] = () => KernelRegression.Fit(X, 4, Y, 3, Rkhs(kind)).Model;
    }

    [Theory, MemberData(nameof(Names))]
    public void Model_file_gives_the_models_own_predictions_in_any_batch(string name)
    {
        var model = Models[name]();
        float[] rows = [.. X.Take(80).Select(v => (float)v), .. RidgeTests.Normal(404)[4..].Select(v => (float)(2 * v))];
        float[] own = model.Predict((ReadOnlySpan<float>)rows);
        byte[] file = model.ToOnnx(new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" });
        Assert.Equal(file, Models[name]().ToOnnx(new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" }));
        using var sessions = new InferenceSessions();
        var opened = sessions.Open(file);
        opened.Require(4, 3);
        Assert.Equal("1", opened.Metadata["a"]);
        float[] runtime = opened.Evaluate(rows);
        float scale = own.Max(MathF.Abs);
        for (int i = 0; i < own.Length; i++) Assert.Equal(own[i], runtime[i], 1e-5f * scale);
        Assert.Equal(runtime, opened.Evaluate(rows, maxBatch: 7));
        Assert.Equal(runtime[..3], opened.Evaluate(rows.AsMemory(0, 4)));
    }

    [Fact]
    public void Pythons_checker_accepts_every_model()
    {
        Python.Require("onnx");
        string output = Python.Run("""
            import onnx, glob
            for name in sorted(glob.glob('*.onnx')):
                model = onnx.load(name)
                onnx.checker.check_model(model, full_check=True)
                assert model.ir_version == 8 and model.opset_import[0].version == 17
                assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == 'N'
                assert [d.dim_value for d in model.graph.output[0].type.tensor_type.shape.dim][1] == 3
                print('ok')
            """, [.. Models.Select(m => ($"{m.Key}.onnx", m.Value().ToOnnx()))]);
        Assert.Equal(Models.Count, output.Split("ok").Length - 1);
    }

    [Theory, MemberData(nameof(Names))]
    public void Tensors_and_description_can_be_read_by_our_own_parsers(string name)
    {
        var model = Models[name]();
        Assert.Equal(model.ToTensors(), Models[name]().ToTensors());
        ExampleMlFarm.Learning.States.TensorFile.Parse(model.ToTensors());
        var description = OnnxDescription.Read(model.ToOnnx());
        Assert.Equal((8, 17, "input: float32 [N, 4]", "output: float32 [N, 3]"),
            (description.IrVersion, description.Opset, description.Inputs.Single().ToString(), description.Outputs.Single().ToString()));
    }

    [Fact]
    public void Ties_on_a_grid_fall_in_the_file_as_in_the_model()
    {
        double[] grid = [.. Enumerable.Range(0, 81).SelectMany(i => new double[] { i % 9, i / 9 })], targets = [.. Enumerable.Range(0, 81).Select(i => (double)i)];
        var model = NeighbourModel.Fit(grid, 2, targets, 1, new());
        float[] queries = [.. Enumerable.Range(0, 256).SelectMany(i => new[] { i % 16 / 2f, i / 16 / 2f })];
        using var sessions = new InferenceSessions();
        Assert.Equal(model.Predict((ReadOnlySpan<float>)queries), sessions.Open(model.ToOnnx()).Evaluate(queries));
    }
}
