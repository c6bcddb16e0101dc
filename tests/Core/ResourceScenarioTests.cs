using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Tests.Core;

/// <summary>Who may cook what, and how much of it at once: pools, amounts, licences, priorities.</summary>
public sealed class ResourceScenarioTests
{
    private static Given Licensed(long items) => Given.Items("a", items, n => n with { Batch = new BatchRule.Size(1), Resources = Resources.OneCore with { Custom = [new("nuke", 1)] } });

    [Fact]
    public void Licences_of_the_farm_are_never_passed_and_no_worker_needs_to_have_them() => Scenario.Play(Licensed(5), """
        join w1 8
        // Not a licence yet: a resource that no worker has.
        lease w1 4           -> ignored
        licences nuke=2      -> wake
        lease w1 4           -> grant w1 L1 a[0]; grant w1 L2 a[1]; a=CCrrr
        lease w1 4           -> ignored
        ok L1 0
        lease w1 4           -> grant w1 L3 a[2]
        // Less than is out: what is out goes on, and nothing new starts before enough of it has ended.
        licences nuke=1      -> wake
        ok L2 1
        lease w1 4           -> ignored
        ok L3 2
        lease w1 4           -> grant w1 L4 a[3]
        licences nuke=1      -> ignored
        licences             -> wake
        """);

    [Fact]
    public void Licences_go_back_with_a_lost_worker_and_with_the_end_of_the_run() => Scenario.Play(Licensed(2), """
        join w1 8
        join w2 8
        licences nuke=1      -> wake
        lease w1 2           -> grant w1 L1 a[0]
        lease w2 2           -> ignored
        lost w1 crashed      -> wake; a=Lr
        lease w2 2           -> grant w2 L2 a[0] try2
        ok L2 0
        lease w2 2           -> grant w2 L3 a[1]
        ok L3 1              -> finish Succeeded
        licences nuke=1      -> ignored
        retry a 0            -> wake; a=rs
        lease w2 1           -> ignored
        licences nuke=1      -> wake
        lease w2 1           -> grant w2 L4 a[0] try2
        """);

    [Fact]
    public void Item_that_waits_for_a_licence_says_so()
    {
        var scenario = Scenario.Play(Licensed(2), """
            join w1 8
            licences nuke=1
            lease w1 2
            """);
        var reason = Assert.IsType<Reason.AwaitsLicence>(scenario.Machine.Explain(new(0), 1));
        Assert.Equal("It needs 1 of the licence nuke; the farm allows this run 1 now, and its items hold 1.", reason.ToString());
        Assert.Equal((1.0, 2.0), scenario.Machine.LicenceUse("nuke"));
        Assert.Equal(0, scenario.Machine.Startable);
    }

    [Fact]
    public void Max_parallel_bounds_the_leases_of_a_node() => Scenario.Play(Given.Items("a", 4, n => n with { MaxParallel = 1, Batch = new BatchRule.Size(1) }), """
        join w1 4
        lease w1 4  -> grant w1 L1 a[0]
        lease w1 4  -> ignored
        ok L1 0
        lease w1 4  -> grant w1 L2 a[1]
        """);

    [Fact]
    public void Greater_priority_goes_first_and_equal_ones_downstream_first() => Scenario.Play(
        Given.Items("a", 2, n => n with { Batch = new BatchRule.Size(1) }).Each("b", "a").AndItems("c", 1, n => n with { Priority = 1 }), """
        join w1 1
        lease w1 1  -> grant w1 L1 c[0]
        ok L1 0
        lease w1 1  -> grant w1 L2 a[0]
        ok L2 0
        lease w1 1  -> grant w1 L3 b[0]
        """);

    [Fact]
    public void Pools_and_resources_decide_who_may_cook()
    {
        var scenario = Scenario.Play(Given.Items("a", 2, n => n with { Pool = "gpu", Resources = Resources.OneCore with { Cpu = 2 }, Batch = new BatchRule.Size(1) })
            .AndItems("b", 1, n => n with { Resources = Resources.OneCore with { Gpu = 1 } }), """
            join w1 4
            lease w1 1     -> ignored
            join w2 1 gpu
            lease w2 1     -> ignored
            join w3 3 gpu
            lease w3 2     -> grant w3 L1 a[0]
            """);
        Assert.Equal("It needs 1 of gpu; the largest worker has 0.", scenario.Explain("b", 0));
        Assert.IsType<Reason.AwaitsSlot>(scenario.Machine.Explain(new(0), 1));
    }
}
