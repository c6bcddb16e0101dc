using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Tests.Workers.World;
using ExampleMlFarm.Workers.Logs;

namespace ExampleMlFarm.Tests.Workers.Children;

public sealed class CommandItemTests
{
    private static TestWorld World(string command, string attributes = "{}", int items = 1, double timeoutSeconds = 0, params KeyValuePair<string, string>[] outputs) =>
        new(new([TestWorld.Node("run", items) with { TimeoutSeconds = timeoutSeconds }]),
            p => new TestProgram(p, cook => cook.RunCommand(new([command], true, outputs, attributes, null))));

    private static Failure FailureOf(TestWorld world) => world.Farm.Reports.SelectMany(r => r.Results).First(r => r.Kind == ResultKind.Failed).Failure!;

    private static List<LogLine> LogOf(TestWorld world, long item)
    {
        var lines = new List<LogLine>();
        LogReader.Read(LogReader.Find(world.Folders.Logs, FakeFarm.Run, "run", item).Single(), 0, lines);
        return lines;
    }

    [Fact]
    public async Task Attributes_come_as_variables_and_as_a_file()
    {
        await using var world = World("echo $MLFARM_RADIUS $MLFARM_NODE $MLFARM_INDEX; cat $MLFARM_ITEM", """{"radius":0.25,"name":"a b"}""", items: 3);
        await world.Finished();
        var lines = LogOf(world, 2);
        Assert.Equal("0.25 run 2", lines[0].Text);
        Assert.Equal("""{"run":7,"node":"run","index":2,"attempt":1,"attributes":{"radius":0.25,"name":"a b"},"inputs":{},"outputs":{}}""", lines[1].Text);
    }

    [Fact]
    public async Task Attributes_never_replace_the_items_own_variables_or_each_other()
    {
        // Such names cannot be written in a recipe; they come with results, as the columns of a table do.
        await using var world = World("env | grep -a -i ^MLFARM_ | grep -a -v ^MLFARM_MARK | sort", """{"Run":"x","Side":1,"item":"y","mark":"z","node":"n","side":2}""");
        await world.Finished();
        var lines = LogOf(world, 0).Select(l => l.Text).Where(l => !l.StartsWith("MLFARM_ITEM=/", StringComparison.Ordinal));
        Assert.Equal(["MLFARM_ATTEMPT=1", "MLFARM_INDEX=0", "MLFARM_NODE=run", "MLFARM_RUN=7", "MLFARM_SIDE=1"], lines);
    }

    [Fact]
    public async Task A_shorter_item_file_leaves_nothing_of_the_longer_one_before()
    {
        await using var world = new TestWorld(new([TestWorld.Node("run", 2) with { Batch = new Core.Plans.BatchRule.Size(2) }]),
            p => new TestProgram(p, cook => cook.RunCommand(new(["cat $MLFARM_ITEM"], true, [], cook.Index == 0 ? """{"name":"a long one"}""" : "{}", null))));
        await world.Finished();
        Assert.EndsWith("\"attributes\":{},\"inputs\":{},\"outputs\":{}}", LogOf(world, 1).Single().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Declared_files_become_outputs()
    {
        await using var world = World("mkdir sub; printf data > sub/out.bin", outputs: [new("result", "sub/out.bin")]);
        await world.Finished();
        var output = world.Results(0, 1).Single().Outputs!.Single();
        Assert.Equal(("file/bin", "result"), (output.Tag, output.Name));
        Assert.Equal("data", File.ReadAllText(world.Store.PathOf(output.Hash)));
    }

    [Fact]
    public async Task A_missing_file_is_named_with_what_is_there_instead()
    {
        await using var world = World("touch other.txt", outputs: [new("result", "out.bin")]);
        await world.Finished();
        var failure = FailureOf(world);
        Assert.Equal((FailureClass.Permanent, "command.output_missing"), (failure.Class, failure.Code));
        Assert.Contains("'out.bin'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("'other.txt'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_outside_of_the_folder_is_refused()
    {
        await using var world = World("true", outputs: [new("result", "../../../etc/passwd")]);
        await world.Finished();
        Assert.Equal("command.output_outside", FailureOf(world).Code);
    }

    [Fact]
    public async Task Protocol_lines_become_metrics_attributes_and_progress()
    {
        await using var world = World("""
            echo 'mlfarm: {"metric": "loss", "step": 1, "value": 0.5}'
            echo 'mlfarm: {"metrics": {"a": 1, "b": 2}}'
            echo 'mlfarm: {"progress": 0.4, "status": "meshing"}'
            echo 'openjd_progress: 80'
            echo 'openjd_status: nearly'
            echo 'mlfarm: {"nonsense": 1}'
            echo plain
            """);
        await world.Finished();
        Assert.Equal([new("loss", 0.5), new("a", 1), new("b", 2)], world.Results(0, 1).Single().Metrics!);
        var lines = LogOf(world, 0);
        Assert.Equal(["0.4 meshing", "0.8 ", "0.8 nearly"], lines.Where(l => l.Kind == LogLineKind.Progress).Select(l => l.Text));
        Assert.Contains(lines, l => l.Text.StartsWith("mlfarm: the line above is not understood", StringComparison.Ordinal));
        Assert.Equal("plain", lines[^1].Text);
        Assert.Equal(("loss", 1L, 0.5), LogReader.Curves(LogReader.Find(world.Folders.Logs, FakeFarm.Run, "run", 0).Single()).Select(c => (c.Name, c.Step, c.Value)).Single());
    }

    [Fact]
    public async Task A_failure_says_why_the_program_thinks_so_and_shows_its_last_lines()
    {
        await using var world = World("echo step 1; echo openjd_fail: the mesh is o''pen; exit 3");
        await world.Finished();
        var failure = FailureOf(world);
        Assert.Equal((FailureClass.Transient, "command.exit"), (failure.Class, failure.Code));
        Assert.Contains("the mesh is open", failure.Message, StringComparison.Ordinal);
        Assert.Contains("exit code 3", failure.Message, StringComparison.Ordinal);
        Assert.Contains("step 1", failure.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_crashes_fails_its_item_with_the_signal()
    {
        await using var world = World("kill -SEGV $$");
        await world.Finished();
        Assert.Contains("SIGSEGV", FailureOf(world).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_over_its_time_is_ended_with_all_it_started()
    {
        await using var world = World("setsid sleep 61 & sleep 61", timeoutSeconds: 2);
        await world.Finished();
        Assert.Equal("item.timed_out", FailureOf(world).Code);
        Assert.Empty(ExampleMlFarm.Workers.Children.ProcessTree.FindMarked(world.Folders.Mark));
        Assert.Equal(RunStatus.Failed, world.Farm.Ask(m => m.Status));
    }

    [Fact]
    public async Task Programs_of_a_killed_worker_are_found_by_their_mark_and_ended()
    {
        await using var world = World("sleep 62");
        await world.Until(() => ExampleMlFarm.Workers.Children.ProcessTree.FindMarked(world.Folders.Mark + "/").Count > 0, "the program runs");
        Assert.True(ExampleMlFarm.Workers.Processes.Salvage.EndSurvivors(world.Folders) > 0);
        await world.Finished();
        Assert.Equal("command.signal", FailureOf(world).Code);
    }
}
