using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Serving.Hosting;

namespace ExampleMlFarm.Tests.Farm.Serving.Hosting;

public class ListeningTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8470"), InlineData("http://localhost:8470"), InlineData("http://[::1]:8470")]
    public void Loopback_needs_neither_keys_nor_tls(string listen)
    {
        var listening = Listening.Parse(listen, null, null, insecure: false, requireKeys: false);
        Assert.True(listening.IsLocal);
        Assert.False(listening.KeysRequired);
        Assert.True(Listening.Parse(listen, null, null, insecure: false, requireKeys: true).KeysRequired);
    }

    [Theory]
    [InlineData("http://0.0.0.0:8470"), InlineData("http://10.1.2.3:8470"), InlineData("http://[::]:8470")]
    public void Other_addresses_without_tls_are_refused_unless_that_is_said_and_then_keys_are_wanted(string listen)
    {
        var refused = Assert.Throws<CliException>(() => Listening.Parse(listen, null, null, insecure: false, requireKeys: false));
        Assert.Contains("--insecure", refused.Hint);
        Assert.True(Listening.Parse(listen, null, null, insecure: true, requireKeys: false).KeysRequired);
    }

    [Theory]
    [InlineData("8470"), InlineData("ftp://127.0.0.1:1"), InlineData("http://127.0.0.1:1/path"), InlineData("http://sam:secret@127.0.0.1:1"), InlineData("https://127.0.0.1:1"), InlineData("http://no-such-name.invalid:1")]
    public void What_is_no_address_is_wrong_usage(string listen) => Assert.Equal(ExitCode.Usage, Assert.Throws<CliException>(() => Listening.Parse(listen, null, null, false, false)).Code);

    [Fact]
    public void Certificate_that_is_not_there_is_named()
        => Assert.Contains("nowhere.pem", Assert.Throws<CliException>(() => Listening.Parse("https://127.0.0.1:1", "nowhere.pem", "nowhere.key", false, false)).Message);
}
