using System.CommandLine;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Farm.Recipes;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Farm.Sites.Served;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Contracts;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm run</c>: submits a recipe, cooks it here or in the farm that works on the folder, tells how it ended.</summary>
internal static class RunCommand
{
    public static Option<int> WorkersOption() => new("--workers", "-w")
    {
        Description = "Items cooked at once; as many as the machine has cores unless given.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    public static Command Create() => Create("run", "Cooks a recipe on this machine and says where the results are.\nExample: mlfarm run ml-deformer -p poses=512", leaves: false);

    /// <summary><c>mlfarm submit</c>: the same, and returns at once.</summary>
    public static Command Submit() => Create("submit", "Gives a recipe to the farm and returns at once.\nExample: mlfarm submit ml-deformer --url http://farm:8470 && mlfarm wait last", leaves: true);

    private static Command Create(string verb, string description, bool leaves)
    {
        var recipe = new Argument<string>("recipe") { Description = "A recipe file, or the name of a shipped one." };
        var parameters = ParameterOption.Create();
        var workers = WorkersOption();
        var detach = new Option<bool>("--detach") { Description = "Submit, cook in the background, and return at once." };
        var priority = new Option<int>("--priority") { Description = "Greater goes first." };
        var name = new Option<string?>("--name") { Description = "Name of the run, instead of the recipe's." };
        var part = new PartOptions();
        var command = new Command(verb, description) { recipe, parameters, workers, priority, name };
        if (!leaves) command.Options.Add(detach);
        part.AddTo(command);
        command.SetAction(async (invocation, cancellation) =>
        {
            bool isLeft = leaves || invocation.Parsed.GetValue(detach);
            string folder = Globals.FolderOf(invocation.Parsed);
            var program = RecipeSource.Find(invocation.Parsed.GetRequiredValue(recipe), folder)
                .Compile(ParameterOption.Read(invocation.Parsed.GetValue(parameters)!, folder), invocation.Terminal, part.Read(invocation.Parsed));
            if (Globals.FarmOf(invocation.Parsed) is { } farm)
                return await WatchCommand.Submitted(invocation, new ServedSite(farm), site => site.Submit(program, invocation.Parsed.GetValue(name) ?? program.Name, folder, invocation.Parsed.GetValue(priority)), isLeft, cancellation);
            var project = ProjectFolder.FindOrCreate(folder);
            FrozenFileStore.Keep(program, project);
            var submission = new RunSubmission(invocation.Parsed.GetValue(name) ?? program.Name, folder, FrozenRun.Freeze(program), PlanCodec.Encode(program.Plan), invocation.Parsed.GetValue(priority), Owner: Environment.UserName);
            return await new CookSession(invocation, project, program.Plan, program.Plan.Nodes, farm => farm.Submit(submission), null)
                .Run(invocation.Parsed.GetValue(workers), isLeft, cancellation);
        });
        return command;
    }
}
