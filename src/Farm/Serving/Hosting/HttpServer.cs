using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Serving.Access;
using ExampleMlFarm.Farm.Serving.Documents;
using ExampleMlFarm.Farm.Serving.Journals;
using ExampleMlFarm.Farm.Serving.Requests;
using ExampleMlFarm.Farm.Serving.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ExampleMlFarm.Farm.Serving.Hosting;

/// <summary>Answers HTTP for a farm: what stands between the network and <see cref="FarmApi"/>. It starts and ends no farm.</summary>
internal sealed class HttpServer : IAsyncDisposable
{
    /// <summary>Longest body where an endpoint says nothing else.</summary>
    public const long MostBodyBytes = 4 << 20;

    private const int MostConnections = 10_000;
    private static readonly TimeSpan UntilStopped = TimeSpan.FromSeconds(5);

    private readonly WebApplication application;

    private HttpServer(WebApplication application, Uri url) => (this.application, Url) = (application, url);

    /// <summary>Where it is reached.</summary>
    public Uri Url { get; }

    /// <summary>What it answers; for tests that want to know all of it.</summary>
    public IReadOnlyList<Endpoint> Endpoints => [.. application.Services.GetRequiredService<EndpointDataSource>().Endpoints];

    /// <summary>Starts listening.</summary>
    /// <exception cref="CliException">The port is taken, or the certificate cannot be used.</exception>
    public static async Task<HttpServer> Start(ServedFarm farm, Listening listening, Action<ILoggingBuilder>? logging = null, CancellationToken cancellation = default)
    {
        var certificates = listening.Pem is { } pem ? Certificates(pem.Certificate, pem.Key) : null;
        // Empty: no configuration files, no environment variables that open further ports.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        logging?.Invoke(builder.Logging);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            (kestrel.Limits.MaxRequestBodySize, kestrel.Limits.MaxConcurrentConnections) = (MostBodyBytes, MostConnections);
            kestrel.Listen(listening.Address, listening.Port, endpoint =>
            {
                endpoint.Protocols = listening.IsTls ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
                if (certificates is not null) endpoint.UseHttps(https => (https.ServerCertificate, https.ServerCertificateChain) = (certificates[0], certificates));
            });
        });
        if (certificates is not null) builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Configuration.AddInMemoryCollection(FarmTelemetry.Settings());
        builder.Services.AddRoutingCore();
        builder.Services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = UntilStopped);
        builder.Services.AddAccess(new(new KeyStore(farm.Store), farm.Time), listening.KeysRequired, farm.Time);
        builder.Services.AddResponseCompression(o => (o.MimeTypes, o.EnableForHttps) = (["application/json", StateBytes.MediaType, JournalFrames.MediaType], true));
        builder.Services.AddOpenApi(ApiDocument.Name, ApiDocument.Configure);
        builder.Services.AddFarmTelemetry(farm);
        var application = builder.Build();
        try
        {
            application.UseResponseCompression();
            application.UseProblems();
            application.UseRouting();
            application.UseAuthentication();
            application.UseAuthorization();
            FarmApi.Map(application, farm);
            await application.StartAsync(cancellation);
            int port = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
            return new(application, listening.UrlAt(port));
        }
        catch (Exception e) when (e is IOException { InnerException: SocketException or Microsoft.AspNetCore.Connections.AddressInUseException } or SocketException)
        {
            await application.DisposeAsync();
            throw new CliException(ExitCode.Usage, $"cannot listen on {listening.Address}:{listening.Port}: {(e.InnerException ?? e).Message}", "another server may listen there; choose another port with --listen");
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops: streams end, other calls are finished within a few seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        using (var limit = new CancellationTokenSource(2 * UntilStopped))
        {
            try { await application.StopAsync(limit.Token); }
            catch (OperationCanceledException) { }
        }
        await application.DisposeAsync();
    }

    private static X509Certificate2Collection Certificates(string certificate, string key)
    {
        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPemFile(certificate);
            if (all.Count == 0) throw new CryptographicException("it holds no certificate");
            all[0] = X509Certificate2.CreateFromPemFile(certificate, key);
            return all;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CliException(ExitCode.Invalid, $"the certificate {certificate} with the key {key} cannot be used: {e.Message}", "both must be PEM files that belong together; the key without a password");
        }
    }
}
