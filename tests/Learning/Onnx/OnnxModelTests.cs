using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Inference;
using ExampleMlFarm.Learning.Native;
using ExampleMlFarm.Learning.Networks;
using ExampleMlFarm.Learning.Onnx;
using ExampleMlFarm.Learning.Training;
using ExampleMlFarm.Tests.Learning.Oracles;
using ExampleMlFarm.Tests.Learning.Training;
using TorchSharp;

namespace ExampleMlFarm.Tests.Learning.Onnx;

public class OnnxModelTests
{
    public static TheoryData<Activation> Activations => [.. Enum.GetValues<Activation>()];

    [Theory]
    [MemberData(nameof(Activations))]
    public void Exported_model_agrees_with_torchsharp_and_with_our_own_evaluation(Activation activation)
    {
        var (network, rows) = Trained(activation);
        using var sessions = new InferenceSessions();
        float[] runtime = sessions.Open(OnnxModel.Write(network)).Evaluate(rows);
        float[] own = network.Evaluate(rows);
        TorchLibrary.Load();
        using var module = TorchNetwork.Build(network);
        using var outputs = module.forward(torch.tensor(rows).reshape(-1, network.InputLength));
        float[] reference = outputs.data<float>().ToArray();
        float scale = reference.Max(MathF.Abs);
        for (int i = 0; i < reference.Length; i++)
        {
            Assert.Equal(reference[i], runtime[i], 1e-5f * scale);
            Assert.Equal(reference[i], own[i], 1e-5f * scale);
        }
    }

    [Fact]
    public void Pythons_checker_accepts_every_activation()
    {
        Python.Require("onnx");
        var files = Enum.GetValues<Activation>().Select(a => ($"{a}.onnx", OnnxModel.Write(Trained(a).Network, new Dictionary<string, string> { ["key"] = "välue" }))).ToArray();
        string output = Python.Run("""
            import onnx, glob
            for name in sorted(glob.glob('*.onnx')):
                model = onnx.load(name)
                onnx.checker.check_model(model, full_check=True)
                assert model.ir_version == 8 and model.opset_import[0].version == 17
                assert model.metadata_props[0].value == 'välue'
                assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == 'N'
                print('ok')
            """, files);
        Assert.Equal(files.Length, output.Split("ok").Length - 1);
    }

    [Fact]
    public void Description_says_what_was_written()
    {
        var network = Trained(Activation.Tanh).Network;
        byte[] file = OnnxModel.Write(network, new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" }, "pose", "weights");
        var description = OnnxDescription.Read(file);
        Assert.Equal((8, 17, "mlfarm"), (description.IrVersion, description.Opset, description.Producer));
        Assert.Equal(["a", "b"], description.Metadata.Keys);
        Assert.Equal("pose: float32 [N, 4]", description.Inputs.Single().ToString());
        Assert.Equal("weights: float32 [N, 3]", description.Outputs.Single().ToString());
        Assert.Equal(network.ParameterCount + 2 * (4 + 3), description.ParameterCount);
        Assert.Equal((2, 1), (description.Operators["Gemm"], description.Operators["Tanh"]));
        Assert.Equal(file, OnnxModel.Write(network, new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" }, "pose", "weights"));
    }

    [Fact]
    public void Damaged_model_gives_a_typed_error_and_never_a_crash()
    {
        byte[] file = OnnxModel.Write(Trained(Activation.Gelu).Network);
        Assert.Throws<FarmException>(() => OnnxDescription.Read([]));
        Assert.Throws<FarmException>(() => OnnxDescription.Read("no model at all"u8));
        Gen.Select(Gen.Int[0, file.Length - 1], Gen.Byte, Gen.Bool).Sample((at, value, cut) =>
        {
            byte[] damaged = cut ? file[..at] : (byte[])file.Clone();
            if (!cut) damaged[at] = value;
            try
            {
                OnnxDescription.Read(damaged);
            }
            catch (FarmException e)
            {
                Assert.Equal("onnx.corrupt", e.Failure.Code);
            }
        }, iter: 5000, threads: 1);
        Gen.Byte.Array[0, 300].Sample(bytes =>
        {
            try { OnnxDescription.Read(bytes); }
            catch (FarmException) { }
        }, iter: 5000, threads: 1);
    }

    /// <summary>A network after a few epochs, and a thousand rows in and around its training data.</summary>
    internal static (Network Network, float[] Rows) Trained(Activation activation)
    {
        var data = Problems.Teacher(60, inputs: 4, hidden: 5, targets: 3);
        var trainer = Trainer.Create(Problems.Spec(data, 23) with { Activation = activation, ZeroLastLayer = false }, new TrainingOptions { MaxEpochs = 5, LearningRate = 0.01 }, data);
        trainer.Run();
        var rows = new float[1000 * 4];
        for (int i = 0; i < rows.Length; i++) rows[i] = 3 * MathF.Sin(i * 0.77f);
        return (trainer.Network(), rows);
    }
}
