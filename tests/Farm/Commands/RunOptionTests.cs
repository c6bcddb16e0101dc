using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Tests.Farm.World;

namespace ExampleMlFarm.Tests.Farm.Commands;

/// <summary>What is said before anything starts: resources that nobody has, parts of recipes, priorities.</summary>
public sealed class RunOptionTests : IDisposable
{
    private readonly FakeProject project = new();

    public void Dispose() => project.Dispose();

    private string Write(string resources)
    {
        string path = Path.Combine(project.Root, "big.yaml");
        File.WriteAllText(path, $"recipe: 1\nname: big\nnodes:\n  train:\n    generate: 2\n    resources: {{ {resources} }}\n    run: echo\n");
        return path;
    }

    [Theory]
    [InlineData("cpu: 4000", "big.yaml:6:18  note   cpu: 4000, but this machine has ")]
    [InlineData("memory: 15 TB", "big.yaml:6:18  note   memory: 15 TB, but this machine has ")]
    [InlineData("gpu: 60", "big.yaml:6:18  note   gpu: 60, but this machine has ")]
    [InlineData("cpu: 1, licence: 1", "big.yaml:6:26  note   licence: 1, but this machine has none")]
    public void Check_and_plan_note_what_this_machine_is_too_small_for(string resources, string note)
    {
        var check = project.Run("check", Write(resources));
        Assert.Equal(0, check.Code);
        Assert.Contains(note, check.Out, StringComparison.Ordinal);
        Assert.Contains("0 errors, 1 note", check.Out, StringComparison.Ordinal);
        Assert.Contains(note, project.Run("plan", Write(resources)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_that_no_local_worker_could_ever_cook_is_refused_before_it_is_stored()
    {
        var printed = project.Run("run", Write("cpu: 4000"));
        Assert.Equal(ExitCode.Invalid, (ExitCode)printed.Code);
        Assert.Contains("node \"train\" asks for cpu: 4000, and the workers of this machine offer ", printed.Error, StringComparison.Ordinal);
        Assert.Contains("nothing was started", printed.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("big", project.Run("runs").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_plans_a_node_with_what_it_reads_and_puts_it_out()
    {
        string path = Path.Combine(project.Root, "cloth.yaml");
        File.WriteAllText(path, FakeProjectMaker.Recipe);
        var nodes = JsonNode.Parse(project.Run("plan", path, "--only", "simulate", "--json").Out)!.AsArray();
        Assert.Equal(["cases", "simulate"], nodes.Select(n => (string?)n!["node"]));
        Assert.Contains("mlfarm run " + path.Replace(project.Root, "PROJECT", StringComparison.Ordinal) + " --only simulate", project.Run("plan", path, "--only", "simulate").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void No_cache_cooks_a_node_whose_results_are_known()
    {
        string path = Path.Combine(project.Root, "cloth.yaml");
        File.WriteAllText(path, FakeProjectMaker.Recipe);
        var nodes = JsonNode.Parse(project.Run("plan", path, "--no-cache", "simulate", "--json").Out)!.AsArray();
        Assert.Equal((0, 6, "cache: write"), ((int)nodes[1]!["cached"]!, (int)nodes[1]!["to_run"]!, (string?)nodes[1]!["why"]));
    }

    [Theory]
    [InlineData("--only"), InlineData("--no-cache")]
    public void Part_that_is_no_node_is_an_error_with_the_nearest_name(string option)
    {
        string path = Path.Combine(project.Root, "cloth.yaml");
        File.WriteAllText(path, FakeProjectMaker.Recipe);
        var printed = project.Run("plan", path, option, "simulat");
        Assert.Equal(ExitCode.Invalid, (ExitCode)printed.Code);
        Assert.Contains($"{option} simulat  error  the recipe has no node \"simulat\"; did you mean \"simulate\"?", printed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Set_changes_the_priority_and_nothing_that_is_frozen()
    {
        Assert.Equal("run 2: priority 80, was 0\n", project.Run("set", "2", "priority=80").Out);
        Assert.Equal(80, (int)JsonNode.Parse(project.Run("runs", "--json").Out)!.AsArray()[0]!["priority"]!);
        foreach (string wrong in (string[])["priority=much", "priority=1001", "max_parallel=4", "colour=red", "priority"])
            Assert.Equal(ExitCode.Usage, (ExitCode)project.Run("set", "2", wrong).Code);
        Assert.Equal(80, (int)JsonNode.Parse(project.Run("runs", "--json").Out)!.AsArray()[0]!["priority"]!);
    }

    [Fact]
    public void Time_in_which_a_run_lay_still_is_told_apart_from_cooking()
    {
        using var look = RunLook.Open(new ProjectFolder(project.Root));
        var done = look.Load(new ExampleMlFarm.Core.Items.RunId(1));
        // 5 items of 3.2 s, one failed after 2.5 s, a data set of 1.5 s, two trainings of 8 s, one after the other.
        Assert.Equal(36, CookedTime.Seconds(look.Runs, done), 3);
        Assert.Equal("in 42 s", CookedTime.Shown(look.Runs, done, DateTimeOffset.MaxValue));
        var open = look.Load(new ExampleMlFarm.Core.Items.RunId(2));
        Assert.Equal("in 1 h 00 min, of which it cooked for 5.0 s", CookedTime.Shown(look.Runs, open, open.Machine.SubmittedAt + TimeSpan.FromHours(1)));
    }
}
