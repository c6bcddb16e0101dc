using System.Globalization;
using System.Runtime.InteropServices;
using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Native;
using ExampleMlFarm.Learning.Networks;
using ExampleMlFarm.Learning.Training;
using ExampleMlFarm.Tests.Learning.Oracles;
using TorchSharp;

namespace ExampleMlFarm.Tests.Learning.Training;

/// <summary>The hand-written passes and step rules against automatic differentiation: TorchSharp's, and python3-torch's.</summary>
public class GradientTests
{
    public static TheoryData<Activation> Activations => [.. Enum.GetValues<Activation>()];

    [Theory]
    [MemberData(nameof(Activations))]
    public void Losses_follow_those_of_automatic_differentiation(Activation activation)
    {
        TorchLibrary.Load();
        var data = Problems.Teacher(40, inputs: 5, hidden: 6, targets: 3);
        var spec = Problems.Spec(data, 17, 18) with { Activation = activation, ZeroLastLayer = false };
        var trainer = Trainer.Create(spec, Problems.Plain with { Optimizer = Optimizer.Sgd, LearningRate = 0.1, WeightDecay = 1e-3, MaxEpochs = 20 }, data);
        using var scope = torch.NewDisposeScope();
        using var module = TorchNetwork.Build(trainer.Network());
        var x = torch.tensor(data.Inputs.ToArray()).reshape(40, 5);
        var y = torch.tensor(data.Targets.ToArray()).reshape(40, 3);
        var weights = module.named_parameters().Where(p => p.name.EndsWith("weight", StringComparison.Ordinal)).Select(p => (torch.Tensor)p.parameter).ToList();
        using var sgd = torch.optim.SGD(module.parameters(), 0.1);
        for (int epoch = 0; epoch < 20; epoch++)
        {
            sgd.zero_grad();
            var loss = torch.nn.functional.mse_loss(module.forward(x), y);
            var cost = loss + 1e-3 * weights.Select(w => w.square().sum()).Aggregate((a, b) => a + b);
            cost.backward();
            double expected = loss.item<float>();
            sgd.step();
            Assert.Equal(1, trainer.RunEpoch().TrainLoss / expected, 1e-5);
        }
    }

    [Theory]
    [InlineData(Optimizer.Adam, Loss.Mse, Scheduler.Constant)]
    [InlineData(Optimizer.Adamw, Loss.L1, Scheduler.Step)]
    [InlineData(Optimizer.Sgd, Loss.Huber, Scheduler.Linear)]
    [InlineData(Optimizer.Adadelta, Loss.Mse, Scheduler.Exponential)]
    [InlineData(Optimizer.Adam, Loss.WeightedMse, Scheduler.Cosine)]
    public void Losses_follow_those_of_pytorch_with_the_same_start_and_batches(Optimizer optimizer, Loss loss, Scheduler scheduler)
    {
        Python.Require("torch");
        var data = Problems.Teacher(100, inputs: 6, hidden: 8, targets: 4);
        var spec = Problems.Spec(data, 24, 12) with { ZeroLastLayer = false };
        double decay = optimizer == Optimizer.Adamw ? 0.1 : 1e-3;
        var options = Problems.Plain with
        {
            Optimizer = optimizer, Loss = loss, Scheduler = scheduler, WeightDecay = decay, MaxBatchSize = 32, MaxEpochs = 12, LearningRate = optimizer == Optimizer.Adadelta ? 1 : 0.01,
            SgdMomentum = 0.9, HuberDelta = 0.3, TargetWeights = [1, 2, 0.5f, 0], StepSize = 4, EndLearningRate = 0.001,
        };
        var trainer = Trainer.Create(spec, options, data);
        var layers = trainer.Network().Layers.OfType<AffineLayer>().ToArray();
        trainer.Run();
        string rates = string.Join(", ", trainer.Log.Select(r => r.LearningRate.ToString("r", CultureInfo.InvariantCulture)));
        var files = layers.SelectMany((l, i) => ((string, byte[])[])[($"w{i}", Bytes(l.Weight)), ($"b{i}", Bytes(l.Bias))])
            .Append(("x", Bytes(data.Inputs.Span))).Append(("y", Bytes(data.Targets.Span))).ToArray();
        double[] expected = Python.Numbers(Python.Run($$"""
            import numpy as np, torch
            torch.set_num_threads(1)
            read = lambda name, *shape: torch.from_numpy(np.fromfile(name, '<f4').reshape(shape).copy())
            x, y = read('x', 100, 6), read('y', 100, 4)
            net = torch.nn.Sequential(torch.nn.Linear(6, 24), torch.nn.Tanh(), torch.nn.Linear(24, 12), torch.nn.Tanh(), torch.nn.Linear(12, 4))
            for i, l in enumerate([net[0], net[2], net[4]]):
                l.weight.data = read(f'w{i}', *l.weight.shape); l.bias.data = read(f'b{i}', *l.bias.shape)
            weights = [net[i].weight for i in (0, 2, 4)]; biases = [net[i].bias for i in (0, 2, 4)]
            kind, decay = '{{optimizer}}', {{decay.ToString("r", CultureInfo.InvariantCulture)}}
            groups = [dict(params=weights, weight_decay=decay if kind == 'Adamw' else 2 * decay), dict(params=biases, weight_decay=0)]
            o = dict(Adam=lambda: torch.optim.Adam(groups), Adamw=lambda: torch.optim.AdamW(groups), Sgd=lambda: torch.optim.SGD(groups, lr=1, momentum=0.9),
                     Adadelta=lambda: torch.optim.Adadelta(groups, rho=0.9))[kind]()
            w = torch.tensor([1, 2, 0.5, 0])
            f = dict(Mse=torch.nn.MSELoss(), L1=torch.nn.L1Loss(), Huber=torch.nn.HuberLoss(delta=0.3), WeightedMse=lambda p, t: (w * (p - t) ** 2).mean())['{{loss}}']
            for rate in [{{rates}}]:
                for g in o.param_groups: g['lr'] = rate
                total = 0
                for i in range(0, 100, 32):
                    o.zero_grad()
                    l = f(net(x[i:i+32]), y[i:i+32])
                    l.backward(); o.step()
                    total += float(l) * len(x[i:i+32])
                print(total / 100)
            """, files));
        Assert.Equal(12, expected.Length);
        for (int e = 0; e < 12; e++) Assert.Equal(1, trainer.Log[e].TrainLoss / expected[e], 1e-5);
    }

    [Fact]
    public void Weights_file_is_read_by_name_and_shape()
    {
        var data = Problems.Teacher(20);
        var trainer = Trainer.Create(Problems.Spec(data, 4), new TrainingOptions { MaxEpochs = 2 }, data);
        trainer.Run();
        var file = ExampleMlFarm.Learning.States.TensorFile.Parse(trainer.Weights());
        Assert.Equal(trainer.Network().Layers.OfType<AffineLayer>().First().Weight, file.Floats("layers.0.weight", 4, 3));
        Assert.Throws<FarmException>(() => file.Floats("layers.0.weight", 3, 4));
    }

    private static byte[] Bytes(ReadOnlySpan<float> values) => MemoryMarshal.AsBytes(values).ToArray();
}
