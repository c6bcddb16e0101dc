using System.Diagnostics;
using System.Globalization;
using ExampleMlFarm.Bench.Training;

// Steps per second of one training, 64-256-256-128, batch 128, one thread: ours, TorchSharp's and python3-torch's in turn, so that
// a busy machine hurts all alike. The figure to hold is the ratio.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
int rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 4;
var contenders = new List<(string Name, Func<double> StepsPerSecond)> { ("ours", Ours.Measure), ("TorchSharp (libtorch 2.10)", TorchSharpLoop.Measure) };
if (File.Exists("/usr/bin/python3")) contenders.Add(("python3-torch (Debian)", PythonTorch.Measure));
var best = new double[contenders.Count];
for (int round = 0; round < rounds; round++)
    for (int i = 0; i < contenders.Count; i++) best[i] = Math.Max(best[i], contenders[i].StepsPerSecond());
for (int i = 0; i < contenders.Count; i++) Console.WriteLine($"{contenders[i].Name,-30} {best[i],8:f0} steps/s   {best[0] / best[i],6:f2} x");
