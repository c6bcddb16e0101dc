using CsCheck;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Tests.Core;

public sealed class RangeSetTests
{
    private static readonly Gen<ItemRange> Range = Gen.Select(Gen.Long[0, 60], Gen.Long[0, 12], (start, count) => new ItemRange(start, start + count));

    [Fact]
    public void A_range_set_behaves_like_a_set_of_numbers()
    {
        var steps = Gen.Select(Gen.Int[0, 2], Range, (kind, range) => (Kind: kind, Items: range)).List[1, 60];
        steps.Sample(list =>
        {
            var set = new RangeSet();
            var model = new HashSet<long>();
            foreach (var (kind, range) in list)
            {
                switch (kind)
                {
                    case 0:
                        set.Add(range);
                        model.UnionWith(Numbers(range));
                        break;
                    case 1:
                        set.Remove(range);
                        model.ExceptWith(Numbers(range));
                        break;
                    default:
                        var taken = set.TakeFirst(range.Count);
                        if (model.Count > 0 && range.Count > 0) Assert.Equal(model.Min(), taken.Start);
                        Assert.True(Numbers(taken).All(model.Remove));
                        break;
                }
                Same(set, model);
            }
        }, iter: 3000);
    }

    [Fact]
    public void Questions_about_a_range_are_answered_as_for_numbers()
    {
        Gen.Select(Range.List[0, 12], Range.List[0, 12], Range, Gen.Long[0, 80]).Sample((ranges, others, asked, index) =>
        {
            var (set, other) = (Of(ranges), Of(others));
            var (model, otherModel) = (ranges.SelectMany(Numbers).ToHashSet(), others.SelectMany(Numbers).ToHashSet());
            Assert.Equal(model.Contains(index), set.Contains(index));
            Assert.Equal(Numbers(asked).All(model.Contains), set.Contains(asked));
            Assert.Equal(Numbers(asked).Count(model.Contains), set.CountIn(asked));
            Same(set.Intersect(asked), [.. Numbers(asked).Where(model.Contains)]);
            Same(set.Missing(asked), [.. Numbers(asked).Where(i => !model.Contains(i))]);
            Same(set.Intersect(other), [.. model.Intersect(otherModel)]);
            Assert.Equal(model.SetEquals(otherModel), set.Equals(other));
            var copy = new RangeSet(set);
            copy.Add(other);
            Same(copy, [.. model.Union(otherModel)]);
            copy.Remove(other);
            Same(copy, [.. model.Except(otherModel)]);
            Same(set, model);
        }, iter: 3000);
    }

    private static IEnumerable<long> Numbers(ItemRange range)
    {
        for (long i = range.Start; i < range.End; i++) yield return i;
    }

    private static RangeSet Of(List<ItemRange> ranges)
    {
        var set = new RangeSet();
        foreach (var range in ranges) set.Add(range);
        return set;
    }

    private static void Same(RangeSet set, HashSet<long> model)
    {
        Assert.Equal(model.Order(), set.SelectMany(Numbers));
        Assert.Equal(model.Count, set.ItemCount);
        for (int i = 0; i < set.Count; i++)
        {
            Assert.True(set[i].Count > 0);
            if (i > 0) Assert.True(set[i - 1].End < set[i].Start, "ranges touch");
        }
    }
}
