using CsCheck;
using ExampleMlFarm.Core.Farm;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Tests.Scheduler.Farm;

public sealed class FarmMachineTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly RunId A = new(1), B = new(2);
    private static readonly WorkerId W = new("w"), V = new("v");
    private readonly FarmMachine farm = new(silenceSeconds: 30);

    [Fact]
    public void Lone_run_has_every_slot_even_while_it_waits()
    {
        Activate(A, 0, ready: 0);
        Offer(W, 4);
        Assert.Equal("1:4", GrantsOf(W));
    }

    [Fact]
    public void Worker_without_runs_waits_and_is_told_when_one_comes()
    {
        Offer(W, 2);
        Assert.Equal("", GrantsOf(W));
        long version = farm.GrantOf(W).Version;
        Assert.Contains(new FarmCommand.TellWorker(W), farm.Handle(new FarmEvent.RunActivated(A, 0, "", Start)));
        Assert.True(farm.GrantOf(W).Version > version);
    }

    [Fact]
    public void Higher_priority_takes_what_it_can_use_and_leaves_the_rest()
    {
        Activate(A, 0, ready: 100);
        Activate(B, 5, ready: 3);
        Offer(W, 4);
        Assert.Equal("2:3 1:1", GrantsOf(W));
        farm.Handle(new FarmEvent.RunDemanded(B, 100, Start));
        Assert.Equal("2:4", GrantsOf(W));
        farm.Handle(new FarmEvent.RunDemanded(B, 0, Start));
        Assert.Equal("1:4", GrantsOf(W));
    }

    [Fact]
    public void Equal_priorities_share_and_a_newcomer_starts_level()
    {
        Activate(A, 0, ready: 100);
        Offer(W, 3, (A, 3));
        Offer(W, 3, at: 10, (A, 3));
        Assert.Equal(30, farm.UsedSlotSeconds(A));
        Offer(V, 3, at: 10);
        farm.Handle(new FarmEvent.RunActivated(B, 0, "", Start.AddSeconds(10)));
        farm.Handle(new FarmEvent.RunDemanded(B, 100, Start.AddSeconds(10)));
        Assert.Equal(30, farm.UsedSlotSeconds(B));
        // Who is at work for A stays with it: half of the farm is one whole worker.
        Assert.Equal(("1:3", "2:3"), (GrantsOf(W), GrantsOf(V)));
    }

    [Fact]
    public void Older_run_keeps_its_half_while_a_younger_one_works_and_gets_all_when_that_has_ended()
    {
        Activate(A, 0, ready: 100);
        Offer(W, 1);
        Offer(V, 1);
        Activate(B, 0, ready: 100);
        for (double at = 0.5; at < 60; at += 0.5)
        {
            Assert.Equal(("1:1", "2:1"), (GrantsOf(W), GrantsOf(V)));
            farm.Handle(new FarmEvent.TimePassed(Start.AddSeconds(at)));
            // Polls are seldom, and what they say of the work is old.
            if (at % 8 == 0) Offer(V, 1, at, (B, 0));
            if (at % 8 == 0) Offer(W, 1, at, (A, 1));
        }
        farm.Handle(new FarmEvent.RunEnded(B, Start.AddSeconds(60)));
        Assert.Equal(("1:1", "1:1"), (GrantsOf(W), GrantsOf(V)));
    }

    [Fact]
    public void Single_slot_goes_to_and_fro_between_two_runs_in_turns()
    {
        Activate(A, 0, ready: 100);
        Activate(B, 0, ready: 100);
        var served = new List<RunId>();
        Offer(W, 1);
        for (int i = 1; i <= 400; i++)
        {
            served.Add(farm.GrantOf(W).Grants.Single().Run);
            farm.Handle(new FarmEvent.TimePassed(Start.AddSeconds(i * 0.25)));
            if (i % 20 == 0) Offer(W, 1, i * 0.25, (served[^1], 1));
        }
        Assert.InRange(served.Count(r => r == A), 190, 210);
        // A turn is long enough that leases are not handed to and fro all the time.
        Assert.InRange(served.Zip(served.Skip(1)).Count(p => p.First != p.Second), 20, 60);
    }

    [Fact]
    public void Run_that_has_nothing_to_cook_is_not_charged_for_the_slots_that_wait_for_it()
    {
        Activate(A, 0, ready: 0);
        Offer(W, 4, (A, 1));
        Offer(W, 4, at: 10, (A, 1));
        Assert.Equal(10, farm.UsedSlotSeconds(A));
    }

    [Fact]
    public void Silent_worker_is_lost_and_an_ended_one_at_once_even_if_it_was_never_seen()
    {
        Activate(A, 0, ready: 1);
        Offer(W, 1);
        Assert.Empty(farm.Handle(new FarmEvent.TimePassed(Start.AddSeconds(30))));
        Assert.Equal([new FarmCommand.LoseWorker(W)], farm.Handle(new FarmEvent.TimePassed(Start.AddSeconds(31))));
        Assert.Equal(0, farm.GrantOf(W).Version);
        Assert.Equal([new FarmCommand.LoseWorker(V)], farm.Handle(new FarmEvent.WorkerExited(V, Start)));
    }

    [Fact]
    public void Ended_run_leaves_the_list_and_late_words_of_it_change_nothing()
    {
        Activate(A, 0, ready: 1);
        Activate(B, 0, ready: 1);
        Offer(W, 2);
        farm.Handle(new FarmEvent.RunEnded(A, Start));
        Assert.Equal("2:2", GrantsOf(W));
        Assert.Empty(farm.Handle(new FarmEvent.RunDemanded(A, 9, Start)));
        Assert.Empty(farm.Handle(new FarmEvent.RunEnded(A, Start)));
        Assert.Equal("2:2", GrantsOf(W));
    }

    [Fact]
    public void Drained_farm_stops_every_worker_those_that_come_later_too()
    {
        Offer(W, 1);
        Assert.Equal([new FarmCommand.TellWorker(W)], farm.Handle(new FarmEvent.Drained(Start)));
        Offer(V, 1);
        Assert.True(farm.GrantOf(W).Stop && farm.GrantOf(V).Stop);
    }

    [Fact]
    public void Nothing_is_told_when_nothing_changed()
    {
        Activate(A, 0, ready: 5);
        Offer(W, 2);
        Assert.Empty(farm.Handle(new FarmEvent.WorkerOffered(W, 2, [new(A, 2)], Start.AddSeconds(1))));
        Assert.Empty(farm.Handle(new FarmEvent.RunDemanded(A, 5, Start)));
    }

    [Fact]
    public void All_slots_are_granted_and_never_more() =>
        Gen.Select(Gen.Int[1, 8], Gen.Select(Gen.Int[0, 2], Gen.Int[0, 6], Gen.Int[0, 5]).Array[1, 5]).Sample((slots, runs) =>
        {
            var machine = new FarmMachine(30);
            for (int i = 0; i < runs.Length; i++)
            {
                machine.Handle(new FarmEvent.RunActivated(new(i), runs[i].Item1, "", Start));
                machine.Handle(new FarmEvent.RunDemanded(new(i), runs[i].Item2, Start));
            }
            machine.Handle(new FarmEvent.WorkerOffered(W, slots, [.. runs.Select((r, i) => new SlotUse(new(i), r.Item3))], Start));
            var grants = machine.GrantOf(W).Grants;
            if (grants.Sum(g => g.Slots) != slots || grants.Any(g => g.Slots <= 0)) return false;
            // Nobody gets more than it can use while one of a higher or equal priority goes short.
            return !grants.Any(g => g.Slots > Useful(g.Run)) || Enumerable.Range(0, runs.Length).All(i => (grants.FirstOrDefault(g => g.Run == new RunId(i)).Slots) >= Math.Min(slots, Useful(new(i))));
            int Useful(RunId run) => runs[run.Value].Item2 + runs[run.Value].Item3;
        });

    [Fact]
    public void Owner_of_many_runs_gets_no_more_than_the_owner_of_one()
    {
        for (int i = 1; i <= 20; i++) Activate(new(i), 0, ready: 1000, "ada");
        Activate(new(21), 0, ready: 10, "bob");
        Offer(W, 8);
        Assert.Equal(4, farm.GrantOf(W).Grants.Where(g => g.Run == new RunId(21)).Sum(g => g.Slots));
        Assert.Equal([1, 1, 1, 1], farm.GrantOf(W).Grants.Where(g => g.Run != new RunId(21)).Select(g => g.Slots));
    }

    [Fact]
    public void Owners_who_take_turns_on_one_slot_use_the_same_over_time()
    {
        for (int i = 1; i <= 100; i++) Activate(new(i), 0, ready: 1000, "ada");
        Activate(new(101), 0, ready: 1000, "bob");
        for (int second = 0; second < 1000; second++)
        {
            Offer(W, 1, second, [.. farm.GrantOf(W).Grants.Select(g => (g.Run, g.Slots))]);
            farm.Handle(new FarmEvent.TimePassed(Start.AddSeconds(second)));
        }
        Assert.InRange(farm.UsedSlotSecondsOf("bob") / farm.UsedSlotSecondsOf("ada"), 0.98, 1.02);
    }

    [Fact]
    public void Quota_holds_an_owner_back_and_its_burst_is_his_while_nobody_else_wants_it()
    {
        farm.Handle(new FarmEvent.QuotaSet("ada", new(2, 3), Start));
        Activate(A, 0, ready: 100, "ada");
        Offer(W, 8);
        // The slots beyond quota and burst stay empty: whoever has a quota must not find a way around it.
        Assert.Equal($"{A}:5", GrantsOf(W));
        Activate(B, 0, ready: 100, "bob");
        Assert.Equal($"{A}:2 {B}:6", string.Join(' ', GrantsOf(W).Split(' ').Order(StringComparer.Ordinal)));
        farm.Handle(new FarmEvent.QuotaSet("ada", Quota.None, Start));
        Assert.Equal($"{A}:4 {B}:4", string.Join(' ', GrantsOf(W).Split(' ').Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Priority_goes_before_owners_and_a_newcomer_owner_does_not_get_the_farm_until_he_has_caught_up()
    {
        Activate(A, 5, ready: 100, "ada");
        Activate(B, 0, ready: 100, "bob");
        Offer(W, 4);
        Assert.Equal($"{A}:4", GrantsOf(W));
        farm.Handle(new FarmEvent.TimePassed(Start.AddSeconds(20)));
        farm.Handle(new FarmEvent.RunActivated(new(30), 5, "eve", Start.AddSeconds(20)));
        Assert.Equal(farm.UsedSlotSecondsOf("bob"), farm.UsedSlotSecondsOf("eve"));
    }

    private void Activate(RunId run, int priority, long ready, string owner = "")
    {
        farm.Handle(new FarmEvent.RunActivated(run, priority, owner, Start));
        farm.Handle(new FarmEvent.RunDemanded(run, ready, Start));
    }

    private void Offer(WorkerId worker, int slots, params (RunId Run, int Slots)[] uses) => Offer(worker, slots, 0, uses);

    private void Offer(WorkerId worker, int slots, double at, params (RunId Run, int Slots)[] uses) =>
        farm.Handle(new FarmEvent.WorkerOffered(worker, slots, [.. uses.Select(u => new SlotUse(u.Run, u.Slots))], Start.AddSeconds(at)));

    private string GrantsOf(WorkerId worker) => string.Join(' ', farm.GrantOf(worker).Grants.Select(g => $"{g.Run}:{g.Slots}"));
}
