using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Farm.Sessions;

/// <summary>Keeps the files that a recipe names as they are now, so that editing them later does not change a submitted run.</summary>
internal static class FrozenFileStore
{
    /// <summary>Puts every named file into the project's store, under the hash that the frozen run holds.</summary>
    /// <exception cref="CliException">A file changed while it was read.</exception>
    public static void Keep(RecipeProgram program, ProjectFolder project)
    {
        var store = new ArtifactStore(Path.Combine(project.State, "artifacts"));
        foreach (var (path, hash) in program.Source.Named)
        {
            if (store.Glance(hash, new FileInfo(path).Length).IsIntact) continue;
            using var file = File.OpenRead(path);
            if (store.Put(file).Hash != hash)
                throw new CliException(ExitCode.Invalid, $"{path} changed while the recipe was read", "try again when nothing writes to it");
        }
    }
}
