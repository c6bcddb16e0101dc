using CsCheck;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Addresses;

namespace ExampleMlFarm.Tests.Farm.Addresses;

public class AddressParserTests
{
    [Theory]
    [InlineData("142", 142L, null, null, null, "", "")]
    [InlineData("last", null, null, null, null, "", "")]
    [InlineData("142/simulate", 142L, "simulate", null, null, "", "")]
    [InlineData("142/simulate/17", 142L, "simulate", "17", null, "", "")]
    [InlineData("142/simulate/17.2", 142L, "simulate", "17", 2, "", "")]
    [InlineData("142/simulate/10-40", 142L, "simulate", "10-40", null, "", "")]
    [InlineData("142/simulate/10-16:2", 142L, "simulate", "10,12,14,16", null, "", "")]
    [InlineData("last/simulate/1,3,5-8", null, "simulate", "1,3,5-8", null, "", "")]
    [InlineData("142@failed", 142L, null, null, null, "Failed", "")]
    [InlineData("142/simulate@failed,lost", 142L, "simulate", null, null, "Failed,Lost", "")]
    [InlineData("142@done", 142L, null, null, null, "Succeeded,Cached", "")]
    [InlineData("142/trial?lr>1e-3&val/rmse<=0.1", 142L, "trial", null, null, "", "lr > 1e-3;val/rmse <= 0.1")]
    [InlineData("142/trial@failed?act=silu", 142L, "trial", null, null, "Failed", "act = silu")]
    public void Address_is_read_into_its_parts(string text, long? run, string? node, string? items, int? attempt, string states, string query)
    {
        Assert.True(AddressParser.TryParse(text, out var address, out var error), error);
        Assert.Equal(run, address.Run?.Value);
        Assert.Equal(node, address.Node);
        Assert.Equal(items, address.Items?.ToString());
        Assert.Equal(attempt, address.Attempt);
        Assert.Equal(states, string.Join(',', address.States));
        Assert.Equal(query, string.Join(';', address.Query.Select(c => $"{c.Name} {c.Operator} {c.Value}")));
    }

    [Theory]
    [InlineData("", "an address is empty; write a run such as 142 or last")]
    [InlineData("x", "\"x\" is not a run; write its number, or last")]
    [InlineData("0", "\"0\" is not a run; write its number, or last")]
    [InlineData("142/", "\"142/\" names no node after the slash; write 142/simulate")]
    [InlineData("142/simulate/x", "\"x\" is not an item or a range; write 17, 10-40 or 10-40:2")]
    [InlineData("142/simulate/9-3", "\"9-3\" is not an item or a range; write 17, 10-40 or 10-40:2")]
    [InlineData("142/simulate/9:0", "\"9:0\" is not an item or a range; write 17, 10-40 or 10-40:2")]
    [InlineData("142/simulate/3-5.2", "an attempt belongs to one item, and \"3-5\" names 3")]
    [InlineData("142/simulate/3.0", "\"0\" is not an attempt; write 17.2 for the second one")]
    [InlineData("142/simulate/0-99999999999:2", "\"0-99999999999:2\" names more than 1000000 single items; use a larger step")]
    [InlineData("142@faild", "\"faild\" is not a state; states: waiting, ready, running, stopped, done, succeeded, cached, failed, lost, skipped, cancelled")]
    [InlineData("142/trial?lr", "\"lr\" is not a condition; write lr>1e-3, act=silu or validation/loss<0.1")]
    public void Malformed_address_says_what_to_write(string text, string expected)
    {
        Assert.False(AddressParser.TryParse(text, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void Any_text_is_read_or_refused_and_never_throws() =>
        Gen.String[Gen.Char["0123456789/@?.,:-<>=&last simulate failed"], 0, 40].Sample(text =>
            AddressParser.TryParse(text, out var address, out var error) ? address is not null : !string.IsNullOrEmpty(error));

    [Theory]
    [InlineData("lr>1e-3", "0.01", true)]
    [InlineData("lr>1e-3", "0.0001", false)]
    [InlineData("act=silu", "silu", true)]
    [InlineData("act!=silu", null, true)]
    [InlineData("lr<1", null, false)]
    public void Condition_compares_numbers_as_numbers_and_text_as_text(string text, string? actual, bool holds)
    {
        Assert.True(AddressParser.TryCondition(text, out var condition));
        Assert.Equal(holds, condition.Holds(actual));
    }

    [Fact]
    public void State_words_cover_every_state() =>
        Assert.Equal(Enum.GetValues<ItemState>().Order(), AddressParser.StateWords.Values.SelectMany(s => s).Distinct().Order());
}
