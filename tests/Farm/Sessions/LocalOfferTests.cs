using CsCheck;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Farm.Sessions;

namespace ExampleMlFarm.Tests.Farm.Sessions;

public class LocalOfferTests
{
    private static PlanNode Node(double cpu = 1, double gpu = 0, long memory = 0, string? pool = null, string? custom = null)
        => new("train", new ItemRule.Fixed(4), []) { Resources = new(cpu, gpu, memory, custom is null ? [] : [new(custom, 1)]), Pool = pool };

    private static LocalOffer Machine(int slots, double cpu, double gpu = 0, long memory = 16_000_000_000) => new(slots, new(cpu, gpu, memory, []), ["*"]);

    [Theory]
    [InlineData(2, 2, 1, 2, 1)]
    [InlineData(2, 2, 2, 1, 2)]
    [InlineData(1, 2, 2, 1, 1)]
    [InlineData(4, 4, 2, 2, 2)]
    [InlineData(16, 16, 5, 3, 5)]
    [InlineData(8, 8, 0.5, 8, 1)]
    public void Items_of_more_cores_get_fewer_and_larger_workers(int slots, double cores, double asked, int processes, int slotsEach)
    {
        var (count, each) = Machine(slots, cores).Divide("/tmp", new([Node(asked)]));
        Assert.Equal((processes, slotsEach), (count, each.Slots));
        Assert.True(each.Cpu >= asked);
    }

    [Fact]
    public void One_gpu_goes_to_one_worker() => Assert.Equal((1, 4, 1.0), Machine(4, 4, gpu: 1).Divide("/tmp", new([Node(gpu: 1)])) is var (n, e) ? (n, e.Slots, e.Gpu) : default);

    [Fact]
    public void Whatever_fits_the_machine_fits_a_worker_and_all_together_take_no_more_than_there_is() =>
        Gen.Select(Gen.Int[1, 64], Gen.Double[1, 64], Gen.Double[0.1, 64], Gen.Long[1, 1L << 40]).Sample((slots, cores, asked, memory) =>
        {
            var machine = Machine(slots, cores, memory: 1L << 40);
            var node = Node(asked, memory: memory);
            if (LocalOffer.Lacking(node, [machine]) is not null) return;
            var (count, each) = machine.Divide("/tmp", new([node]));
            Assert.Null(LocalOffer.Lacking(node, [new(each.Slots, new(each.Cpu, each.Gpu, each.MemoryBytes, []), ["*"])]));
            Assert.True(count * each.Slots <= slots && count * each.Cpu <= cores + 1e-6 && count * each.MemoryBytes <= 1L << 40);
        });

    [Fact]
    public void What_is_lacking_is_told_with_both_amounts()
    {
        LocalOffer[] machine = [Machine(2, 2)];
        Assert.Equal(new Misfit("train", "cpu", "8", "2"), LocalOffer.Lacking(Node(8), machine));
        Assert.Equal(new Misfit("train", "gpu", "1", "none"), LocalOffer.Lacking(Node(gpu: 1), machine));
        Assert.Equal(new Misfit("train", "memory", "900 GB", "16 GB"), LocalOffer.Lacking(Node(memory: 900_000_000_000), machine));
        Assert.Equal(new Misfit("train", "licence", "1", "none"), LocalOffer.Lacking(Node(custom: "licence"), machine));
        Assert.Null(LocalOffer.Lacking(Node(pool: "anything"), machine));
        Assert.Equal(new Misfit("train", "pool", "night", "day"), LocalOffer.Lacking(Node(pool: "night"), [machine[0] with { Pools = ["day"] }]));
        Assert.Null(LocalOffer.Lacking(Node(8), [machine[0], Machine(1, 8)]));
        Assert.Null(LocalOffer.Lacking(Node(8) with { IsVirtual = true }, machine));
    }
}
