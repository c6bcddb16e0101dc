namespace ExampleMlFarm.Tests.Geometry.Rigs;

/// <summary>Test data that is not part of the repository: named by MLFARM_SHARED_DATA, or in a folder shared/data beside an ancestor.</summary>
internal static class SharedData
{
    public static string? Find(string relative)
    {
        if (Environment.GetEnvironmentVariable("MLFARM_SHARED_DATA") is { Length: > 0 } root)
            return File.Exists(Path.Combine(root, relative)) ? Path.Combine(root, relative) : null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", relative);
            if (File.Exists(path)) return path;
        }
        return null;
    }

    public static string Fox()
    {
        var path = Find("fox/Fox.glb");
        Assert.SkipUnless(path is not null, "shared/data/fox/Fox.glb is not here; set MLFARM_SHARED_DATA to the folder that holds fox/.");
        return path!;
    }
}
