using System.Diagnostics;
using System.Globalization;

namespace ExampleMlFarm.Bench.Training;

/// <summary>The same loop in the distribution's PyTorch, on one thread.</summary>
internal static class PythonTorch
{
    private const string Script = """
        import torch, time
        torch.set_num_threads(1)
        net = torch.nn.Sequential(torch.nn.Linear(64, 256), torch.nn.Tanh(), torch.nn.Linear(256, 256), torch.nn.Tanh(), torch.nn.Linear(256, 128))
        adam = torch.optim.Adam(net.parameters(), lr=1e-3)
        steps = 60
        x = torch.randn(steps * 128, 64); y = torch.randn(steps * 128, 128)
        def epoch():
            order = torch.randperm(len(x))
            for i in range(0, len(x), 128):
                rows = order[i:i + 128]
                adam.zero_grad()
                loss = torch.nn.functional.mse_loss(net(x[rows]), y[rows])
                loss.backward()
                adam.step()
        epoch()
        start = time.perf_counter()
        epoch()
        print(steps / (time.perf_counter() - start))
        """;

    public static double Measure()
    {
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", Script]) { RedirectStandardOutput = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["OPENBLAS_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return double.TryParse(output, CultureInfo.InvariantCulture, out double rate) ? rate : 0;
    }
}
