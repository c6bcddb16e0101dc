namespace ExampleMlFarm.Tests.Recipes;

/// <summary>Recipes that lie beside the tests.</summary>
internal static class TestFiles
{
    private static readonly string Folder = AppContext.BaseDirectory;

    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name));

    public static IEnumerable<string> In(string folder) => Directory.EnumerateFiles(Path.Combine(Folder, folder)).Order(StringComparer.Ordinal);
}
