using System.Diagnostics;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Commands;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Hosting;

namespace ExampleMlFarm.Farm.Sessions;

/// <summary>Leaves a run to a process of its own, in a session of its own, so that closing the terminal does not end it.</summary>
internal static class Background
{
    /// <summary>Stores the run, starts <c>mlfarm resume</c> in the background, and returns when that has taken it up.</summary>
    public static async Task<ExitCode> Start(Invocation invocation, ProjectFolder project, Func<IFarmGrain, Task<long>> begin, Func<IRunGrain, Task>? prepare, int workers, CancellationToken cancellation)
    {
        RunId run;
        await using (var silo = await EmbeddedSilo.Start(project.Root, cancellation: cancellation))
        {
            run = new(await begin(silo.Grains.GetGrain<IFarmGrain>(0)));
            if (prepare is not null) await prepare(silo.Grains.GetGrain<IRunGrain>(run.Value));
        }
        string log = Path.Combine(project.State, "logs", $"run-{run}.log");
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        var program = Environment.ProcessPath!;
        string own = Path.GetFileNameWithoutExtension(program) == "dotnet" ? $"{Quoted(program)} {Quoted(typeof(Background).Assembly.Location)}" : Quoted(program);
        using var started = Process.Start(new ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", $"exec setsid {own} resume {run} --workers {workers} --folder {Quoted(project.Root)} --trust-artifacts </dev/null >>{Quoted(log)} 2>&1 &" },
        });
        await started!.WaitForExitAsync(cancellation);
        for (int look = 0; FarmConnection.TryFindEndpoint(project.Root) is null; look++)
        {
            if (look == 100) throw new CliException(ExitCode.Unreachable, $"run {run} is stored, but the process that should cook it did not start", $"its words: {log}; go on here with: mlfarm resume {run}");
            await Task.Delay(100, cancellation);
        }
        invocation.Terminal.Out.WriteLine(run);
        invocation.Hint($"Run {run} cooks in the background. Watch it with: mlfarm watch {run}");
        return ExitCode.Success;
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''")}'";
}
