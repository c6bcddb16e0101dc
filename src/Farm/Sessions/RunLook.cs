using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Farm.Sites;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Scheduler.Journal;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Sessions;

/// <summary>
/// Looks at the runs of a farm: everything acknowledged is in the journal, and replaying it gives the state.
/// </summary>
internal sealed class RunLook : IDisposable
{
    private RunLook(ProjectFolder project, IFarmSite site) => (Project, Site) = (project, site);

    /// <summary>The folder in which the command works: outputs are placed there.</summary>
    public ProjectFolder Project { get; }

    /// <summary>The farm.</summary>
    public IFarmSite Site { get; }

    /// <summary>Its runs.</summary>
    public IRunReader Runs => Site.Runs;

    /// <summary>Its artifacts.</summary>
    public ArtifactStore Artifacts => Site.Artifacts;

    /// <summary>Looks at the project's own farm.</summary>
    /// <exception cref="CliException">Nothing was ever run there.</exception>
    public static RunLook Open(ProjectFolder project) => new(project, FolderSite.Open(project));

    /// <summary>Looks at a farm from a folder.</summary>
    public static RunLook At(IFarmSite site, ProjectFolder project) => new(project, site);

    /// <summary>The run that an address names, replayed to its present state.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public RunShell Load(Address address) => Load(NumberOf(address));

    /// <summary>A run, replayed to its present state.</summary>
    public RunShell Load(RunId run) => RunShell.LookAt(Runs, run);

    /// <summary>The number of the run that an address names.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public RunId NumberOf(Address address)
    {
        if (address.Run is { } run)
            return Runs.Find(run) is not null ? run : throw new CliException(ExitCode.NotFound, $"there is no run {run}; the newest is {(Runs.List(null, 1) is [var last, ..] ? last.Id.ToString() : "none")}", "mlfarm runs lists them");
        return Runs.List(null, 1) is [var newest, ..] ? newest.Id : throw new CliException(ExitCode.NotFound, "there are no runs yet", "start one with: mlfarm run ml-deformer");
    }

    /// <summary>The node that an address names.</summary>
    /// <exception cref="CliException">The run has no such node; the message lists those it has.</exception>
    public static NodeView NodeOf(RunShell run, string name)
    {
        foreach (var node in run.Machine.Nodes)
            if (node.Plan.Name == name) return node;
        throw new CliException(ExitCode.NotFound, $"run {run.Id} has no node \"{name}\"; it has: {string.Join(", ", run.Machine.Nodes.Where(n => !n.Plan.IsExpander).Select(n => n.Plan.Name))}");
    }

    /// <summary>The program that the run was frozen with.</summary>
    public RecipeProgram Program(RunShell run) => FrozenRun.Thaw(run.Frozen(), Catalogue.Descriptors);

    /// <inheritdoc/>
    public void Dispose() => Site.Dispose();
}
