using CsCheck;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Workers;
using ExampleMlFarm.Workers.Processes;
using ExampleMlFarm.Workers.Reporting;

namespace ExampleMlFarm.Tests.Workers.Reporting;

public sealed class OutboxTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mlfarm-outbox-").FullName;

    private string FilePath => Path.Combine(folder, "w", "outbox");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Reports_are_read_back_until_they_are_acknowledged()
    {
        using var outbox = new Outbox(FilePath);
        for (int i = 0; i < 5; i++) outbox.Append(new(3), i, [(byte)i, 1, 2]);
        outbox.Append(new(4), 0, [9]);
        Assert.Equal(6, Outbox.Read(FilePath).Count);
        outbox.Acknowledge(new(3), 4);
        Assert.Equal(6, Outbox.Read(FilePath).Count);
        outbox.Acknowledge(new(4), 0);
        Assert.Empty(Outbox.Read(FilePath));
        outbox.Append(new(4), 1, [7]);
        Assert.Equal([7], Assert.Single(Outbox.Read(FilePath)).Report);
    }

    [Fact]
    public void Damaged_bytes_end_the_list_and_never_throw()
    {
        using (var outbox = new Outbox(FilePath))
            for (int i = 0; i < 8; i++) outbox.Append(new(1), i, new byte[20 + i]);
        var whole = File.ReadAllBytes(FilePath);
        var other = Path.Combine(folder, "damaged");
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[0, whole.Length]).Sample((at, value, length) =>
        {
            var bytes = whole[..length];
            if (at < length) bytes[at] = value;
            File.WriteAllBytes(other, bytes);
            var read = Outbox.Read(other);
            Assert.True(read.Count <= 8);
            for (int i = 0; i < read.Count; i++) Assert.Equal(20 + i, read[i].Report.Length);
        }, iter: 300, threads: 1);
    }

    [Fact]
    public void A_dead_worker_s_reports_and_innocent_items_are_sent_in_its_name()
    {
        var folders = new WorkerFolders(folder, new("host-1-2"));
        using (var outbox = new Outbox(folders.Outbox))
        using (var board = new SlotBoard(folders.Slots, 2))
        {
            var report = new LeaseReport(new(5), 3, [new(new(10, 14), ResultKind.Succeeded)], Finished: false);
            outbox.Append(new(1), 3, ReportBytes.Write(report));
            board.Begin(0, new(1), new(5), new(10, 20));
            board.Cook(0, 16);
            board.Begin(1, new(1), new(6), new(30, 40));
            board.End(1);
        }
        var (run, message) = Assert.Single(Salvage.Messages(folders));
        Assert.Equal(new RunId(1), run);
        Assert.Equal("host-1-2", message.Worker.Value);
        Assert.Equal(2, message.Reports.Count);
        Assert.Equal(ResultKind.Succeeded, message.Reports[0].Results.Single().Kind);
        // Of the lease 10-19, 10-13 are reported and 16 was cooking.
        Assert.Equal([new(14, 16), new(17, 20)], message.Reports[1].Results.Select(r => r.Items));
        Assert.All(message.Reports[1].Results, r => Assert.Equal(ResultKind.Returned, r.Kind));
        Assert.True(message.Reports[1].Sequence > message.Reports[0].Sequence);
    }
}
