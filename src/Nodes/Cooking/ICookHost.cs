using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Cooking;

/// <summary>
/// What a cook needs of the process it runs in: the worker's slot, or a test's record. Calls come from the one thread that cooks
/// the item.
/// </summary>
public interface ICookHost
{
    /// <summary>A line for the item's log; line breaks make several lines.</summary>
    void Log(ReadOnlySpan<char> text);

    /// <summary>A number the item reports; with <paramref name="step"/> ≥ 0 a point of a curve, readable while the item cooks.</summary>
    void Metric(string name, double value, long step);

    /// <summary>How far the item is, 0 to 1, and what it does now.</summary>
    void Progress(double fraction, string? status);

    /// <summary>Appends the geometry to the lease's segment for this output name.</summary>
    void EmitGeometry(string name, GeometryData geometry);

    /// <summary>Publishes a file as an output; the file may be moved away.</summary>
    OutputRef EmitFile(string tag, string name, string path);

    /// <summary>Publishes bytes as an output.</summary>
    OutputRef EmitBytes(string tag, string name, ReadOnlySpan<byte> content);

    /// <summary>Puts out what another item put out.</summary>
    void EmitReference(OutputRef output);

    /// <summary>What an expander item found.</summary>
    void EmitExpansion(Expansion expansion);

    /// <summary>Attributes of the items that an expander item found, as columns: a JSON object of arrays.</summary>
    void SetAttributesOfExpansion(string json);

    /// <summary>An attribute the plan does not give; <paramref name="json"/> is its value as canonical JSON.</summary>
    void SetAttribute(string name, string json);

    /// <summary>An empty folder for this item alone, removed when it ends.</summary>
    string Scratch { get; }

    /// <summary>Partial state of this item that survives the process; null when there is none.</summary>
    byte[]? LoadCheckpoint();

    /// <summary>Replaces the partial state, durably.</summary>
    void SaveCheckpoint(ReadOnlySpan<byte> state);

    /// <summary>Identifies how the item's node makes its results; see <see cref="Recipes.Planning.RecipeProgram.LineageOf"/>.</summary>
    ContentHash Lineage { get; }

    /// <summary>
    /// Runs a program to its end in <see cref="Scratch"/>; what it prints is the log, what it reports in protocol lines becomes metrics, progress and
    /// attributes, and the files it was to write become outputs.
    /// </summary>
    /// <exception cref="Core.FarmException">It ended with an error, or a file is missing.</exception>
    void RunCommand(CommandRequest request, CookContext cook);

    /// <summary>The path of a verified artifact on this machine, read-only.</summary>
    /// <exception cref="Core.FarmException"><c>artifact.missing</c> or <c>artifact.corrupt</c>.</exception>
    string LocalPath(OutputRef output);

    /// <summary>
    /// The path of a file that the recipe names, as it was when the run was submitted: read-only, with the file's own name, whatever was done to the
    /// original since. Names with a scheme come back as they are, and so do paths that are known only now, from an item's attributes.
    /// </summary>
    /// <exception cref="Core.FarmException"><c>file.gone</c>: neither the original nor the kept copy is there.</exception>
    string LocalPath(RecipeFile file);

    /// <summary>
    /// As <see cref="LocalPath(RecipeFile)"/>, for a program that may read what lies beside the file: the original as long as it is unchanged. When it changed while
    /// the program ran, <see cref="RunCommand"/> fails.
    /// </summary>
    string ProgramPath(RecipeFile file);

    /// <summary>A row of a segment.</summary>
    GeometryData ReadGeometry(OutputRef output);

    /// <summary>
    /// What <paramref name="decode"/> makes of an input, kept by this process for later items while memory allows. It must not be
    /// changed by whoever gets it.
    /// </summary>
    T Remember<T>(ContentHash content, long row, Func<T> decode) where T : class;
}
