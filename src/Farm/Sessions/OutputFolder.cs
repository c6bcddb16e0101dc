using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Recipes.Checking;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Sessions;

/// <summary>One output of a recipe, placed.</summary>
/// <param name="Name">As in <c>outputs:</c>.</param>
/// <param name="Path">The folder that holds it.</param>
/// <param name="Files">Files in it.</param>
internal sealed record PlacedOutput(string Name, string Path, IReadOnlyList<string> Files);

/// <summary>
/// Places the outputs of a run where people find them: <c>out/&lt;recipe&gt;-&lt;run&gt;/&lt;output&gt;/…</c>. Files are copies under their own names; the store keeps the originals.
/// </summary>
internal static class OutputFolder
{
    /// <summary>The folder of a run: always one directly in <c>out</c>, also for runs of older programs that took any name.</summary>
    public static string Of(ProjectFolder project, string recipe, RunId run) => Path.Combine(project.Root, "out", $"{(RecipeName.IsPlain(recipe) ? recipe : RecipeName.From(recipe))}-{run}");

    /// <summary>Copies every output of the run's recipe. A node of several items gets a folder per item.</summary>
    public static IReadOnlyList<PlacedOutput> Place(ProjectFolder project, RecipeProgram program, RunShell run, ArtifactStore artifacts)
    {
        string root = Of(project, program.Name, run.Id);
        var placed = new List<PlacedOutput>();
        foreach (var output in program.Outputs)
        {
            var node = output.Node.Id;
            long items = run.Machine.Counts(node).Total;
            string folder = Path.Combine(root, output.Name);
            var files = new List<string>();
            foreach (var result in run.Machine.Results(node, new ItemRange(0, items)))
                foreach (var artifact in result.Outputs ?? [])
                    for (long i = result.Items.Start; i < result.Items.End; i++)
                    {
                        // Rows of a segment are not files; exporting them is the business of `mlfarm artifacts`.
                        if (artifact.Row >= 0) continue;
                        string path = Path.Combine(items == 1 ? folder : Path.Combine(folder, $"{i}"), FileCopies.NameOf(artifact));
                        CopyOnce(artifacts, artifact, path);
                        files.Add(path);
                    }
            if (files.Count > 0) placed.Add(new(output.Name, folder, files));
        }
        return placed;
    }

    private static void CopyOnce(ArtifactStore artifacts, OutputRef artifact, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string draft = $"{path}.{Environment.ProcessId}.draft";
        using (var from = artifacts.Open(artifact.Hash))
        using (var to = File.Create(draft)) from.CopyTo(to);
        File.Move(draft, path, overwrite: true);
    }
}
