using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Inference;
using ExampleMlFarm.Learning.Networks;
using ExampleMlFarm.Learning.Onnx;
using ExampleMlFarm.Tests.Learning.Onnx;

namespace ExampleMlFarm.Tests.Learning.Inference;

public class InferenceModelTests
{
    [Fact]
    public void A_row_has_the_same_bits_in_every_batch()
    {
        var (network, rows) = OnnxModelTests.Trained(Activation.Tanh);
        using var sessions = new InferenceSessions();
        var model = sessions.Open(OnnxModel.Write(network));
        float[] whole = model.Evaluate(rows);
        float[] own = network.Evaluate(rows);
        foreach (int batch in (int[])[1, 7, 64, 999]) Assert.Equal(whole, model.Evaluate(rows, batch));
        for (int r = 0; r < 20; r++) Assert.Equal(own[(r * 3)..(r * 3 + 3)], network.Evaluate(rows.AsSpan(r * 4, 4)));
    }

    [Fact]
    public void Equal_bytes_are_one_session()
    {
        using var sessions = new InferenceSessions();
        byte[] file = OnnxModel.Write(OnnxModelTests.Trained(Activation.Relu).Network);
        Assert.Same(sessions.Open(file), sessions.Open((byte[])file.Clone()));
    }

    [Fact]
    public void Wrong_shapes_and_contributions_are_refused_by_name()
    {
        using var sessions = new InferenceSessions();
        var network = OnnxModelTests.Trained(Activation.Relu).Network;
        var model = sessions.Open(OnnxModel.Write(network, new Dictionary<string, string> { [OnnxModel.InputContributionsKey] = "point P 3" }));
        model.Require(4, 3, "point P 3");
        Assert.Contains("rows of 4 values, but the input contributions give 5", Error(() => model.Require(5, 3)).Message);
        Assert.Contains("rows of 3 values, but the output contributions take 9", Error(() => model.Require(4, 9)).Message);
        Assert.Contains("point P 3, but is given point N 3", Error(() => model.Require(4, 3, "point N 3")).Message);
        Assert.Contains(OnnxModel.OutputContributionsKey, Error(() => model.Require(4, 3, null, "x")).Message);
        Assert.Equal("inference.shape", Error(() => model.Evaluate(new float[5])).Code);
    }

    [Fact]
    public void A_model_that_the_runtime_refuses_is_a_typed_error()
    {
        using var sessions = new InferenceSessions();
        byte[] file = OnnxModel.Write(OnnxModelTests.Trained(Activation.Relu).Network);
        int at = file.AsSpan().IndexOf("Relu"u8);
        "Rule"u8.CopyTo(file.AsSpan(at));
        Assert.Equal("inference.model", Error(() => sessions.Open(file)).Code);
        Assert.Equal("onnx.corrupt", Error(() => sessions.Open(file.AsMemory(0, file.Length / 2))).Code);
    }

    private static Failure Error(Action action) => Assert.Throws<FarmException>(action).Failure;
}
