using System.Globalization;
using ExampleMlFarm.Tests.Workers.Processes;
using ExampleMlFarm.Workers.Processes;

// This program is the tests, and with the word "worker" in front the worker process that some of them start.
return args switch
{
    ["worker", .. var words] => await WorkerMain.Run(new(words[1], int.Parse(words[3], CultureInfo.InvariantCulture))
    {
        Pool = words[5],
        MemoryBytes = long.Parse(words[7], CultureInfo.InvariantCulture),
        Parent = int.Parse(words[9], CultureInfo.InvariantCulture),
    }),
    ["rate", var recipe, var processes, var slots] => await Rates.Print(recipe, int.Parse(processes, CultureInfo.InvariantCulture), int.Parse(slots, CultureInfo.InvariantCulture)),
    _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
};
