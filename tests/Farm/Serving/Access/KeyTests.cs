using System.Net;
using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Farm.Serving.Access;
using Microsoft.Extensions.Time.Testing;

namespace ExampleMlFarm.Tests.Farm.Serving.Access;

public class KeyTests
{
    private static readonly IPAddress Here = IPAddress.Parse("10.0.0.7"), Elsewhere = IPAddress.Parse("10.0.0.8");
    private readonly FakeTimeProvider time = new();
    private readonly FakeKeys kept = new();

    [Fact]
    public void Key_reads_back_as_it_was_printed_and_its_stored_form_does_not_hold_the_secret()
    {
        var key = ApiKey.Mint();
        Assert.True(ApiKey.TryParse(key.Reveal(), out var again));
        Assert.Equal(key, again);
        var stored = key.ToStored("sam", FarmRole.Operator, default, "root");
        Assert.True(key.Is(stored));
        Assert.DoesNotContain(key.Secret, stored.ToString() + Convert.ToHexStringLower(stored.SecretHash), StringComparison.Ordinal);
        Assert.DoesNotContain(key.Secret, key.ToString(), StringComparison.Ordinal);
        Assert.False(ApiKey.Mint().Is(stored));
    }

    [Fact]
    public void Altered_keys_are_no_keys()
    {
        string good = ApiKey.Mint().Reveal();
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Char.AlphaNumeric).Sample((at, c) =>
        {
            string altered = good[..at] + c + good[(at + 1)..];
            return altered == good || !ApiKey.TryParse(altered, out var key) || key.Reveal() == altered;
        });
        Gen.String.Sample(text => !ApiKey.TryParse(text, out var key) || key.Reveal() == text);
        foreach (string? text in new[] { null, "", "mlf_", good + "0", good[..^1], good.ToUpperInvariant() }) Assert.False(ApiKey.TryParse(text, out _));
    }

    [Theory]
    [InlineData(""), InlineData("sam\n"), InlineData("sam\u0000")]
    public void Name_that_is_none_is_refused(string name) => Assert.Equal("key.name", Assert.Throws<FarmException>(() => ApiKey.Mint().ToStored(name, FarmRole.Viewer, default, "")).Failure.Code);

    [Fact]
    public void Roles_include_those_below_and_workers_are_apart()
    {
        Assert.Equal([FarmRole.Viewer, FarmRole.Operator], FarmRoles.Including(FarmRole.Operator));
        Assert.Equal([FarmRole.Worker], FarmRoles.Including(FarmRole.Worker));
        Assert.Equal("key.role", Assert.Throws<FarmException>(() => FarmRoles.Parse("root")).Failure.Code);
    }

    [Fact]
    public void Good_key_is_looked_up_once_in_two_seconds_and_a_revoked_one_ends_at_the_next_look()
    {
        var ring = new KeyRing(kept, time);
        var key = Keep();
        for (int i = 0; i < 5; i++) Assert.NotNull(ring.Verify(key.Reveal(), Here).Key);
        Assert.Equal(1, kept.Looks);
        kept.Revoke(key.Id, time.GetUtcNow());
        Assert.NotNull(ring.Verify(key.Reveal(), Here).Key);
        time.Advance(KeyRing.Trusted);
        Assert.Null(ring.Verify(key.Reveal(), Here).Key);
    }

    [Fact]
    public void Key_that_is_forgotten_ends_at_once_and_a_wrong_secret_is_not_good_because_the_right_one_was()
    {
        var ring = new KeyRing(kept, time);
        var key = Keep();
        Assert.NotNull(ring.Verify(key.Reveal(), Here).Key);
        Assert.Null(ring.Verify((key with { Secret = new('0', 64) }).Reveal(), Here).Key);
        kept.Revoke(key.Id, time.GetUtcNow());
        ring.Forget(key.Id);
        Assert.Null(ring.Verify(key.Reveal(), Here).Key);
    }

    [Fact]
    public void Wrong_keys_make_an_address_wait_while_others_and_known_good_keys_do_not()
    {
        var ring = new KeyRing(kept, time);
        ApiKey known = Keep(), fresh = Keep();
        Assert.NotNull(ring.Verify(known.Reveal(), Here).Key);
        for (int i = 0; i < WrongKeys.Most; i++) Assert.Null(ring.Verify(ApiKey.Mint().Reveal(), Here).Wait);
        Assert.Equal(WrongKeys.Window, ring.Verify(fresh.Reveal(), Here).Wait);
        Assert.NotNull(ring.Verify(known.Reveal(), Here).Key);
        Assert.NotNull(ring.Verify(fresh.Reveal(), Elsewhere).Key);
        time.Advance(WrongKeys.Window);
        Assert.NotNull(ring.Verify(fresh.Reveal(), Here).Key);
    }

    [Fact]
    public void Count_of_addresses_is_bounded_and_one_network_of_ipv6_is_one_address()
    {
        var wrong = new WrongKeys(time);
        for (int i = 0; i < WrongKeys.MostAddresses + 500; i++) wrong.Add(new IPAddress([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]));
        for (int i = 0; i < WrongKeys.Most; i++) wrong.Add(IPAddress.Parse($"2001:db8::{i + 1}"));
        Assert.NotNull(wrong.Wait(IPAddress.Parse("2001:db8::99")));
        Assert.Null(wrong.Wait(IPAddress.Parse("2001:db9::1")));
    }

    private ApiKey Keep()
    {
        var key = ApiKey.Mint();
        kept.Add(key.ToStored("sam", FarmRole.Viewer, time.GetUtcNow(), "test"));
        return key;
    }

    private sealed class FakeKeys : IKeyStore
    {
        private readonly Dictionary<string, StoredKey> keys = [];

        public int Looks { get; private set; }

        public StoredKey? Find(string id)
        {
            Looks++;
            return keys.GetValueOrDefault(id);
        }

        public void Add(StoredKey key) => keys.Add(key.Id, key);

        public void Revoke(string id, DateTimeOffset at) => keys[id] = keys[id] with { Revoked = at };

        public Task Touch(string id, DateTimeOffset at)
        {
            keys[id] = keys[id] with { LastUsed = at };
            return Task.CompletedTask;
        }
    }
}
