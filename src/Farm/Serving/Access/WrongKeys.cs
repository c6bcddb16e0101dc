using System.Net;
using System.Net.Sockets;

namespace ExampleMlFarm.Farm.Serving.Access;

/// <summary>Counts wrong keys by network address, so that whoever tries many waits. Knows nothing of keys.</summary>
/// <remarks>Safe for several threads. Holds at most <see cref="MostAddresses"/> addresses: beyond that the oldest counts are forgotten.</remarks>
internal sealed class WrongKeys(TimeProvider time)
{
    /// <summary>Wrong keys that one address may send within <see cref="Window"/>: a person who mistypes sends fewer.</summary>
    public const int Most = 10;

    /// <summary>Addresses that are remembered.</summary>
    public const int MostAddresses = 10_000;

    /// <summary>After so long an address begins anew.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<IPAddress, (int Count, long Since)> counts = [];

    /// <summary>Notes a wrong key.</summary>
    public void Add(IPAddress address)
    {
        lock (gate)
        {
            var key = Network(address);
            if (counts.Count >= MostAddresses && !counts.ContainsKey(key)) Forget();
            var (count, since) = counts.GetValueOrDefault(key);
            counts[key] = count == 0 || time.GetElapsedTime(since) >= Window ? (1, time.GetTimestamp()) : (count + 1, since);
        }
    }

    /// <summary>How long an address has to wait before keys of it are looked at again; null when it need not.</summary>
    public TimeSpan? Wait(IPAddress address)
    {
        lock (gate)
        {
            if (!counts.TryGetValue(Network(address), out var known) || known.Count < Most) return null;
            var left = Window - time.GetElapsedTime(known.Since);
            return left > TimeSpan.Zero ? left : null;
        }
    }

    private void Forget()
    {
        foreach (var old in counts.OrderBy(c => c.Value.Since).Take(MostAddresses / 10).Select(c => c.Key).ToList()) counts.Remove(old);
    }

    // One household or host has a whole /64 of IPv6.
    private static IPAddress Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address;
        byte[] bytes = address.GetAddressBytes();
        Array.Clear(bytes, 8, 8);
        return new(bytes);
    }
}
