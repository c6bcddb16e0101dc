using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ExampleMlFarm.Farm.Output;

namespace ExampleMlFarm.Farm.Serving.Hosting;

/// <summary>Where a server listens, and how it protects who calls. Made only of combinations that are allowed.</summary>
/// <param name="IsTls">True for https.</param>
/// <param name="Host">As it was given; stands in the URL that is printed.</param>
/// <param name="Address">The interface.</param>
/// <param name="Port">The port; 0 takes a free one.</param>
internal sealed record Listening(bool IsTls, string Host, IPAddress Address, int Port)
{
    /// <summary>Where a server listens unless it is told otherwise.</summary>
    public const string Standard = "http://127.0.0.1:8470";

    /// <summary>PEM files of certificate and key; null without TLS.</summary>
    public (string Certificate, string Key)? Pem { get; init; }

    /// <summary>True when every caller needs a key.</summary>
    public bool KeysRequired { get; init; }

    /// <summary>True when only programs of this machine reach it.</summary>
    public bool IsLocal => IPAddress.IsLoopback(Address);

    /// <summary>Reads what was asked for, and refuses what would let keys and data travel in the clear without anybody having said so.</summary>
    /// <param name="listen"><c>http://127.0.0.1:8470</c>, <c>https://0.0.0.0:8470</c>.</param>
    /// <param name="certificate">PEM file of the certificate and its chain.</param>
    /// <param name="key">PEM file of its key.</param>
    /// <param name="insecure">True when the user says that unencrypted is what he wants.</param>
    /// <param name="requireKeys">True to want keys of programs of this machine, too.</param>
    /// <exception cref="CliException">It is no such address, or not allowed.</exception>
    public static Listening Parse(string listen, string? certificate, string? key, bool insecure, bool requireKeys)
    {
        if (!Uri.TryCreate(listen, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.AbsolutePath != "/" || url.UserInfo.Length > 0 || url.Query.Length > 0)
            throw new CliException(ExitCode.Usage, $"\"{listen}\" is not an address to listen on", $"write for example: --listen {Standard}, or --listen https://0.0.0.0:8470 with --tls-certificate and --tls-key");
        bool isTls = url.Scheme == "https";
        if (isTls != (certificate is not null) || isTls != (key is not null))
            throw new CliException(ExitCode.Usage, isTls ? "https needs --tls-certificate and --tls-key" : "--tls-certificate and --tls-key belong to an https address", "both are PEM files; the certificate's file may hold its chain");
        foreach (string? file in new[] { certificate, key })
            if (file is not null && !File.Exists(file)) throw new CliException(ExitCode.NotFound, $"the file {file} does not exist");
        var address = AddressOf(url);
        bool isLocal = IPAddress.IsLoopback(address);
        if (!isLocal && !isTls && !insecure)
            throw new CliException(ExitCode.Usage, $"{listen} can be reached from other machines, and what travels there is not encrypted: keys and data could be read on the way",
                "listen with TLS (https, --tls-certificate, --tls-key), or say --insecure when the network is your own");
        return new(isTls, url.Host, address, url.Port) { Pem = isTls ? (certificate!, key!) : null, KeysRequired = !isLocal || requireKeys };
    }

    /// <summary>The URL to print, once the port is known.</summary>
    public Uri UrlAt(int port)
    {
        string host = Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any) ? Dns.GetHostName() : Host;
        return new(string.Create(CultureInfo.InvariantCulture, $"{(IsTls ? "https" : "http")}://{host}:{port}"));
    }

    private static IPAddress AddressOf(Uri url)
    {
        if (url.Host == "localhost") return IPAddress.Loopback;
        if (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address)) return address;
        try { return Dns.GetHostAddresses(url.Host) is [var first, ..] ? first : throw Unknown(url.Host); }
        catch (SocketException) { throw Unknown(url.Host); }
    }

    private static CliException Unknown(string host) => new(ExitCode.Usage, $"the name {host} has no address", "write an IP address of this machine, or 0.0.0.0 for all of them");
}
