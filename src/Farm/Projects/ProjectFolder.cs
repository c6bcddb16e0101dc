namespace ExampleMlFarm.Farm.Projects;

/// <summary>The working folder of a project and its <c>.mlfarm</c>, found upwards as git finds its own.</summary>
/// <param name="Root">The folder that holds <c>.mlfarm</c>.</param>
public sealed record ProjectFolder(string Root)
{
    /// <summary>Name of the folder with the farm's state.</summary>
    public const string StateName = ".mlfarm";

    /// <summary>Journal, artifacts, logs and everything else the farm keeps.</summary>
    public string State => Path.Combine(Root, StateName);

    /// <summary>The nearest project at or above the folder, or null.</summary>
    public static ProjectFolder? Find(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
            if (Directory.Exists(Path.Combine(at.FullName, StateName))) return new(at.FullName);
        return null;
    }

    /// <summary>The nearest project, or a new one in this very folder.</summary>
    public static ProjectFolder FindOrCreate(string folder)
    {
        if (Find(folder) is { } found) return found;
        var created = new ProjectFolder(Path.GetFullPath(folder));
        Directory.CreateDirectory(created.State);
        return created;
    }
}
