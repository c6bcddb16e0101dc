using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Tests.Workers.World;
using ExampleMlFarm.Workers.Children;
using ExampleMlFarm.Workers.Logs;

namespace ExampleMlFarm.Tests.Workers.Children;

/// <summary>What an item leaves behind must not reach the next one, nor take its worker along.</summary>
public sealed class CommandTraceTests
{
    private static TestWorld World(int items, Func<long, string> command, params KeyValuePair<string, string>[] outputs) =>
        new(new([TestWorld.Node("run", items) with { Batch = new BatchRule.Size(items) }]),
            p => new TestProgram(p, cook => cook.RunCommand(new([command(cook.Index)], true, outputs, "{}", null))));

    private static List<string> LogOf(TestWorld world, long item)
    {
        var lines = new List<LogLine>();
        foreach (var place in LogReader.Find(world.Folders.Logs, FakeFarm.Run, "run", item)) LogReader.Read(place, 0, lines);
        return [.. lines.Select(l => l.Text)];
    }

    [Theory]
    [InlineData("setsid sh -c 'sleep 0.4; echo late; echo late > late.txt' & sleep 0.2")]
    [InlineData("echo early; setsid sh -c 'sleep 0.4; echo late; echo late > late.txt' & sleep 0.2")]
    public async Task Late_output_of_an_items_child_does_not_reach_the_next_item(string first)
    {
        await using var world = World(2, i => i == 0 ? first : "sleep 1; ls");
        await world.Finished();
        Assert.DoesNotContain("late", LogOf(world, 1));
        Assert.DoesNotContain("late.txt", LogOf(world, 1));
        Assert.Empty(ProcessTree.FindMarked(world.Folders.Mark));
    }

    [Fact]
    public async Task Late_metrics_of_an_items_child_do_not_become_those_of_the_next_item()
    {
        await using var world = World(2, i => i == 0 ? """setsid sh -c "sleep 0.4; echo 'mlfarm: {\"metric\": \"loss\", \"value\": 7}'" & sleep 0.2""" : "sleep 1");
        await world.Finished();
        Assert.All(world.Results(0, 2), r => Assert.Null(r.Metrics));
    }

    [Theory]
    [InlineData("rm -rf ../scratch; true")]
    [InlineData("rm -rf ../scratch; ln -s /tmp ../scratch")]
    [InlineData("rm -rf ../scratch; echo x > ../scratch")]
    [InlineData("rm -rf \"$(dirname $PWD)\"")]
    [InlineData("mkdir sub; touch sub/x; chmod 0 sub; chmod 0 .")]
    public async Task A_program_that_removes_its_working_folder_harms_nobody(string command)
    {
        await using var world = World(3, i => i == 1 ? command : "echo $MLFARM_INDEX > here.txt; ls; cat $MLFARM_ITEM | cut -c1-6");
        await world.Finished();
        Assert.Equal(3, world.Results(0, 3).Where(r => r.Kind == ResultKind.Succeeded).Sum(r => r.Items.Count));
        Assert.Equal(["here.txt", "{\"run\""], LogOf(world, 2));
    }

    [Fact]
    public async Task An_output_in_a_removed_folder_is_named()
    {
        await using var world = World(1, _ => "rm -rf ../scratch", new KeyValuePair<string, string>("result", "r.txt"));
        await world.Finished();
        var failure = world.Farm.Reports.SelectMany(r => r.Results).Single(r => r.Kind == ResultKind.Failed).Failure!;
        Assert.Equal("command.folder_removed", failure.Code);
        Assert.Contains("'r.txt'", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mkfifo r.txt", "named pipe")]
    [InlineData("ln -s /dev/zero r.txt", "device")]
    [InlineData("ln -s nowhere r.txt", "link to 'nowhere', which is not there")]
    [InlineData("mkdir r.txt; touch r.txt/a", "folder")]
    [InlineData("/usr/bin/python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"r.txt\")'", "socket")]
    public async Task Whatever_is_no_file_fails_its_item_at_once_and_by_name(string command, string what)
    {
        await using var world = World(1, _ => command, new KeyValuePair<string, string>("result", "r.txt"));
        await world.Finished();
        var failure = world.Farm.Reports.SelectMany(r => r.Results).Single(r => r.Kind == ResultKind.Failed).Failure!;
        Assert.Equal("command.output_not_a_file", failure.Code);
        Assert.Contains(what, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_reached_through_a_link_is_copied_and_stays_where_it_was()
    {
        string data = Directory.CreateTempSubdirectory("mlfarm-linked-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(data, "big.bin"), "mine");
            await using var world = World(1, _ => $"ln -s {data} sub", new KeyValuePair<string, string>("result", "sub/big.bin"));
            await world.Finished();
            Assert.Equal("mine", File.ReadAllText(world.Store.PathOf(world.Results(0, 1).Single().Outputs!.Single().Hash)));
            Assert.Equal("mine", File.ReadAllText(Path.Combine(data, "big.bin")));
        }
        finally { Directory.Delete(data, recursive: true); }
    }

    [Fact]
    public async Task Metrics_without_a_name_or_a_finite_value_are_refused_with_a_word()
    {
        await using var world = World(1, _ => """
            echo 'mlfarm: {"metric": "", "value": 1}'
            echo 'mlfarm: {"metric": "big", "value": 1e999}'
            echo 'mlfarm: {"metrics": {"a": 1, "worse": -1e999}}'
            echo 'mlfarm: {"attribute": "", "value": 1}'
            """);
        await world.Finished();
        Assert.Equal([new("a", 1)], world.Results(0, 1).Single().Metrics!);
        var words = LogOf(world, 0).Where(l => l.Contains("not understood", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, words.Count);
        Assert.Contains("'big'", words[1], StringComparison.Ordinal);
        Assert.Null(world.Results(0, 1).Single().Attributes);
    }

    [Fact]
    public async Task A_metric_of_a_node_that_is_not_finite_is_logged_and_not_kept()
    {
        await using var world = new TestWorld(new([TestWorld.Node("run", 1)]), p => new TestProgram(p, cook =>
        {
            cook.Metric("loss", double.NaN, 3);
            cook.Metric("kept", 2);
        }));
        await world.Finished();
        Assert.Equal([new("kept", 2)], world.Results(0, 1).Single().Metrics!);
        Assert.Contains("'loss' is NaN", Assert.Single(LogOf(world, 0)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_with_too_many_metrics_is_ended()
    {
        await using var world = World(1, _ => """for i in $(seq 300); do echo "mlfarm: {\"metric\": \"m$i\", \"value\": 1}"; done; sleep 64""");
        await world.Finished();
        Assert.Empty(ProcessTree.FindMarked(world.Folders.Mark));
    }
}
