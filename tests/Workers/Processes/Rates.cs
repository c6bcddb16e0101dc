using System.Diagnostics;

namespace ExampleMlFarm.Tests.Workers.Processes;

/// <summary>Items per second of a recipe through silo and worker processes; for people who measure.</summary>
internal static class Rates
{
    public static async Task<int> Print(string path, int processes, int slots)
    {
        await using var farm = await TestFarm.Start();
        farm.StartWorkers(processes, slots);
        // A first run waits for the workers to be there and warms the code up.
        await TestFarm.Finish(await farm.Submit("recipe: 1\nname: warm\nnodes:\n  idle:\n    generate: 20000\n    uses: no_op\n    with: { seconds: 0.0 }\n"));
        var text = await File.ReadAllTextAsync(path);
        long start = Stopwatch.GetTimestamp();
        var run = await farm.Submit(text);
        double submitted = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var view = await TestFarm.Finish(run, 300);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long items = view.Nodes.Sum(n => n.Counts.Sum());
        Console.WriteLine($"{items} items in {seconds:0.000} s (submitted after {submitted:0.000} s): {items / seconds:0} items/s; {string.Join(' ', view.Nodes.Select(n => $"{n.Name} [{string.Join(' ', n.Counts)}] {n.Seconds:0.00} s"))}");
        return 0;
    }
}
