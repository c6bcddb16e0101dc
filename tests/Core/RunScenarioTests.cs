using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Tests.Core;

/// <summary>What becomes of items as leases are given, reported, lost, and as people pause, cancel, retry and skip.</summary>
public sealed class RunScenarioTests
{
    private static readonly RetryPolicy Twice = new(2, 10, [FailureClass.Transient]);

    [Fact]
    public void Items_go_from_ready_to_succeeded_and_the_run_ends() => Scenario.Play(Given.Items("a", 3).Each("b", "a"), """
        -> a=rrr; b=www; Running
        join w1 1
        lease w1 1   -> grant w1 L1 a[0-2]; a=CCC
        ok L1 0      -> a=sCC; b=rww; wake
        ok L1 1-2    -> a=sss; b=rrr
        lease w1 1   -> grant w1 L2 b[0-2]
        ok L2 0-2    -> b=sss; finish Succeeded; Succeeded
        lease w1 1   -> ignored
        """);

    [Fact]
    public void A_lease_that_ends_early_gives_its_rest_back_uncharged() => Scenario.Play(Given.Items("a", 4), """
        join w1 1
        lease w1 1   -> grant w1 L1 a[0-3]
        ok L1 0      -> a=sCCC
        end L1       -> a=srrr
        lease w1 1   -> grant w1 L2 a[1-3]
        back L2 1    -> a=srCC
        lease w1 1   -> ignored
        end L2
        lease w1 1   -> grant w1 L3 a[1-3]
        """);

    [Fact]
    public void Late_repeated_and_foreign_reports_are_ignored() => Scenario.Play(Given.Items("a", 2), """
        join w1 1
        join w2 1
        lease w1 1       -> grant w1 L1 a[0-1]
        ok w2:L1 0       -> ignored; a=CC
        ok#7 L1 0        -> a=sC
        ok#7 L1 1        -> ignored; a=sC
        lost w1 vanished -> a=sL
        ok L1 1          -> ignored; a=sL
        lease w2 1       -> grant w2 L2 a[1] try2
        ok w1:L1 1       -> ignored; a=sC
        ok w1:L2 1       -> ignored
        ok L2 1          -> finish Succeeded
        """);

    [Fact]
    public void A_second_result_for_an_item_of_the_same_lease_changes_nothing() => Scenario.Play(Given.Items("a", 2), """
        join w1 1
        lease w1 1            -> grant w1 L1 a[0-1]
        ok L1 0               -> a=sC
        fail L1 0 permanent   -> a=sC
        """);

    [Fact]
    public void Worker_lost_requeues_its_items_and_charges_only_the_one_that_was_cooking()
    {
        var scenario = Scenario.Play(Given.Items("a", 5), """
            join w1 1
            lease w1 1      -> grant w1 L1 a[0-4]
            ok L1 0-1       -> a=ssCCC
            lost w1 crashed -> a=ssLrr
            join w2 1
            // The suspect travels alone.
            lease w2 1      -> grant w2 L2 a[2] try2
            ok L2 2         -> a=sssrr
            lease w2 1      -> grant w2 L3 a[3-4]
            """);
        var node = scenario.Machine.Nodes[0];
        Assert.Equal((0, 1), (node.FailedAttempts, node.LostAttempts));
    }

    [Fact]
    public void A_worker_that_stops_on_purpose_charges_nobody() => Scenario.Play(Given.Items("a", 2), """
        join w1 1
        lease w1 1      -> grant w1 L1 a[0-1]
        lost w1 stopped -> a=rr
        lost w1 stopped -> ignored
        """);

    [Fact]
    public void An_item_that_kills_three_workers_is_poison_and_the_rest_of_its_lease_goes_on()
    {
        var scenario = Scenario.Play(Given.Items("a", 3), """
            join w1 1
            lease w1 1      -> grant w1 L1 a[0-2]
            ok L1 0
            lost w1 crashed -> a=sLr
            join w2 2
            lease w2 2      -> grant w2 L2 a[1] try2; grant w2 L3 a[2]
            lost w2 crashed -> a=sLL
            join w3 2
            // Item 1 has killed two workers: nothing cooks beside it.
            lease w3 2      -> grant w3 L4 a[2] try2
            lease w3 1      -> ignored
            ok L4 2         -> a=sLs
            lease w3 2      -> grant w3 L5 a[1] try3
            lost w3 crashed -> a=sFs; finish Failed
            """);
        var failed = Assert.Single(scenario.Machine.Failures(10));
        Assert.Equal("poison", failed.Failure.Code);
        Assert.Equal(FailureClass.Lost, failed.Failure.Class);
        Assert.Contains("3 workers died", scenario.Explain("a", 1), StringComparison.Ordinal);
    }

    [Fact]
    public void A_lease_that_a_dead_worker_had_only_fetched_ahead_is_not_under_suspicion() => Scenario.Play(Given.Items("a", 8, n => n with { Batch = new BatchRule.Size(2) }), """
        join w1 1
        lease w1 2      -> grant w1 L1 a[0-1]
        // One lease per slot until it is known that leases are short.
        lease w1 1      -> ignored
        ok L1 0-1 0.002
        lease w1 2      -> grant w1 L2 a[2-3]; grant w1 L3 a[4-5]
        lost w1 crashed -> a=ssLrrrrr
        """);

    [Fact]
    public void Transient_failures_back_off_and_are_tried_again() => Scenario.Play(Given.Items("a", 2, n => n with { Retry = Twice with { Attempts = 3 } }), """
        join w1 1
        lease w1 1          -> grant w1 L1 a[0-1]
        fail L1 0 transient -> a=wC; call +10
        ok L1 1             -> a=ws
        lease w1 1          -> ignored
        time +5             -> ignored
        time +5             -> a=rs
        lease w1 1          -> grant w1 L2 a[0] try2
        fail L2 0 transient -> a=ws; call +20
        time +20            -> a=rs
        lease w1 1          -> grant w1 L3 a[0] try3
        fail L3 0 transient -> a=Fs; finish Failed; Failed
        """);

    [Fact]
    public void Classes_that_are_not_listed_fail_at_once() => Scenario.Play(Given.Items("a", 1, n => n with { Retry = Twice }), """
        join w1 1
        lease w1 1          -> grant w1 L1 a[0]
        fail L1 0 timedout  -> a=F; finish Failed
        """);

    [Fact]
    public void A_failure_that_says_cancelled_costs_nothing() => Scenario.Play(Given.Items("a", 1), """
        join w1 1
        lease w1 1           -> grant w1 L1 a[0]
        fail L1 0 cancelled  -> a=r
        """);

    [Fact]
    public void Allowed_failures_skip_their_dependants_and_collects_go_on_without_them() => Scenario.Play(
        Given.Items("a", 4, n => n with { AllowFailed = new(1, 0) }).Each("b", "a").Collect("c", "b", acceptsFailures: true).Collect("d", "b"), """
        join w1 1
        lease w1 1           -> grant w1 L1 a[0-3]
        fail L1 1 permanent  -> a=CFCC; b=wwww
        ok L1 0
        // Whether one failure stays the only one is known when all are through.
        ok L1 2              -> a=sFsC; b=rwrw
        ok L1 3              -> a=sFss; b=rkrr; c=w; d=w
        lease w1 1           -> grant w1 L2 b[0]
        ok L2 0
        lease w1 1           -> grant w1 L3 b[2-3]
        ok L3 2-3            -> b=skss; c=r; d=k
        lease w1 1           -> grant w1 L4 c[0]
        ok L4 0              -> finish Succeeded
        """);

    [Fact]
    public void Failures_beyond_the_allowance_stop_what_reads_them_and_nothing_else() => Scenario.Play(
        Given.Items("a", 3).Each("b", "a").Collect("c", "a", acceptsFailures: true), """
        join w1 1
        lease w1 1           -> grant w1 L1 a[0-2]
        fail L1 1 permanent
        ok L1 0
        ok L1 2              -> a=sFs; b=rwr; c=w
        lease w1 1           -> grant w1 L2 b[0]
        ok L2 0
        lease w1 1           -> grant w1 L3 b[2]
        ok L3 2              -> b=sws; c=w; finish Failed
        retry a 1            -> a=srs; Running
        lease w1 1           -> grant w1 L4 a[1] try2
        ok L4 1              -> a=sss; b=srs; c=r
        """);

    [Fact]
    public void A_retried_failure_takes_back_what_had_gone_on_without_it() => Scenario.Play(
        Given.Items("a", 2, n => n with { AllowFailed = new(0, 0.5) }).Collect("b", "a", acceptsFailures: true).Each("c", "b"), """
        join w1 1
        lease w1 1           -> grant w1 L1 a[0-1]
        fail L1 0 permanent
        ok L1 1              -> b=r
        lease w1 1           -> grant w1 L2 b[0]
        ok L2 0
        lease w1 1           -> grant w1 L3 c[0]
        ok L3 0              -> finish Succeeded
        retry a 0            -> a=rs; b=w; c=w; Running
        """);

    [Fact]
    public void A_skipped_failure_no_longer_fails_the_run() => Scenario.Play(Given.Items("a", 2).Each("b", "a").Collect("c", "b", acceptsFailures: true), """
        join w1 1
        lease w1 1           -> grant w1 L1 a[0-1]
        fail L1 0 permanent
        ok L1 1
        lease w1 1           -> grant w1 L2 b[1]
        ok L2 1              -> finish Failed; b=ws; c=w
        skip a 0             -> a=ks; b=ks; c=r; Running
        lease w1 1           -> grant w1 L3 c[0]
        ok L3 0              -> finish Succeeded
        """);

    [Fact]
    public void Pause_lets_leases_go_on_and_gives_none() => Scenario.Play(Given.Items("a", 2, n => n with { Batch = new BatchRule.Size(1) }), """
        join w1 1
        lease w1 1  -> grant w1 L1 a[0]
        pause       -> Paused; a=Cr
        pause       -> ignored
        ok L1 0     -> a=sr
        lease w1 1  -> ignored
        resume      -> wake; Running
        lease w1 1  -> grant w1 L2 a[1]
        """);

    [Fact]
    public void Cancel_revokes_leases_and_reopening_goes_on_from_there() => Scenario.Play(Given.Items("a", 3).Each("b", "a"), """
        join w1 1
        lease w1 1  -> grant w1 L1 a[0-2]
        ok L1 0
        cancel      -> revoke w1 L1; a=sxx; b=xxx; finish Cancelled; Cancelled
        ok L1 1     -> ignored
        cancel      -> ignored
        reopen      -> a=srr; b=rww; Running
        """);

    [Fact]
    public void Cancelling_items_revokes_their_lease_and_keeps_dependants_waiting()
    {
        var scenario = Scenario.Play(Given.Items("a", 3).Each("b", "a"), """
            join w1 1
            lease w1 1   -> grant w1 L1 a[0-2]
            ok L1 0
            cancel a 1   -> revoke w1 L1; a=sxr; b=rww
            cancel a 0   -> ignored
            lease w1 1   -> grant w1 L2 b[0]
            ok L2 0
            lease w1 1   -> grant w1 L3 a[2]
            ok L3 2
            lease w1 1   -> grant w1 L4 b[2]
            ok L4 2      -> finish Cancelled
            """);
        Assert.Contains("a[1] was cancelled", scenario.Explain("b", 1), StringComparison.Ordinal);
    }

    [Fact]
    public void Invalidated_outputs_are_cooked_again_and_what_was_made_from_them_stays()
    {
        var scenario = Scenario.Play(Given.Items("a", 2).Each("b", "a"), """
            join w1 1
            lease w1 1      -> grant w1 L1 a[0-1]
            ok L1 0-1
            lease w1 1      -> grant w1 L2 b[0-1]
            ok L2 0         -> b=sC
            invalidate a 0  -> a=rs; b=sC
            lease w1 1      -> ignored
            ok L2 1         -> b=ss
            lease w1 1      -> grant w1 L3 a[0]
            ok L3 0         -> finish Succeeded
            invalidate a 1 down -> a=sr; b=sw; Failed; finish Failed
            lease w1 1      -> ignored
            reopen          -> Running
            lease w1 1      -> grant w1 L4 a[1]
            """);
        Assert.Contains("The file is gone", scenario.Explain("a", 0), StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_input_goes_back_to_its_maker_and_its_reader_is_not_charged() => Scenario.Play(Given.Items("a", 3, n => n with { Batch = new BatchRule.Size(1) }).Each("b", "a"), """
        join w1 1
        lease w1 1          -> grant w1 L1 a[0]
        ok L1 0 1 seg
        lease w1 1          -> grant w1 L2 b[0]
        corrupt L2 0 seg    -> a=rrr; b=www
        lease w1 1          -> grant w1 L3 a[0]
        ok L3 0 1 seg       -> b=rww
        lease w1 1          -> grant w1 L4 b[0]
        // Somebody else's artifact is no excuse.
        corrupt L4 0 other  -> b=Fww
        """);

    [Fact]
    public void A_broken_input_that_never_heals_fails_its_reader_in_the_end() => Scenario.Play(Given.Items("a", 1).Each("b", "a"), """
        join w1 1
        lease w1 1 -> grant w1 L1 a[0]
        ok L1 0 1 seg
        lease w1 1 -> grant w1 L2 b[0]
        corrupt L2 0 seg
        lease w1 1 -> grant w1 L3 a[0]
        ok L3 0 1 seg
        lease w1 1 -> grant w1 L4 b[0]
        corrupt L4 0 seg
        lease w1 1 -> grant w1 L5 a[0]
        ok L5 0 1 seg
        lease w1 1 -> grant w1 L6 b[0]
        corrupt L6 0 seg
        lease w1 1 -> grant w1 L7 a[0]
        ok L7 0 1 seg
        lease w1 1 -> grant w1 L8 b[0]
        corrupt L8 0 seg -> b=F; finish Failed
        """);

    [Fact]
    public void Cached_items_are_done_from_the_start() => Scenario.Play(Given.Items("a", 3).Each("b", "a"), """
        cached a 0-1 -> a=hhr; b=rrw
        cached a 0   -> ignored
        join w1 1
        lease w1 1   -> grant w1 L1 b[0-1]
        hit L1 0-1   -> b=hhw
        """);

    [Fact]
    public void A_collect_may_find_many_broken_inputs_but_not_the_same_one_for_ever() => Scenario.Play(Given.Items("a", 5, n => n with { Batch = new BatchRule.Size(1) }).Collect("c", "a"), """
        join w1 1
        lease w1 1 -> grant w1 L1 a[0]
        ok L1 0 1 f0
        lease w1 1 -> grant w1 L2 a[1]
        ok L2 1 1 f1
        lease w1 1 -> grant w1 L3 a[2]
        ok L3 2 1 f2
        lease w1 1 -> grant w1 L4 a[3]
        ok L4 3 1 f3
        lease w1 1 -> grant w1 L5 a[4]
        ok L5 4 1 f4
        lease w1 1 -> grant w1 L6 c[0]
        corrupt L6 0 f0 -> a=rssss; c=w
        lease w1 1 -> grant w1 L7 a[0]
        ok L7 0 1 f0
        lease w1 1 -> grant w1 L8 c[0]
        corrupt L8 0 f1 -> a=srsss; c=w
        lease w1 1 -> grant w1 L9 a[1]
        ok L9 1 1 f1
        lease w1 1 -> grant w1 L10 c[0]
        corrupt L10 0 f2 -> a=ssrss; c=w
        lease w1 1 -> grant w1 L11 a[2]
        ok L11 2 1 f2
        lease w1 1 -> grant w1 L12 c[0]
        corrupt L12 0 f3 -> a=sssrs; c=w
        """);

    [Fact]
    public void A_lost_grant_is_given_again_while_its_inputs_are_there()
    {
        var scenario = Scenario.Play(Given.Items("a", 1).Each("b", "a"), """
            join w1 1
            lease w1 1  -> grant w1 L1 a[0]
            ok L1 0 1 seg
            lease w1 1  -> grant w1 L2 b[0]
            """);
        var again = scenario.Machine.Describe(new("w1"), new(2));
        Assert.Equal(Scenario.Artifact("seg"), again!.Inputs[0].Results[0].Outputs![0].Hash);
        Assert.Null(scenario.Machine.Describe(new("w2"), new(2)));
        scenario.Send(new OutputsInvalidated(Samples.At, new(0), new(ItemRange.One(0)), new(FailureClass.Transient, "x", "y")));
        Assert.Null(scenario.Machine.Describe(new("w1"), new(2)));
    }

    [Fact]
    public void A_chain_goes_whole_and_in_order_to_one_worker() => Scenario.Play(Given.Items("a", 1).Chain("f", 6, 3, after: "a"), """
        -> f=wwwwww
        join w1 2
        lease w1 1           -> grant w1 L1 a[0]
        ok L1 0              -> f=rwwrww
        lease w1 2           -> grant w1 L2 f[0-2]; grant w1 L3 f[3-5]
        ok L2 0              -> f=sCCCCC
        // Its worker cannot have cooked item 5 before item 4.
        ok L3 5              -> f=sCCCCw
        ok L3 3              -> f=sCCsCw
        fail L2 1 permanent  -> f=sFCsCw
        end L2               -> f=sFwsCw
        ok L3 4              -> f=sFwssr
        lease w1 1           -> grant w1 L4 f[5]
        """);

    [Fact]
    public void The_rest_of_a_chain_is_skipped_after_an_allowed_failure() => Scenario.Play(Given.Items("z", 1).Chain("f", 3, 3, with: n => n with { AllowFailed = new(1, 0) }), """
        join w1 1
        lease w1 1           -> grant w1 L1 f[0-2]
        ok L1 0
        fail L1 1 permanent
        end L1               -> f=sFk
        """);

    [Fact]
    public void Blocks_overlap_and_end_with_the_one_that_reaches_the_last_item() => Scenario.Play(Given.Items("a", 5).Reading("b", "a", new Mapping.Blocks(3, 2)), """
        -> b=ww
        join w1 1
        lease w1 1  -> grant w1 L1 a[0-4]
        ok L1 0-1   -> b=ww
        ok L1 2     -> b=rw
        ok L1 4     -> b=rw
        ok L1 3     -> b=rr
        """);

    [Fact]
    public void Virtual_items_succeed_with_their_inputs() => Scenario.Play(Given.Items("a", 2).Each("v", "a", n => n with { IsVirtual = true }).Each("b", "v"), """
        join w1 1
        lease w1 1  -> grant w1 L1 a[0-1]
        ok L1 1     -> v=ws; b=wr
        """);

    [Fact]
    public void A_check_that_does_not_hold_decides_the_end() => Scenario.Play(Given.Items("a", 1), """
        join w1 1
        lease w1 1  -> grant w1 L1 a[0]
        check L1 0  -> a=s; finish ChecksFailed
        """);

    [Fact]
    public void Retry_gives_a_fresh_budget_and_forgets_the_back_off() => Scenario.Play(Given.Items("a", 1, n => n with { Retry = Twice }), """
        join w1 1
        lease w1 1           -> grant w1 L1 a[0]
        fail L1 0 transient  -> a=w; call +10
        retry a 0            -> a=r
        retry a 0            -> ignored
        lease w1 1           -> grant w1 L2 a[0] try2
        fail L2 0 transient  -> a=w; call +10
        time +10
        lease w1 1           -> grant w1 L3 a[0] try3
        fail L3 0 transient  -> a=F; finish Failed
        """);

    [Fact]
    public void A_lost_lease_comes_back_without_its_worker() => Scenario.Play(Given.Items("a", 3), """
        join w1 1
        lease w1 1           -> grant w1 L1 a[0-2]
        leaselost L1 stopped -> revoke w1 L1; a=rrr
        leaselost L1 stopped -> ignored
        lease w1 1           -> grant w1 L2 a[0-2]
        leaselost L2 vanished -> revoke w1 L2; a=Lrr
        """);

    [Fact]
    public void An_empty_collect_cooks_and_an_empty_node_ends() => Scenario.Play(Given.Items("a", 0).Each("b", "a").Collect("c", "b"), """
        -> a=; b=; c=r
        join w1 1
        lease w1 1  -> grant w1 L1 c[0]
        ok L1 0     -> finish Succeeded
        """);

    [Fact]
    public void Reopening_can_leave_failures_as_they_are() => Scenario.Play(Given.Items("a", 2), """
        join w1 1
        lease w1 1           -> grant w1 L1 a[0-1]
        fail L1 0 permanent
        cancel               -> revoke w1 L1; a=Fx; finish Cancelled
        reopen keep          -> a=Fr; Running
        lease w1 1           -> grant w1 L2 a[1]
        ok L2 1              -> finish Failed
        reopen keep          -> ignored
        reopen               -> a=rs
        """);

    [Fact]
    public void Explanations_name_what_is_missing()
    {
        var scenario = Scenario.Play(Given.Items("a", 20, n => n with { Retry = Twice }).Each("b", "a").Collect("c", "b").Expand("d", "c").Collect("e", "d"), """
            join w1 1
            lease w1 1           -> grant w1 L1 a[0-19]
            fail L1 0 transient  -> call +10
            """);
        Assert.Equal("It waits for its input b: b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], ….", scenario.Explain("c", 0));
        Assert.Equal("It waits for its input a: a[3].", scenario.Explain("b", 3));
        Assert.StartsWith("Attempt 1 failed (it broke); the next one starts after 2026-01-01 00:00:10", scenario.Explain("a", 0), StringComparison.Ordinal);
        Assert.StartsWith("Leased to w1 (L1)", scenario.Explain("a", 1), StringComparison.Ordinal);
        Assert.Equal("d has 0 items so far; more are found when d? has cooked.", scenario.Explain("d", 0));
        Assert.Equal("d has 0 items so far; more are found when d? has cooked.", scenario.Explain("e", 0));
        Assert.Equal("a has 20 items.", scenario.Explain("a", 20));
    }
}
