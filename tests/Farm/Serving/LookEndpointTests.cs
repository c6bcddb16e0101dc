using System.Net;
using System.Text.Json.Nodes;
using ExampleMlFarm.Tests.Farm.World;

namespace ExampleMlFarm.Tests.Farm.Serving;

/// <summary>What the API answers about runs is what the commands say in JSON.</summary>
public class LookEndpointTests(ServedProject served) : IClassFixture<ServedProject>
{
    private static readonly HttpClient Http = new();

    [Theory]
    [InlineData("runs", "runs", "--limit=100")]
    [InlineData("runs?before=2", "runs", "--before=2")]
    [InlineData("runs/1", "show", "1")]
    [InlineData("runs/1/nodes/train", "show", "1/train")]
    [InlineData("items/2/simulate/2", "show", "2/simulate/2")]
    [InlineData("runs/1/items?node=train&where=validation/loss%3C0.2", "items", "1/train", "--where=validation/loss<0.2")]
    [InlineData("runs/1/items?node=train&fields=address,width&sort=-width&limit=1&skip=1", "items", "1/train", "--fields=address,width", "--sort=-width", "--limit=1", "--skip=1")]
    [InlineData("runs/2/items?state=failed", "items", "2@failed")]
    [InlineData("runs/1/log?node=simulate&tail=1", "logs", "1/simulate", "--tail=1")]
    [InlineData("runs/2/explain?node=dataset&item=0", "explain", "2/dataset/0")]
    [InlineData("runs/1/metrics?node=train&name=loss&every=2", "metrics", "1/train", "--name=loss", "--every=2")]
    [InlineData("runs/1/metrics?node=train&points=4&from=1&to=2", "metrics", "1/train", "--at-most=4", "--from=1", "--to=2")]
    [InlineData("runs/1/artifacts", "artifacts", "ls", "1")]
    [InlineData("compare?address=1/train/0&address=1/train/1", "compare", "1/train/0", "1/train/1")]
    [InlineData("datasets", "dataset", "ls")]
    [InlineData("models", "model", "ls")]
    [InlineData("nodes", "node", "ls")]
    [InlineData("nodes/no_op", "node", "show", "no_op")]
    [InlineData("schema/recipe.json", "schema", "recipe")]
    public async Task Answer_is_the_json_of_the_command(string path, params string[] words)
    {
        var answer = await Http.GetAsync($"{served.Url}/api/v1/{path}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        string here = served.Project.Run([.. words, "--json"]).Out, there = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        // The clock of the test stands still, that of the server does not.
        Assert.Equal(Timeless(here), Timeless(there));
    }

    [Theory]
    [InlineData("runs/77", 404, "NotFound")]
    [InlineData("runs/1/nodes/nosuch", 404, "NotFound")]
    [InlineData("runs/1/items?node=--folder=/etc", 400, "Usage")]
    [InlineData("runs/1/items?state=sleepy", 400, "Usage")]
    [InlineData("runs/1/items?limit=-1", 400, "Usage")]
    [InlineData("runs/1/items?sort=nosuch", 400, "Usage")]
    [InlineData("runs/1/log?since=soon", 400, "Usage")]
    [InlineData("runs/1/metrics?every=none", 400, "Usage")]
    [InlineData("compare?address=--help&address=1", 400, "Usage")]
    [InlineData("nodes/..%2F..%2Fetc", 404, "NotFound")]
    [InlineData("journals/1/logs/passwd?node=..", 404, "not found")]
    [InlineData("artifacts/abc", 400, "artifact.name")]
    [InlineData("artifacts/0000000000000000000000000000000000000000000000000000000000000000", 404, "not_found")]
    public async Task What_cannot_be_answered_is_a_problem_with_a_code_and_never_a_bug(string path, int status, string code)
    {
        var answer = await Http.GetAsync($"{served.Url}/api/v1/{path}", TestContext.Current.CancellationToken);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal((status, code), ((int)answer.StatusCode, (string?)problem["code"] ?? (string?)problem["title"]));
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    private static string Timeless(string json) => System.Text.RegularExpressions.Regex.Replace(JsonNode.Parse(json)!.ToJsonString(), "\"(seconds_since|quiet_for|age)\":[0-9.]+", "");
}
