using System.Diagnostics;
using ExampleMlFarm.Learning.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace ExampleMlFarm.Bench.Training;

/// <summary>The usual loop of TorchSharp: modules, autograd, its Adam.</summary>
internal static class TorchSharpLoop
{
    public static double Measure()
    {
        TorchLibrary.Load();
        using var scope = NewDisposeScope();
        var (inputs, targets) = Ours.Data();
        var x = tensor(inputs).reshape(-1, Ours.In);
        var y = tensor(targets).reshape(-1, Ours.Out);
        using var net = nn.Sequential(nn.Linear(Ours.In, 256), nn.Tanh(), nn.Linear(256, 256), nn.Tanh(), nn.Linear(256, Ours.Out));
        using var adam = optim.Adam(net.parameters(), 1e-3);
        Epoch();
        long start = Stopwatch.GetTimestamp();
        Epoch();
        return Ours.Steps / Stopwatch.GetElapsedTime(start).TotalSeconds;

        void Epoch()
        {
            using var order = randperm(x.shape[0]);
            for (int step = 0; step < Ours.Steps; step++)
            {
                using var inner = NewDisposeScope();
                var rows = order.slice(0, step * Ours.Batch, (step + 1) * Ours.Batch, 1);
                adam.zero_grad();
                var loss = nn.functional.mse_loss(net.forward(x.index_select(0, rows)), y.index_select(0, rows));
                loss.backward();
                adam.step();
            }
        }
    }
}
