using ExampleMlFarm.Geometry.Formats;
using ExampleMlFarm.Nodes.Cooking;

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
    public static void EmitNpz(CookContext cook, string name, IReadOnlyList<NamedArray> arrays)
    {
        string path = Path.Combine(cook.Scratch, name);
        NumpyFile.WriteNpz(path, arrays);
        cook.EmitFile(Tag, name, path);
    }
}
