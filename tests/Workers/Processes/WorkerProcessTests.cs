using System.Diagnostics;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Workers.Children;
using ExampleMlFarm.Workers.Logs;
using ExampleMlFarm.Scheduler.Hosting;

namespace ExampleMlFarm.Tests.Workers.Processes;

public sealed class WorkerProcessTests
{
    private static string Recipe(string node) => $"recipe: 1\nname: test\nnodes:\n  a:\n    {node.ReplaceLineEndings("\n    ")}\n";

    private static long Count(Scheduler.Contracts.RunView view, ItemState state, int node = 0) => view.Nodes[node].Counts[(int)state];

    [Fact]
    public async Task A_worker_process_cooks_a_run_to_its_end()
    {
        await using var farm = await TestFarm.Start();
        farm.StartWorkers(1, 2);
        var view = await TestFarm.Finish(await farm.Submit(Recipe("generate: 20000\nuses: no_op")));
        Assert.Equal(RunStatus.Succeeded, (RunStatus)view.Status);
        Assert.Equal(20000, Count(view, ItemState.Succeeded) + Count(view, ItemState.Cached));
    }

    [Fact]
    public async Task A_second_run_takes_everything_from_the_cache()
    {
        await using var farm = await TestFarm.Start();
        farm.StartWorkers(1, 2);
        var recipe = Recipe("generate: 30\nattributes: { side: \"uniform(1, 5)\" }\nrun: 'echo $MLFARM_SIDE > out.txt'\nout: { result: out.txt }");
        await TestFarm.Finish(await farm.Submit(recipe));
        var view = await TestFarm.Finish(await farm.Submit(recipe));
        Assert.Equal(30, Count(view, ItemState.Cached));
    }

    [Fact]
    public async Task Killed_workers_are_replaced_and_nothing_is_lost()
    {
        await using var farm = await TestFarm.Start();
        farm.StartWorkers(2, 1);
        var run = await farm.Submit(Recipe("generate: 200\nrun: 'sleep 0.03; echo x > out.txt'\nout: { result: out.txt }"));
        for (int kill = 0; kill < 3; kill++)
        {
            await Task.Delay(1200);
            if (farm.Workers!.ProcessIds is [var pid, ..]) _ = Native.kill(pid, Native.SigKill);
        }
        var view = await TestFarm.Finish(run);
        Assert.Equal(RunStatus.Succeeded, (RunStatus)view.Status);
        Assert.Equal(200, Count(view, ItemState.Succeeded));
    }

    [Fact]
    public async Task An_item_that_kills_its_worker_three_times_is_poison_and_the_others_are_cooked()
    {
        await using var farm = await TestFarm.Start();
        farm.StartWorkers(1, 1);
        var view = await TestFarm.Finish(await farm.Submit(Recipe("generate: 40\nallow_failed: 1\nrun: 'if [ $MLFARM_INDEX = 13 ]; then kill -9 $PPID; sleep 5; fi'")), 120);
        Assert.Equal(1, Count(view, ItemState.Failed));
        Assert.Equal(39, Count(view, ItemState.Succeeded));
        Assert.Equal(13, view.Failures.Single().Item);
    }

    [Fact]
    public async Task Logs_of_an_item_are_found_by_its_address()
    {
        await using var farm = await TestFarm.Start();
        farm.StartWorkers(1, 2);
        var run = await farm.Submit(Recipe("generate: 50\nrun: 'echo this is item $MLFARM_INDEX'"));
        await TestFarm.Finish(run);
        var lines = new List<LogLine>();
        var place = Assert.Single(LogReader.Find(Path.Combine(FarmEndpoint.FarmFolder(farm.Folder), "logs"), new((await run.State()).Run), "a", 37));
        LogReader.Read(place, 0, lines);
        Assert.Equal("this is item 37", lines.Single().Text);
    }

    [Fact]
    public async Task A_worker_ends_when_its_parent_lets_go()
    {
        await using var farm = await TestFarm.Start();
        var info = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var word in (string[])["worker", "--folder", farm.Folder, "--slots", "1", "--pool", "", "--memory", "0", "--parent", $"{Environment.ProcessId}"]) info.ArgumentList.Add(word);
        using var worker = Process.Start(info)!;
        var run = await farm.Submit(Recipe("generate: 1\nrun: 'sleep 63'"));
        string mark = ExampleMlFarm.Workers.WorkerFolders.MarkOf(FarmEndpoint.FarmFolder(farm.Folder), WorkerName.OfProcess(worker.Id).Value);
        Assert.True(SpinWait.SpinUntil(() => ProcessTree.FindMarked(mark).Count > 0, 20000), "the program runs");
        worker.StandardInput.Close();
        Assert.True(worker.WaitForExit(20000), "the worker ends");
        Assert.Empty(ProcessTree.FindMarked(mark));
        Assert.Equal(0, Count(await run.State(), ItemState.Failed));
    }

    [Fact]
    public async Task A_run_of_another_version_fails_with_the_reason_instead_of_waiting()
    {
        await using var farm = await TestFarm.Start();
        farm.StartWorkers(1, 1);
        var run = await farm.Submit(Recipe("generate: 1000\nuses: no_op"), frozen =>
        {
            var json = System.Text.Json.Nodes.JsonNode.Parse(frozen)!;
            json["types"]!["no_op"] = 99;
            return System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());
        });
        var view = await TestFarm.Finish(run, 40);
        Assert.Equal(RunStatus.Failed, (RunStatus)view.Status);
        Assert.All(view.Failures, f => Assert.Equal("recipe.version", f.Code));
        Assert.Contains("no_op version 99", view.Failures[0].Message, StringComparison.Ordinal);
        Assert.Contains(farm.Heard.Words, w => w.Contains("no_op version 99", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_an_item_left_behind_without_output_is_ended_before_the_next_item()
    {
        await using var farm = await TestFarm.Start();
        farm.StartWorkers(1, 1);
        var run = await farm.Submit(Recipe("generate: 2\nbatch: 2\nrun: 'if [ $MLFARM_INDEX = 0 ]; then (setsid sh -c \"sleep 0.6; echo late > late.txt\" > /dev/null 2>&1 &); sleep 0.2; else sleep 1; ls; fi'"));
        Assert.Equal(RunStatus.Succeeded, (RunStatus)(await TestFarm.Finish(run)).Status);
        Assert.Empty(LogReader.Find(Path.Combine(FarmEndpoint.FarmFolder(farm.Folder), "logs"), new((await run.State()).Run), "a", 1));
    }
}
