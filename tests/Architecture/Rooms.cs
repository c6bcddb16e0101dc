using System.Xml.Linq;

namespace ExampleMlFarm.Tests.Architecture;

/// <summary>The rooms of src and the arrows that may be drawn between them. The picture is docs/architecture.md.</summary>
internal static class Rooms
{
    /// <summary>Who may reference whom, directly or through others.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Allowed = new Dictionary<string, string[]>
    {
        ["Core"] = [],
        ["Artifacts"] = ["Core"],
        ["Geometry"] = ["Core"],
        ["Simulation"] = ["Core", "Geometry"],
        ["Learning"] = ["Core", "Geometry"],
        ["Recipes"] = ["Core"],
        ["Nodes"] = ["Core", "Artifacts", "Geometry", "Simulation", "Learning", "Recipes"],
        ["Scheduler"] = ["Core", "Artifacts"],
        ["Workers"] = ["Core", "Artifacts", "Geometry", "Simulation", "Learning", "Recipes", "Nodes", "Scheduler"],
        ["Farm"] = ["Core", "Artifacts", "Geometry", "Simulation", "Learning", "Recipes", "Nodes", "Scheduler", "Workers"],
    };

    /// <summary>One broken rule per line; empty when all arrows are allowed.</summary>
    public static IReadOnlyList<string> Violations(IEnumerable<(string Room, string Content)> projects)
    {
        var broken = new List<string>();
        foreach (var (room, content) in projects)
        {
            if (!Allowed.TryGetValue(room, out var allowed))
            {
                broken.Add($"room {room} is not in the architecture; rooms: {string.Join(", ", Allowed.Keys)}");
                continue;
            }
            foreach (var reference in XDocument.Parse(content).Descendants("ProjectReference"))
            {
                var target = Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value).Replace("ExampleMlFarm.", "");
                if (!allowed.Contains(target))
                    broken.Add($"{room} may not reference {target}; it may reference: {string.Join(", ", allowed)}");
            }
        }
        return broken;
    }

    /// <summary>Namespaces used against the arrows, in source text: a reference through others is allowed only where a direct one is.</summary>
    public static IReadOnlyList<string> NamespaceViolations(IEnumerable<(string Room, string File, string Text)> sources)
    {
        var broken = new List<string>();
        foreach (var (room, file, text) in sources)
        {
            foreach (var other in Allowed.Keys)
            {
                if (other == room || Allowed[room].Contains(other)) continue;
                if (text.Contains($"using ExampleMlFarm.{other};") || text.Contains($"using ExampleMlFarm.{other}.") || text.Contains($"= ExampleMlFarm.{other}."))
                    broken.Add($"{file}: room {room} uses ExampleMlFarm.{other}, which it may not reference");
            }
        }
        return broken;
    }
}
