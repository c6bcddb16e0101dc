using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Farm.Serving.Hosting;
using ExampleMlFarm.Scheduler.Journal;
using ExampleMlFarm.Tests.Farm.World;

namespace ExampleMlFarm.Tests.Farm.Serving.Hosting;

/// <summary>A whole server over a folder, as <c>server start</c> makes it.</summary>
public sealed class ServerTests : IDisposable
{
    private readonly FakeProject project = new();

    [Fact]
    public async Task Server_says_where_it_is_goes_on_with_unfinished_runs_and_leaves_no_trace_of_itself()
    {
        var folder = new ProjectFolder(project.Root);
        await using (var server = await Start("http://127.0.0.1:0"))
        {
            Assert.Equal(server.Url.ToString(), ServerFile.Find(folder)!.Url);
            using var client = new HttpClient { BaseAddress = server.Url };
            Assert.Equal("ok\n", await client.GetStringAsync("healthz", TestContext.Current.CancellationToken));
            Assert.Equal("ready", (string?)(await client.Json("readyz"))["status"]);
            Assert.True(Assert.Single(await server.Farm.Farm.Runs(0, 10), r => r.IsActive).Run == 2);
            var status = project.Run("server", "status");
            Assert.Equal(0, status.Code);
            Assert.Contains("sqlite", status.Out);
        }
        Assert.Null(ServerFile.Find(folder));
        Assert.Equal(ExitCode.Unreachable, (ExitCode)project.Run("server", "status").Code);
    }

    [Fact]
    public async Task Second_server_of_a_folder_and_a_taken_port_are_refused_and_leave_the_first_alone()
    {
        await using var first = await Start("http://127.0.0.1:0");
        Assert.Equal("farm.locked", (await Assert.ThrowsAsync<Core.FarmException>(() => Start("http://127.0.0.1:0"))).Failure.Code);
        using var other = new FakeProject();
        var taken = await Assert.ThrowsAsync<CliException>(() => RunningServer.Start(new(new(other.Root), Listening.Parse(first.Url.ToString(), null, null, false, false)), _ => { }, default));
        Assert.Contains("cannot listen", taken.Message);
        using var client = new HttpClient { BaseAddress = first.Url };
        Assert.Equal("ready", (string?)(await client.Json("readyz"))["status"]);
    }

    [Fact]
    public async Task Tls_server_answers_with_its_certificate_and_wants_keys_of_nobody_on_loopback()
    {
        var (certificate, key) = SelfSigned();
        await using var server = await RunningServer.Start(new(new(project.Root), Listening.Parse("https://127.0.0.1:0", certificate, key, false, false)), _ => { }, default);
        string? subject = null;
        using var client = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => (subject = shown!.Subject) is not null }) { BaseAddress = server.Url };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("api/v1/runs", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal("CN=farm", subject);
    }

    [Fact]
    public void Certificate_without_its_key_is_refused_before_anything_is_opened()
    {
        var (certificate, _) = SelfSigned();
        var (_, otherKey) = SelfSigned();
        Assert.Equal(ExitCode.Invalid, Assert.Throws<CliException>(() => RunningServer.Start(new(new(project.Root), Listening.Parse("https://127.0.0.1:0", certificate, otherKey, false, false)), _ => { }, default).GetAwaiter().GetResult()).Code);
    }

    [Fact]
    public async Task Backup_of_a_farm_at_work_holds_its_runs_and_an_old_file_is_migrated()
    {
        string copy = Path.Combine(project.Root, "copy.db");
        await using (await Start("http://127.0.0.1:0"))
        {
            Assert.Equal(0, project.Run("server", "backup", copy).Code);
            Assert.Equal(ExitCode.Usage, (ExitCode)project.Run("server", "backup", copy).Code);
            Assert.Equal(ExitCode.Unreachable, (ExitCode)project.Run("server", "migrate").Code);
        }
        using (var store = FarmStore.Open(copy)) Assert.Equal([2L, 1], store.List(null, 10).Select(r => r.Id.Value));
        Assert.Equal("version 2: nothing to do\n", project.Run("server", "migrate").Out);
    }

    private Task<RunningServer> Start(string listen) => RunningServer.Start(new(new(project.Root), Listening.Parse(listen, null, null, false, false)), _ => { }, default);

    private (string Certificate, string Key) SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=farm", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        string name = Convert.ToHexString(RandomNumberGenerator.GetBytes(4)), to = Path.Combine(project.Root, name + ".pem"), keyTo = Path.Combine(project.Root, name + ".key");
        File.WriteAllText(to, certificate.ExportCertificatePem());
        File.WriteAllText(keyTo, key.ExportPkcs8PrivateKeyPem());
        return (to, keyTo);
    }

    public void Dispose() => project.Dispose();
}
