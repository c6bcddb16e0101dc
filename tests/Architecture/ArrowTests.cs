namespace ExampleMlFarm.Tests.Architecture;

public class ArrowTests
{
    [Fact]
    public void Projects_reference_along_the_arrows_only() =>
        Assert.Empty(Rooms.Violations(Repository.Files("src", "*.csproj").Select(f => (f.Split('/')[1], Repository.Read(f)))));

    [Fact]
    public void Sources_use_namespaces_along_the_arrows_only() =>
        Assert.Empty(Rooms.NamespaceViolations(Repository.Files("src", "*.cs").Select(f => (f.Split('/')[1], f, Repository.Read(f)))));

    [Fact]
    public void Planted_reference_from_the_scheduler_to_the_nodes_is_reported()
    {
        var project = """<Project><ItemGroup><ProjectReference Include="../Nodes/ExampleMlFarm.Nodes.csproj" /></ItemGroup></Project>""";
        Assert.Equal("Scheduler may not reference Nodes; it may reference: Core, Artifacts", Assert.Single(Rooms.Violations([("Scheduler", project)])));
    }

    [Fact]
    public void Planted_use_of_another_rooms_namespace_is_reported() =>
        Assert.Contains("room Scheduler uses ExampleMlFarm.Nodes", Assert.Single(Rooms.NamespaceViolations([("Scheduler", "src/Scheduler/X.cs", "using ExampleMlFarm.Nodes.Basics;")])));

    [Fact]
    public void Planted_unknown_room_is_reported() =>
        Assert.Contains("room Attic is not in the architecture", Assert.Single(Rooms.Violations([("Attic", "<Project/>")])));

    [Fact]
    public void Scheduler_names_no_node_type()
    {
        var nodeTypes = ExampleMlFarm.Nodes.Catalogue.All.Select(n => n.Descriptor.Name).Where(n => n.Contains('_')).ToList();
        Assert.NotEmpty(nodeTypes);
        var mentions = Repository.Files("src", "*.cs").Where(f => f.StartsWith("src/Scheduler/", StringComparison.Ordinal) || f.StartsWith("src/Core/", StringComparison.Ordinal))
            .SelectMany(f => nodeTypes.Where(n => Repository.Read(f).Contains($"\"{n}\"")).Select(n => $"{f} names {n}"));
        Assert.Empty(mentions);
    }
}
