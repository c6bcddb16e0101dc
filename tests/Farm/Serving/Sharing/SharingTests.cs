using ExampleMlFarm.Farm.Serving.Access;
using ExampleMlFarm.Tests.Farm.World;

namespace ExampleMlFarm.Tests.Farm.Serving.Sharing;

/// <summary>Quotas and licences: set by administrators, read by everybody, and written down.</summary>
public class SharingTests(HttpFarm farm) : IClassFixture<HttpFarm>
{
    [Fact]
    public async Task Quota_is_set_listed_taken_away_and_each_change_is_in_the_audit_log()
    {
        using var admin = farm.Client(FarmRole.Admin);
        using var viewer = farm.Client(FarmRole.Viewer);
        var (status, set) = await admin.Post("quotas", new() { ["owner"] = "ada", ["slots"] = 16, ["burst"] = 8, ["reason"] = "her project" });
        Assert.Equal((200, 16, 8), (status, (int)set!["slots"]!, (int)set["burst"]!));
        Assert.Equal(16, (int)(await viewer.Json("quotas")).AsArray().Single(o => (string)o!["owner"]! == "ada")!["slots"]!);
        Assert.Equal(new(16, 8), (await farm.Farm.Farm.Owners()).Where(o => o.Owner == "ada").Select(o => (o.QuotaSlots, o.QuotaBurst)).Single());
        Assert.Null((await admin.Post("quotas", new() { ["owner"] = "ada" })).Body!["slots"]);
        var lines = (await admin.Json("audit")).AsArray().Where(l => (string)l!["what"]! == "quota ada").Select(l => ((string)l!["before"]!, (string)l["after"]!, (string)l["reason"]!));
        Assert.Equal([("16 slots, 8 more in bursts", "none", ""), ("none", "16 slots, 8 more in bursts", "her project")], lines);
    }

    [Fact]
    public async Task Licence_is_set_listed_and_taken_away()
    {
        using var admin = farm.Client(FarmRole.Admin);
        Assert.Equal(3, (int)(await admin.Post("licences", new() { ["licence"] = "houdini", ["total"] = 3 })).Body!["total"]!);
        Assert.Equal(3, (await farm.Farm.Farm.Licences()).Single(l => l.Name == "houdini").Total);
        await admin.Post("licences", new() { ["licence"] = "houdini" });
        Assert.DoesNotContain((await admin.Json("licences")).AsArray(), l => (string)l!["licence"]! == "houdini");
    }

    [Theory]
    [InlineData("viewer", 403), InlineData("operator", 403), InlineData("worker", 403), InlineData(null, 401)]
    public async Task Who_is_no_administrator_changes_nothing(string? role, int status)
    {
        using var client = farm.Client(role is null ? null : FarmRoles.Parse(role));
        Assert.Equal(status, (await client.Post("quotas", new() { ["owner"] = "eve", ["slots"] = 1 })).Status);
        Assert.Equal(status, (await client.Post("licences", new() { ["licence"] = "eves", ["total"] = 1 })).Status);
        Assert.DoesNotContain(await farm.Farm.Farm.Owners(), o => o.Owner == "eve");
        Assert.DoesNotContain(await farm.Farm.Farm.Licences(), l => l.Name == "eves");
    }

    [Theory]
    [InlineData("quotas", """{"slots": 3}"""), InlineData("quotas", """{"owner": "a", "slots": -1}"""), InlineData("quotas", """{"owner": "a", "slots": 1.5}"""), InlineData("quotas", """{"owner": "a", "burst": 2}"""),
     InlineData("quotas", """{"owner": "a", "slot": 3}"""), InlineData("licences", """{"total": 3}"""), InlineData("licences", """{"licence": "cpu", "total": 3}"""), InlineData("licences", """{"licence": "a\u0000", "total": 3}""")]
    public async Task Body_that_cannot_be_meant_is_refused(string path, string body)
    {
        using var admin = farm.Client(FarmRole.Admin);
        var (status, problem) = await admin.Post(path, System.Text.Json.Nodes.JsonNode.Parse(body)!.AsObject());
        Assert.Equal((400, "http.field"), (status, (string)problem!["code"]!));
    }

    [Fact]
    public void Command_line_sets_and_lists_what_is_shared()
    {
        string[] at = ["--url", farm.Open.ToString()];
        Assert.Equal("sam may take 4 slots, and 2 more while nobody within a quota wants them\n", farm.Project.Run(["quota", "set", "sam", "4", "--burst", "2", .. at]).Out);
        Assert.Contains("sam\t0\t4\t2", farm.Project.Run(["quota", "ls", .. at]).Out);
        Assert.Equal("sam has no limit\n", farm.Project.Run(["quota", "set", "sam", "none", .. at]).Out);
        Assert.Equal("solver: 3 in the whole farm\n", farm.Project.Run(["licence", "set", "solver", "3", .. at]).Out);
        Assert.Contains("solver\t3\t0", farm.Project.Run(["licence", "ls", .. at]).Out);
        Assert.Equal("solver is no licence any more\n", farm.Project.Run(["licence", "set", "solver", "none", .. at]).Out);
        Assert.StartsWith("pool\tworkers\tslots\tbusy_slots", farm.Project.Run(["pool", "ls", .. at]).Out);
        Assert.Contains("licence solver", farm.Project.Run(["server", "audit", .. at]).Out);
        Assert.Equal(2, farm.Project.Run(["quota", "set", "sam", "many", .. at]).Code);
        Assert.Equal(20, farm.Project.Run("quota", "ls").Code);
    }
}
