using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("ExampleMlFarm.Tests.Learning")]
[assembly: InternalsVisibleTo("ExampleMlFarm.Bench.Training")]
