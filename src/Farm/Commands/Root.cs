using System.CommandLine;

namespace ExampleMlFarm.Farm.Commands;

/// <summary>The command tree.</summary>
internal static class Root
{
    public static RootCommand Create()
    {
        var root = new RootCommand("mlfarm cooks recipes: simulate data sets, train on them, check the result, and go on exactly after any crash.\nStart with: mlfarm run ml-deformer")
        {
            CheckCommand.Create(), PlanCommand.Create(), RunCommand.Create(), ResumeCommand.Create(), WorkerCommand.Create(),
        };
        foreach (var option in Globals.All) root.Options.Add(option);
        return root;
    }
}
