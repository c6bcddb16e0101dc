using ExampleMlFarm.Farm.Commands;

return await Root.Run(args, new() { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
