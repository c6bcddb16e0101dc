using System.Globalization;
using ExampleMlFarm.Core.Plans;

namespace ExampleMlFarm.Tests.Simulation;

/// <summary>
/// Whatever happens to a run, it ends as it would have ended on a quiet day, and nothing that was acknowledged is cooked twice.
/// <c>FARM_SIM_SEEDS=100000</c> for a long one; a failure names its seed.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_storm_ends_with_the_data_set_of_a_calm_run()
    {
        long first = Number("FARM_SIM_FIRST", 1), seeds = Number("FARM_SIM_SEEDS", 300);
        int crashes = 0, accepted = 0;
        long steps = 0;
        var failures = new SortedDictionary<long, Exception>();
        Parallel.For(first, first + seeds, (seed, loop) =>
        {
            try
            {
                var (calm, storm) = Compare((ulong)seed);
                Interlocked.Add(ref crashes, storm.Crashes);
                Interlocked.Add(ref accepted, storm.Accepted);
                Interlocked.Add(ref steps, storm.Steps + calm.Steps);
            }
            catch (Exception e)
            {
                lock (failures) failures.Add(seed, e);
                loop.Break();
            }
        });
        foreach (var (seed, e) in failures) throw new InvalidOperationException($"seed {seed} (repeat with FARM_SIM_FIRST={seed} FARM_SIM_SEEDS=1): {e.Message}", e);
        output.WriteLine($"{seeds} seeds, {steps} steps, {crashes} scheduler crashes, {accepted} results accepted");
        Assert.True(crashes >= seeds / 10, $"only {crashes} crashes in {seeds} seeds: the storms are too mild to show anything");
    }

    /// <summary>Seeds that found something once: late Describe, kept assumptions of expanders, allowances by order, skipped inputs that come back, old finds, growth.</summary>
    [Theory]
    [InlineData(28)]
    [InlineData(72)]
    [InlineData(252)]
    [InlineData(718)]
    [InlineData(1405)]
    [InlineData(1710)]
    [InlineData(2042)]
    [InlineData(5337)]
    [InlineData(9532)]
    public void A_storm_that_once_went_wrong_goes_right(int seed) => Compare((ulong)seed);

    private static (Calamity.Ending Calm, Calamity.Ending Storm) Compare(ulong seed)
    {
        var plan = PlanMaker.Random(seed);
        var calm = Calamity.Play(seed, plan, Faults.None);
        var storm = Calamity.Play(seed, plan, Faults.Swarm(seed));
        if (calm.Text != storm.Text) throw new InvalidOperationException($"the storm ended otherwise:\n{Difference(calm.Text, storm.Text)}\n{string.Join('\n', plan.Nodes.Select(Describe))}");
        return (calm, storm);
    }

    private static long Number(string variable, long otherwise)
        => long.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out long number) ? number : otherwise;

    private static string Difference(string calm, string storm)
    {
        string[] a = calm.Split('\n'), b = storm.Split('\n');
        return string.Join('\n', a.Except(b).Take(12).Select(l => "calm:  " + l).Concat(b.Except(a).Take(12).Select(l => "storm: " + l)));
    }

    private static string Describe(PlanNode node)
        => $"{node.Name} {node.Items} allow {node.AllowFailed.Count}|{node.AllowFailed.Fraction:0.00} virtual {node.IsVirtual}: {string.Join("; ", node.Dependencies.Select(d => $"{d.Upstream} {d.Mapping} accepts {d.AcceptsFailures} order {d.OrderOnly}"))}";
}
