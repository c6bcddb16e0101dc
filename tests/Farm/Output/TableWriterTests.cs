using ExampleMlFarm.Farm.Output;

namespace ExampleMlFarm.Tests.Farm.Output;

public class TableWriterTests
{
    private sealed record Row(long Item, string State, double? Seconds);

    private static readonly Column<Row>[] Columns =
    [
        new("item", r => r.Item, RightAligned: true),
        new("state", r => r.State),
        new("ran_seconds", r => r.Seconds, r => r.Seconds is { } s ? Format.Duration(s) : "-"),
    ];

    private static readonly Row[] Rows = [new(403, "failed", 41.25), new(7, "done\tand more", null)];

    private static (string Out, string Error) Write(OutputFormat format, bool terminal, long total = 2, int width = 80)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        TableWriter.Write(new Terminal(output, error, terminal, terminal, width, false), format, Columns, Rows, r => $"142/simulate/{r.Item}", total, "items");
        return (output.ToString(), error.ToString());
    }

    [Fact]
    public void Terminal_gets_aligned_columns_and_a_count() =>
        Assert.Equal("  ITEM  STATE          RAN SECONDS\n   403  failed         41 s\n     7  done and more  -\n2 items\n", Write(OutputFormat.Automatic, terminal: true).Out);

    [Fact]
    public void Pipe_gets_tabs_and_full_values() =>
        Assert.Equal("item\tstate\tran_seconds\n403\tfailed\t41.25\n7\tdone and more\t\n", Write(OutputFormat.Automatic, terminal: false).Out);

    [Fact]
    public void Json_is_one_array() =>
        Assert.Equal("""[{"item":403,"state":"failed","ran_seconds":41.25},{"item":7,"state":"done\tand more","ran_seconds":null}]""" + "\n", Write(OutputFormat.Json, true).Out);

    [Fact]
    public void Names_are_addresses() => Assert.Equal("142/simulate/403\n142/simulate/7\n", Write(OutputFormat.Name, false).Out);

    [Fact]
    public void Cut_result_says_how_much_is_missing() => Assert.Equal("2 of 100 000 items shown\n", Write(OutputFormat.Tsv, false, total: 100_000).Error);

    [Fact]
    public void Narrow_terminal_cuts_the_widest_column_and_no_line_passes_the_width() =>
        Assert.All(Write(OutputFormat.Table, true, width: 30).Out.Split('\n'), line => Assert.True(line.Length <= 30, line));

    [Fact]
    public void Json_has_no_infinity_and_people_read_inf()
    {
        var row = new Row(1, "done", double.PositiveInfinity);
        Assert.Equal("""{"item":1,"state":"done","ran_seconds":null}""", TableWriter.Json(Columns, row).ToJsonString());
        Assert.Equal("inf", Columns[2].Plain(row));
        Assert.Equal(["inf", "-inf", "nan"], new[] { double.PositiveInfinity, double.NegativeInfinity, double.NaN }.Select(Format.Number));
    }

    [Fact]
    public void Names_that_begin_alike_stay_apart_in_a_narrow_terminal()
    {
        Column<string>[] columns = [new("node", n => n), new("items", n => 1024, RightAligned: true), new("summary", _ => "a sentence that is cut first", GivesWay: true)];
        var lines = TableWriter.Lines(columns, ["unseen_character_poses", "unseen_character_truth"], 36);
        Assert.All(lines, line => Assert.True(line.Length <= 36, line));
        Assert.NotEqual(lines[1].Split("1024")[0], lines[2].Split("1024")[0]);
    }
}
