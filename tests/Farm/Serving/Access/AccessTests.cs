using System.Net;
using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Serving.Access;
using ExampleMlFarm.Tests.Farm.World;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Tests.Farm.Serving.Access;

/// <summary>Who may call what.</summary>
public class AccessTests(HttpFarm farm) : IClassFixture<HttpFarm>
{
    [Fact]
    public void Every_endpoint_says_for_whom_it_is_and_only_health_is_for_all()
    {
        var open = farm.Server.Endpoints.OfType<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(e => e.RoutePattern.RawText).Order();
        Assert.Equal(["/healthz", "/readyz"], open);
        Assert.All(farm.Server.Endpoints.OfType<RouteEndpoint>(), e =>
            Assert.True(e.Metadata.GetMetadata<IAllowAnonymous>() is not null || e.Metadata.GetMetadata<IAuthorizeData>() is not null || e.Metadata.GetMetadata<AuthorizationPolicy>() is not null, e.RoutePattern.RawText));
    }

    [Theory]
    [InlineData("viewer", "runs", 200), InlineData("viewer", "keys", 403), InlineData("viewer", "audit", 403), InlineData("viewer", "journals/1", 200), InlineData("viewer", "auth", 200)]
    [InlineData("operator", "runs", 200), InlineData("operator", "keys", 403)]
    [InlineData("admin", "keys", 200), InlineData("admin", "audit", 200)]
    [InlineData("worker", "runs", 403), InlineData("worker", "keys", 403), InlineData("worker", "journals/1", 403), InlineData("worker", "auth", 200)]
    [InlineData(null, "runs", 401), InlineData(null, "nothing", 401), InlineData(null, "keys", 401), InlineData(null, "auth", 401)]
    public async Task Role_decides(string? role, string path, int status)
    {
        using var client = farm.Client(role is null ? null : FarmRoles.Parse(role));
        using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)response.StatusCode);
        if (status >= 400) Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("viewer", 403), InlineData("operator", 201), InlineData("worker", 201), InlineData(null, 401)]
    public async Task Files_are_written_by_operators_and_workers(string? role, int status)
    {
        using var client = farm.Client(role is null ? null : FarmRoles.Parse(role));
        byte[] content = System.Text.Encoding.UTF8.GetBytes($"file of {role}");
        using var response = await client.PutAsync($"artifacts/{Core.Items.ContentHash.Of(content)}", new ByteArrayContent(content), TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Health_needs_no_key()
    {
        using var client = new HttpClient { BaseAddress = farm.Closed };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("healthz", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("readyz", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("metrics", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("openapi.json", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Theory]
    [InlineData(null, null, 200)]
    [InlineData("Host", "evil.example", 401), InlineData("Origin", "http://evil.example", 401), InlineData("Sec-Fetch-Site", "cross-site", 401), InlineData("X-Forwarded-For", "8.8.8.8", 401)]
    [InlineData("Authorization", "Bearer mlf_wrong", 401), InlineData("Authorization", "Basic YTpi", 401)]
    public async Task Programs_of_this_machine_need_no_key_but_foreign_pages_and_proxies_do(string? header, string? value, int status)
    {
        using var client = new HttpClient { BaseAddress = farm.Open };
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/keys");
        if (header is not null) request.Headers.TryAddWithoutValidation(header, value);
        Assert.Equal(status, (int)(await client.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Key_is_made_shown_once_used_and_ended_and_all_of_it_is_in_the_audit_log()
    {
        using var admin = farm.Client(FarmRole.Admin);
        var (status, made) = await admin.Post("keys", new() { ["name"] = "ada", ["role"] = "operator", ["reason"] = "new colleague" });
        Assert.Equal(201, status);
        using var ada = farm.Client((string)made!["token"]!);
        Assert.Equal("ada", (string?)(await ada.Json("auth"))["name"]);
        Assert.DoesNotContain(((string)made["token"]!)[^64..], (await admin.Json("keys")).ToJsonString(), StringComparison.Ordinal);
        using (var ended = await admin.DeleteAsync($"keys/{made["id"]}", TestContext.Current.CancellationToken)) Assert.Equal(HttpStatusCode.OK, ended.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await ada.GetAsync("auth", TestContext.Current.CancellationToken)).StatusCode);
        var lines = (await admin.Json("audit")).AsArray().Where(l => ((string)l!["what"]!).EndsWith((string)made["id"]!, StringComparison.Ordinal)).ToList();
        Assert.Equal([($"key.revoke {made["id"]}", "the admin", "", "good", "revoked"), ($"key.create {made["id"]}", "the admin", "new colleague", "", "ada, operator")],
            lines.Select(l => ((string)l!["what"]!, (string)l["who"]!, (string)l["reason"]!, (string)l["before"]!, (string)l["after"]!)));
        Assert.All(lines, l => Assert.Contains("127.0.0.1", (string)l!["address"]!, StringComparison.Ordinal));
    }

    [Fact]
    public void Command_line_makes_lists_and_ends_keys_here_and_over_http()
    {
        string token = farm.Project.Run("auth", "key", "create", "--name", "first", "--role", "admin").Out.Trim();
        Assert.True(ApiKey.TryParse(token, out var key));
        Assert.Contains($"{key.Id}\tfirst\tadmin", farm.Project.Run("auth", "key", "ls").Out);
        Assert.Contains($"{key.Id}\tfirst\tadmin", farm.Project.Run("auth", "key", "ls", "--url", farm.Open.ToString()).Out);
        Assert.Equal(0, farm.Project.Run("auth", "key", "revoke", key.Id, "--url", farm.Open.ToString()).Code);
        Assert.NotNull(new KeyStore(farm.Farm.Store).Find(key.Id)!.Revoked);
        Assert.Equal(5, farm.Project.Run("auth", "key", "revoke", "none").Code);
        Assert.Equal(4, farm.Project.Run("auth", "key", "ls", "--url", farm.Closed.ToString()).Code);
    }
}
