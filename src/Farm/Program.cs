using System.CommandLine;
using ExampleMlFarm.Farm.Commands;
using ExampleMlFarm.Farm.Output;

var root = Root.Create();
var parsed = root.Parse(args);
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) };
// System.CommandLine ends with 1 when the words are wrong; ours is 2, and 1 means a bug.
return parsed.Errors.Count > 0 && parsed.Action is not null ? Math.Max((int)ExitCode.Usage, await parsed.InvokeAsync(configuration)) : await parsed.InvokeAsync(configuration);
