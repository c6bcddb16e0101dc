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
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Losses_follow_those_of_pytorch_with_the_same_start_and_batches(int problem)
    {
        Python.Require("torch");
        var trainer = Prepare(problem);
        trainer.Run();
        double[] expected = Pytorch.Value[problem];
        Assert.Equal(12, expected.Length);
        for (int e = 0; e < 12; e++) Assert.Equal(1, trainer.Log[e].TrainLoss / expected[e], 1e-5);
    }

    private static readonly (Optimizer Optimizer, Loss Loss, Scheduler Scheduler)[] Cases =
    [
        (Optimizer.Adam, Loss.Mse, Scheduler.Constant), (Optimizer.Adamw, Loss.L1, Scheduler.Step), (Optimizer.Sgd, Loss.Huber, Scheduler.Linear),
        (Optimizer.Adadelta, Loss.Mse, Scheduler.Exponential), (Optimizer.Adam, Loss.WeightedMse, Scheduler.Cosine),
    ];

    private static TrainingData Data => Problems.Teacher(100, inputs: 6, hidden: 8, targets: 4);

    private static TrainingOptions Options(int problem) => Problems.Plain with
    {
        Optimizer = Cases[problem].Optimizer,
        Loss = Cases[problem].Loss,
        Scheduler = Cases[problem].Scheduler,
        WeightDecay = Cases[problem].Optimizer == Optimizer.Adamw ? 0.1 : 1e-3,
        LearningRate = Cases[problem].Optimizer == Optimizer.Adadelta ? 1 : 0.01,
        MaxBatchSize = 32,
        MaxEpochs = 12,
        SgdMomentum = 0.9,
        HuberDelta = 0.3,
        TargetWeights = [1, 2, 0.5f, 0],
        StepSize = 4,
        EndLearningRate = 0.001,
    };

    private static Trainer Prepare(int problem) => Trainer.Create(Problems.Spec(Data, 24, 12) with { ZeroLastLayer = false }, Options(problem), Data);

    /// <summary>Losses per epoch of every case, from one run of Python: its start is most of the time.</summary>
    private static readonly Lazy<double[][]> Pytorch = new(() =>
    {
        var layers = Prepare(0).Network().Layers.OfType<AffineLayer>().ToArray();
        string cases = string.Join(", ", Enumerable.Range(0, Cases.Length).Select(i => string.Create(CultureInfo.InvariantCulture,
            $"('{Cases[i].Optimizer}', '{Cases[i].Loss}', {Options(i).WeightDecay:r}, [{string.Join(", ", Enumerable.Range(0, 12).Select(e => LearningRates.At(Options(i), e).ToString("r", CultureInfo.InvariantCulture)))}])")));
        return Python.Rows("""
            import numpy as np, torch
            torch.set_num_threads(1)
            read = lambda name, *shape: torch.from_numpy(np.fromfile(name, '<f4').reshape(shape).copy())
            x, y = read('x', 100, 6), read('y', 100, 4)
            for kind, loss, decay, rates in [CASES]:
                net = torch.nn.Sequential(torch.nn.Linear(6, 24), torch.nn.Tanh(), torch.nn.Linear(24, 12), torch.nn.Tanh(), torch.nn.Linear(12, 4))
                for i, l in enumerate([net[0], net[2], net[4]]):
                    l.weight.data = read(f'w{i}', *l.weight.shape); l.bias.data = read(f'b{i}', *l.bias.shape)
                weights = [net[i].weight for i in (0, 2, 4)]; biases = [net[i].bias for i in (0, 2, 4)]
                groups = [dict(params=weights, weight_decay=decay if kind == 'Adamw' else 2 * decay), dict(params=biases, weight_decay=0)]
                o = dict(Adam=lambda: torch.optim.Adam(groups), Adamw=lambda: torch.optim.AdamW(groups), Sgd=lambda: torch.optim.SGD(groups, lr=1, momentum=0.9),
                         Adadelta=lambda: torch.optim.Adadelta(groups, rho=0.9))[kind]()
                w = torch.tensor([1, 2, 0.5, 0])
                f = dict(Mse=torch.nn.MSELoss(), L1=torch.nn.L1Loss(), Huber=torch.nn.HuberLoss(delta=0.3), WeightedMse=lambda p, t: (w * (p - t) ** 2).mean())[loss]
                for rate in rates:
                    for g in o.param_groups: g['lr'] = rate
                    total = 0
                    for i in range(0, 100, 32):
                        o.zero_grad()
                        l = f(net(x[i:i+32]), y[i:i+32])
                        l.backward(); o.step()
                        total += float(l) * len(x[i:i+32])
                    print(total / 100, end=' ')
                print()
            """.Replace("CASES", cases, StringComparison.Ordinal),
            [.. layers.SelectMany((l, i) => ((string, byte[])[])[($"w{i}", Bytes(l.Weight)), ($"b{i}", Bytes(l.Bias))]), ("x", Bytes(Data.Inputs.Span)), ("y", Bytes(Data.Targets.Span))]);
    });

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
