using ExampleMlFarm.Nodes.Cooking;
using Formats = ExampleMlFarm.Geometry.Formats;
using SolverArray = ExampleMlFarm.Simulation.Tissue.NamedArray;

namespace ExampleMlFarm.Nodes.Tissue;

/// <summary>
/// Puts captures and solved poses out as NPZ, so that any other solver can be run on the same problem. Which arrays there are, and their shapes, is
/// said at <see cref="Simulation.Tissue.CaptureArrays"/> and in the READMEs of the two nodes.
/// </summary>
internal static class TissueArrays
{
    /// <summary>Tag of both files.</summary>
    public const string Tag = "file/npz";

    /// <summary>Writes the arrays as one file of the item.</summary>
    public static void EmitNpz(CookContext cook, string name, IReadOnlyList<SolverArray> arrays)
    {
        string path = Path.Combine(cook.Scratch, name);
        Formats.NumpyFile.WriteNpz(path, [.. arrays.Select(a => Formats.NamedArray.Of(a.Name, a.Values, [.. a.Shape.Select(n => (long)n)]))]);
        cook.EmitFile(Tag, name, path);
    }
}
