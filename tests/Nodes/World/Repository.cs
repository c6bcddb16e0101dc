namespace ExampleMlFarm.Tests.Nodes.World;

/// <summary>The working copy that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ExampleMlFarm.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"no ExampleMlFarm.sln above {AppContext.BaseDirectory}");
        return folder.FullName;
    }
}
