using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Serving.Access;
using ExampleMlFarm.Tests.Farm.World;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Tests.Farm.Serving.Documents;

/// <summary>What the API says of itself, held against what it answers.</summary>
public class ApiDocumentTests(HttpFarm farm) : IClassFixture<HttpFarm>
{
    [Fact]
    public async Task Document_is_openapi_3_1_and_holds_every_endpoint_with_a_summary_and_its_path_parameters()
    {
        var document = await Document();
        Assert.StartsWith("3.1", (string)document["openapi"]!, StringComparison.Ordinal);
        Assert.Equal("bearer", (string)document["components"]!["securitySchemes"]!["key"]!["scheme"]!);
        var told = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(m => (Path: p.Key, Method: m.Key.ToUpperInvariant(), Operation: m.Value!))).ToDictionary(o => $"{o.Method} {o.Path}");
        var there = farm.Server.Endpoints.OfType<RouteEndpoint>().SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(m => $"{m} {Plain(e).TrimEnd('/')}")).Where(e => !e.EndsWith("/openapi.json", StringComparison.Ordinal)).ToList();
        Assert.Equal(there.Order(), told.Keys.Order());
        Assert.All(told.Values, o => Assert.NotEmpty((string?)o.Operation["summary"] ?? ""));
        foreach (var (path, _, operation) in told.Values)
            foreach (System.Text.RegularExpressions.Match name in System.Text.RegularExpressions.Regex.Matches(path, @"\{(\w+)\}"))
                Assert.Contains(operation["parameters"]!.AsArray(), p => (string)p!["name"]! == name.Groups[1].Value && (string)p["in"]! == "path");
    }

    [Fact]
    public async Task Bodies_and_queries_are_told_with_their_names()
    {
        var paths = (await Document())["paths"]!;
        var submitted = paths["/api/v1/runs"]!["post"]!["requestBody"]!["content"]!["application/json"]!["schema"]!["properties"]!.AsObject();
        Assert.Superset(new HashSet<string> { "recipe", "parameters", "files", "priority", "frozen" }, submitted.Select(p => p.Key).ToHashSet());
        Assert.Contains(paths["/api/v1/runs/{run}/metrics"]!["get"]!["parameters"]!.AsArray(), p => ((string)p!["name"]!, (string)p["in"]!) == ("points", "query"));
        Assert.Contains(paths["/api/v1/stream"]!["get"]!["parameters"]!.AsArray(), p => (string)p!["name"]! == "topics");
        Assert.Contains("6 ", (string)paths["/api/v1/runs/{run}/nodes/{node}/states"]!["get"]!["summary"]!, StringComparison.Ordinal);
    }

    private async Task<JsonNode> Document()
    {
        using var client = new HttpClient { BaseAddress = farm.Open };
        return await client.Json("openapi.json");
    }

    private static string Plain(RouteEndpoint endpoint) => "/" + System.Text.RegularExpressions.Regex.Replace(endpoint.RoutePattern.RawText!.TrimStart('/'), @"\{(\w+)[^}]*\}", "{$1}");
}
