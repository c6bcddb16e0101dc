using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Tests.Workers.World;
using ExampleMlFarm.Workers.Children;

namespace ExampleMlFarm.Tests.Workers.Children;

public sealed class MemoryLimitTests
{
    private const string Python = "/usr/bin/python3";

    private static TestWorld World(string code, long memoryBytes) =>
        new(new([TestWorld.Node("run", 1) with { Resources = Resources.OneCore with { MemoryBytes = memoryBytes } }]),
            p => new TestProgram(p, cook => cook.RunCommand(new([Python, "-c", code], false, [], "{}", null))));

    [Theory]
    [InlineData("import time; x = b'x' * 300_000_000; time.sleep(5)")]
    [InlineData("import subprocess, sys; subprocess.run([sys.executable, '-c', \"import time; x = b'x' * 300_000_000; time.sleep(5)\"])")]
    [InlineData("import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', \"import time; x = b'x' * 300_000_000; time.sleep(5)\"], start_new_session=True); time.sleep(5)")]
    public async Task A_program_above_the_memory_it_asked_for_is_ended_with_all_it_started(string code)
    {
        Assert.SkipUnless(File.Exists(Python), $"{Python} is not there");
        // The watch of the memory goes by real time, so the test's clock must not run away.
        await using var world = World(code, 100_000_000);
        await world.Finished();
        var failure = world.Farm.Reports.SelectMany(r => r.Results).Single(r => r.Kind == ResultKind.Failed).Failure!;
        Assert.Equal((FailureClass.OutOfMemory, "command.memory"), (failure.Class, failure.Code));
        Assert.Contains("of the 100 MB that the item asked for", failure.Message, StringComparison.Ordinal);
        Assert.Contains("resources: {memory:", failure.Message, StringComparison.Ordinal);
        Assert.Empty(ProcessTree.FindMarked(world.Folders.Mark));
    }

    [Fact]
    public async Task Pages_that_processes_share_count_once()
    {
        Assert.SkipUnless(File.Exists(Python), $"{Python} is not there");
        Assert.SkipUnless(File.Exists("/proc/self/smaps_rollup"), "this kernel does not tell proportional sets");
        await using var world = World("import os, time; x = b'x' * 150_000_000; pids = [os.fork() or (time.sleep(1.5), os._exit(0)) for _ in range(3)]; time.sleep(1.5)", 350_000_000);
        await world.Finished();
        Assert.Equal(ItemState.Succeeded, world.StateOf(0, 0));
    }
}
