using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Tests.Workers.World;
using ExampleMlFarm.Workers;
using ExampleMlFarm.Workers.Disk;
using ExampleMlFarm.Workers.Processes;
using ExampleMlFarm.Workers.Reporting;
using Microsoft.Extensions.Time.Testing;

namespace ExampleMlFarm.Tests.Workers.Disk;

public sealed class DiskRoomTests
{
    private const long Total = 1_000_000_000_000;
    private readonly List<Notice> told = [];
    private readonly FakeTimeProvider time = new();
    private long free = Total;

    private static IOException NoSpace() => new("No space left on device", 28);

    private DiskRoom Room() => new("/data", time, told.Add, () => (free, Total));

    [Fact]
    public void Too_little_space_is_told_once_and_so_is_that_there_is_some_again()
    {
        var room = Room();
        Assert.False(room.IsShort);
        free = 10_000_000;
        for (int i = 0; i < 10; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            room.Look();
        }
        Assert.True(room.IsShort);
        Assert.Equal("disk full: /data, 10 MB free; make room, work goes on by itself", Assert.Single(told).Text);
        free = Total;
        time.Advance(TimeSpan.FromSeconds(1));
        room.Look();
        Assert.False(room.IsShort);
        Assert.True(told[1].IsOver);
    }

    [Fact]
    public void After_a_failed_write_more_must_become_free_than_there_was()
    {
        var room = Room();
        free = 500_000_000;
        room.Hit(500_000_000);
        Assert.True(room.IsShort);
        free = 510_000_000;
        room.Look();
        Assert.True(room.IsShort);
        free = 600_000_000;
        room.Look();
        Assert.False(room.IsShort);
    }

    [Fact]
    public void Two_items_that_only_together_need_too_much_are_tried_again_after_a_while()
    {
        var room = Room();
        free = 500_000_000;
        room.Hit(500_000_000);
        time.Advance(TimeSpan.FromSeconds(2 * 30 + 1));
        room.Look();
        Assert.False(room.IsShort);
    }

    [Fact]
    public async Task An_item_that_fails_for_want_of_space_is_cooked_again_and_not_charged()
    {
        int tries = 0;
        await using var world = new TestWorld(new([TestWorld.Node("a", 3) with { Batch = new BatchRule.Size(3) }]), p => new TestProgram(p, cook =>
        {
            if (cook.Index == 1 && tries++ < 2) throw new FarmWrite(NoSpace());
        }), disk: w => new("/data", w.Time, told.Add, () => (free, Total)));
        await world.Until(() => told.Count > 0, "it is told");
        Assert.Equal(ItemState.Cooking, world.StateOf(0, 1));
        await world.Finished();
        Assert.Equal(3, tries);
        Assert.Equal(RunStatus.Succeeded, world.Farm.Ask(m => m.Status));
        Assert.DoesNotContain(world.Farm.Reports.SelectMany(r => r.Results), r => r.Kind == ResultKind.Failed);
    }

    [Fact]
    public async Task An_item_that_fails_while_there_is_room_fails()
    {
        await using var world = new TestWorld(new([TestWorld.Node("a", 1)]), p => new TestProgram(p, _ => throw new IOException("the file is busy")),
            disk: w => new("/data", w.Time, told.Add, () => (free, Total)));
        await world.Finished();
        Assert.Equal(ItemState.Failed, world.StateOf(0, 0));
    }

    [Fact]
    public async Task A_lease_that_waits_for_room_goes_back_when_its_worker_ends()
    {
        free = 1000;
        int cooked = 0;
        await using var world = new TestWorld(new([TestWorld.Node("a", 3)]), p => new TestProgram(p, _ => cooked++), disk: w => new("/data", w.Time, told.Add, () => (free, Total)));
        await world.Until(() => world.Farm.Ask(m => m.Leases.Count > 0), "a lease is out");
        await world.Stop();
        Assert.Equal(0, cooked);
        Assert.Empty(world.Farm.Ask(m => m.Leases.ToList()));
    }

    [Fact]
    public void Words_and_reports_that_find_no_room_are_dropped_without_an_exception()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "/dev/full is not there");
        using var words = new WorkerWords("/dev/full");
        words.Write("lost");
        using var outbox = new Outbox("/dev/full");
        outbox.Append(new(1), 0, [1, 2, 3]);
    }

    [Fact]
    public void Trouble_that_workers_share_is_told_when_the_first_has_it_and_when_the_last_is_rid_of_it()
    {
        var board = new NoticeBoard(told.Add);
        Notice begins = new("disk /data", "disk full: /data", false), over = new("disk /data", "work goes on: /data", true);
        Assert.Equal(begins, Notice.Parse(begins.ToLine()));
        Assert.Equal(over, Notice.Parse(over.ToLine()));
        Assert.Null(Notice.Parse("disk full: /data"));
        board.Take("one", begins);
        board.Take("two", begins);
        board.Take("two", begins);
        Assert.Equal([begins], told);
        board.Take("one", over);
        Assert.Single(told);
        board.Take("two", over);
        Assert.Equal([begins, over], told);
        board.Take("one", begins);
        board.Forget("one");
        board.Take("two", begins);
        Assert.Equal(4, told.Count);
    }

    private sealed class FarmWrite(Exception cause) : IOException("could not be stored", cause);
}
