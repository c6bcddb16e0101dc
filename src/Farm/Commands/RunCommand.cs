using System.CommandLine;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Progress;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Farm.Recipes;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm run</c> and <c>mlfarm resume</c>: submit or take up a run, cook it here, tell how it ended.</summary>
internal static class RunCommand
{
    public static Option<int> WorkersOption() => new("--workers", "-w")
    {
        Description = "Worker processes, one item at a time each; the machine's cores unless given.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    public static Command Create()
    {
        var recipe = new Argument<string>("recipe") { Description = "A recipe file, or the name of a shipped one." };
        var parameters = ParameterOption.Create();
        var workers = WorkersOption();
        var detach = new Option<bool>("--detach") { Description = "Submit, cook in the background, and return at once." };
        var priority = new Option<int>("--priority") { Description = "Greater goes first." };
        var name = new Option<string?>("--name") { Description = "Name of the run, instead of the recipe's." };
        var command = new Command("run", "Cooks a recipe on this machine and says where the results are.\nExample: mlfarm run ml-deformer -p poses=512") { recipe, parameters, workers, detach, priority, name };
        command.SetAction(async (invocation, cancellation) =>
        {
            string folder = Globals.FolderOf(invocation.Parsed);
            var program = RecipeSource.Find(invocation.Parsed.GetRequiredValue(recipe), folder)
                .Compile(ParameterOption.Read(invocation.Parsed.GetValue(parameters)!, folder), invocation.Terminal);
            var project = ProjectFolder.FindOrCreate(folder);
            FrozenFileStore.Keep(program, project);
            var submission = new RunSubmission(invocation.Parsed.GetValue(name) ?? program.Name, folder, FrozenRun.Freeze(program), PlanCodec.Encode(program.Plan), invocation.Parsed.GetValue(priority));
            return await Cook(invocation, project, farm => farm.Submit(submission), invocation.Parsed.GetValue(workers), invocation.Parsed.GetValue(detach), cancellation);
        });
        return command;
    }

    /// <summary>Starts or joins the farm of a project, makes a run active, and follows it.</summary>
    /// <param name="invocation">The command.</param>
    /// <param name="project">The project.</param>
    /// <param name="begin">Makes the run active and gives its number.</param>
    /// <param name="workers">Worker processes, when a farm has to be started.</param>
    /// <param name="detach">True to leave it to a process in the background.</param>
    /// <param name="cancellation">Ctrl+C.</param>
    /// <param name="prepare">What is asked of the run before it is followed.</param>
    public static async Task<ExitCode> Cook(Invocation invocation, ProjectFolder project, Func<IFarmGrain, Task<long>> begin, int workers, bool detach, CancellationToken cancellation,
        Func<IRunGrain, Task>? prepare = null)
    {
        if (workers < 1) throw new CliException(ExitCode.Usage, $"--workers is {workers}; at least 1 is needed");
        var progress = new RunProgressView(invocation.Terminal, invocation.Time, invocation.ShowsProgress && !detach);
        if (FarmConnection.TryFindEndpoint(project.Root) is not null)
        {
            // A farm works on this folder already: it takes the run, and this command only watches.
            await using var connection = await FarmConnection.Connect(project.Root, cancellation: cancellation);
            var joined = new RunId(await connection.Call(grains => begin(grains.GetGrain<IFarmGrain>(0)), cancellation));
            invocation.Hint($"Run {joined}  cooks in the farm that already works on {project.Root}     (Ctrl+C leaves; the run goes on)");
            if (prepare is not null) await prepare(connection.Grains.GetGrain<IRunGrain>(joined.Value));
            if (detach) return ExitCode.Success;
            await RunFollower.Follow(connection.Grains.GetGrain<IRunGrain>(joined.Value), progress, workers, cancellation);
            return RunFollower.Conclude(invocation, project, joined);
        }
        if (detach) return await Background.Start(invocation, project, begin, prepare, workers, cancellation);

        RunId run;
        try
        {
            await using var farm = await EmbeddedFarm.Start(project, workers, Log(invocation), cancellation);
            run = new(await begin(farm.Farm));
            if (prepare is not null) await prepare(farm.Run(run));
            var state = await farm.Run(run).State();
            invocation.Hint($"Run {run}  {state.Name}  {workers} {(workers == 1 ? "worker" : "workers")} in {project.Root}     (Ctrl+C stops; mlfarm resume {run} goes on)");
            await RunFollower.Follow(farm.Run(run), progress, workers, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            invocation.Hint("\nStopped. Everything cooked so far is kept; go on with: mlfarm resume");
            return ExitCode.Left;
        }
        return RunFollower.Conclude(invocation, project, run);
    }

    private static ILogger Log(Invocation invocation) => invocation.IsQuiet
        ? NullLogger.Instance
        : LoggerFactory.Create(b => b.AddSimpleConsole(o => o.SingleLine = true).AddFilter(l => l >= LogLevel.Warning)).CreateLogger("mlfarm");
}
