using ExampleMlFarm.Farm.Output;

namespace ExampleMlFarm.Tests.Farm.Looks;

public class OutputTests
{
    [Fact]
    public void Falling_curve_falls_in_the_sparkline() => Assert.Equal("█▆▄▁", Sparkline.Of([4, 3, 2, 0.5], 4));

    [Fact]
    public void Long_curve_is_averaged_to_the_width() => Assert.Equal(8, Sparkline.Of([.. Enumerable.Range(0, 1000).Select(i => (double)i)], 8).Length);

    [Fact]
    public void Flat_empty_and_broken_curves_have_a_sparkline() => Assert.Equal("▁▁||▁ █", $"{Sparkline.Of([1, 1], 5)}|{Sparkline.Of([], 5)}|{Sparkline.Of([0, double.NaN, 1], 5)}");

    [Fact]
    public void Words_break_at_the_width_and_hang_below_the_first()
        => Assert.Equal(["a: one two", "   three", "   extraordinarily"], Wrapping.Lines("a: ", "one two three extraordinarily", 11));

    private static readonly Column<string>[] Columns = [new("a", r => r), new("b", r => r), new("c", r => r), new("empty", r => "")];

    [Fact]
    public void Columns_without_room_are_named_and_the_urgent_ones_stay()
    {
        var (shown, left) = TableFit.Choose(Columns, ["12345678"], 24, c => c.Name == "c" ? 0 : 1);
        Assert.Equal(["a", "c", "empty"], shown.Select(c => c.Name));
        Assert.Equal(["b"], left);
    }

    [Fact]
    public void Table_leaves_out_columns_that_are_empty_in_every_row()
        => Assert.Equal("  A  B  C", TableWriter.Lines(Columns, ["1"], 80)[0]);

    [Fact]
    public void Sentence_gives_way_before_names_do()
        => Assert.Equal("  name-of-the-node  a sentence that…", TableWriter.Lines<string>([new("name", _ => "name-of-the-node"), new("why", _ => "a sentence that is long", GivesWay: true)], ["x"], 38)[1]);
}
