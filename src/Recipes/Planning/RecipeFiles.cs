using System.Collections.Concurrent;
using System.Security.Cryptography;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>The files a recipe names.</summary>
public interface IRecipeFiles
{
    /// <summary>The absolute path; names with a scheme (<c>builtin:limb</c>) stay as they are.</summary>
    string Resolve(string path);

    /// <summary>SHA-256 of the content; null when there is no such file.</summary>
    ContentHash? HashOf(string fullPath);
}

/// <summary>Files on disk, relative to the folder of the recipe. Each file is read once.</summary>
public sealed class DiskFiles(string folder) : IRecipeFiles
{
    private readonly ConcurrentDictionary<string, ContentHash?> known = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Resolve(string path) => RecipeFile.HasScheme(path) ? path : Path.GetFullPath(path, Path.GetFullPath(folder));

    /// <inheritdoc/>
    public ContentHash? HashOf(string fullPath) => known.GetOrAdd(fullPath, static path =>
    {
        try
        {
            using var stream = File.OpenRead(path);
            return new ContentHash(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    });
}

/// <summary>Files as they were when the run was frozen: no disk is read, and a file that changed since is not noticed here.</summary>
public sealed class FrozenFiles(string folder, IReadOnlyDictionary<string, ContentHash> hashes) : IRecipeFiles
{
    /// <inheritdoc/>
    public string Resolve(string path) => RecipeFile.HasScheme(path) ? path : Path.GetFullPath(path, folder);

    /// <inheritdoc/>
    public ContentHash? HashOf(string fullPath) => hashes.TryGetValue(fullPath, out var hash) ? hash : null;
}
