namespace ExampleMlFarm.Tests.Architecture;

/// <summary>The checkout under test, found upwards from the test program.</summary>
internal static class Repository
{
    public static readonly string Root = Find();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Files below a folder that belong to the repository: nothing under bin, obj or hidden folders.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/'))
            .Where(f => !f.Split('/').Any(part => part is "bin" or "obj" or "node_modules" or ".git" or ".mlfarm" or "out"))
            .Order(StringComparer.Ordinal);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "ExampleMlFarm.sln"))) return folder.FullName;
        throw new InvalidOperationException($"no ExampleMlFarm.sln above {AppContext.BaseDirectory}: run the tests from a checkout");
    }
}
