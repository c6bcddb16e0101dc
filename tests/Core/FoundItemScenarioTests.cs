using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Tests.Core;

/// <summary>What items that are only found while a run goes on do to it.</summary>
public sealed class FoundItemScenarioTests
{
    [Fact]
    public void Found_items_are_numbered_in_expander_order_whoever_was_first() => Scenario.Play(Given.Items("a", 3).Expand("b", "a").Collect("c", "b"), """
        -> a=rrr; b?=www; b=; c=w
        join w1 3
        lease w1 1   -> grant w1 L1 a[0-2]
        ok L1 0-2    -> b?=rrr; b=; c=w
        lease w1 3   -> grant w1 L2 b?[0]; grant w1 L3 b?[1]; grant w1 L4 b?[2]
        find L3 1 2  -> b=
        find L2 0 1  -> b=rrr; c=w
        find L4 2 0  -> b=rrr; c=w
        lease w1 1   -> grant w1 L5 b[0-2]
        ok L5 0-2    -> c=r
        """);

    [Fact]
    public void An_expander_that_finds_the_same_again_changes_nothing_and_another_count_takes_its_items_back() => Scenario.Play(Given.Items("a", 2).Expand("b", "a").Collect("c", "b"), """
        join w1 2
        lease w1 1   -> grant w1 L1 a[0-1]
        ok L1 0-1
        lease w1 2   -> grant w1 L2 b?[0]; grant w1 L3 b?[1]
        find L2 0 2
        find L3 1 1
        lease w1 1   -> grant w1 L4 b[0-2]
        ok L4 0-2
        lease w1 1   -> grant w1 L5 c[0]
        ok L5 0      -> finish Succeeded
        retry b? 1   -> b?=sr; b=sss; c=s
        lease w1 1   -> grant w1 L6 b?[1]
        find L6 1 1  -> b=sss; c=s; finish Succeeded
        retry b? 1
        lease w1 1   -> grant w1 L7 b?[1]
        find L7 1 2  -> b=ssrr; c=w; Running
        """);

    [Fact]
    public void A_lease_of_found_items_says_where_among_the_finds_of_one_item_it_begins()
    {
        // As recipes are planned: items found are read together with what their expander item found.
        var scenario = Scenario.Play(Given.Items("a", 2).Expand("b", "a", n => n with
        {
            Batch = new BatchRule.Size(3), Dependencies = [.. n.Dependencies, new(((ItemRule.FoundBy)n.Items).Expander, "b?", new Mapping.Expanded())],
        }), """
            join w1 4
            lease w1 1   -> grant w1 L1 a[0-1]
            ok L1 0-1
            lease w1 2   -> grant w1 L2 b?[0]; grant w1 L3 b?[1]
            find L2 0 4
            find L3 1 5
            lease w1 1   -> grant w1 L4 b[0-2]
            lease w1 1   -> grant w1 L5 b[3-5]
            lease w1 1   -> grant w1 L6 b[6-8]
            """);
        long[] first = [.. new[] { 4, 5, 6 }.Select(l => OfExpander(scenario.Machine.Describe(new("w1"), new(l))!).FirstPosition)];
        Assert.Equal([0L, 3, 2], first);
        // The worker reads it from the wire.
        var reply = new RunReply(0, [scenario.Machine.Describe(new("w1"), new(5))!], [], false);
        Assert.Equal(3, OfExpander(MessageCodec.DecodeReply(MessageCodec.Encode(reply)).Granted[0]).FirstPosition);

        static LeaseInput OfExpander(Lease lease) => lease.Inputs[1];
    }

    [Fact]
    public void An_expander_that_may_fail_finds_nothing() => Scenario.Play(
        Given.Items("a", 2, n => n with { AllowFailed = new(1, 0) }).Expand("b", "a").Collect("c", "b", acceptsFailures: true), """
        join w1 1
        lease w1 1           -> grant w1 L1 a[0-1]
        fail L1 0 permanent
        ok L1 1              -> b?=kr
        lease w1 1           -> grant w1 L2 b?[1]
        find L2 1 1          -> b=r; c=w
        """);

    [Fact]
    public void A_collect_sees_items_that_were_found_after_it_was_cooked() => Scenario.Play(Given.Items("a", 2).Expand("b", "a").Collect("c", "b"), """
        join w1 2
        lease w1 1   -> grant w1 L1 a[0-1]
        ok L1 0-1
        lease w1 2   -> grant w1 L2 b?[0]; grant w1 L3 b?[1]
        find L2 0 0
        find L3 1 0  -> b=; c=r
        lease w1 1   -> grant w1 L4 c[0]
        ok L4 0      -> finish Succeeded
        retry b? 1
        lease w1 1   -> grant w1 L5 b?[1]
        find L5 1 1  -> b=r; c=w
        """);

    [Fact]
    public void A_skipped_item_that_comes_back_takes_back_what_was_collected_without_it() => Scenario.Play(Given.Items("a", 2).Each("b", "a").Collect("c", "b", acceptsFailures: true), """
        skip a 0     -> a=kr; b=kw
        join w1 1
        lease w1 1   -> grant w1 L1 a[1]
        ok L1 1
        lease w1 1   -> grant w1 L2 b[1]
        ok L2 1      -> c=r
        lease w1 1   -> grant w1 L3 c[0]
        ok L3 0      -> finish Succeeded
        retry a 0    -> a=rs; b=ws; c=w; Running
        """);
}
