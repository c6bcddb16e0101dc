using System.Globalization;
using ExampleMlFarm.Tests.Workers.Processes;
using ExampleMlFarm.Workers.Processes;

// This program is the tests, and with the word "worker" in front the worker process that some of them start.
return args switch
{
    ["worker", .. var words] => await WorkerMain.Run(Told(words.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]))),
    ["rate", var recipe, var processes, var slots] => await Rates.Print(recipe, int.Parse(processes, CultureInfo.InvariantCulture), int.Parse(slots, CultureInfo.InvariantCulture)),
    _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
};

static WorkerStart Told(Dictionary<string, string> words) => new(words["--folder"], int.Parse(words["--slots"], CultureInfo.InvariantCulture))
{
    Pool = words.GetValueOrDefault("--pool", ""),
    Cpu = double.Parse(words.GetValueOrDefault("--cpu", "0"), CultureInfo.InvariantCulture),
    Gpu = double.Parse(words.GetValueOrDefault("--gpu", "0"), CultureInfo.InvariantCulture),
    MemoryBytes = long.Parse(words.GetValueOrDefault("--memory", "0"), CultureInfo.InvariantCulture),
    Parent = int.Parse(words.GetValueOrDefault("--parent", "0"), CultureInfo.InvariantCulture),
};
