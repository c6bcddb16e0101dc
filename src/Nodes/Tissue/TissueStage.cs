using System.Collections.Concurrent;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Simulation.Tissue;

namespace ExampleMlFarm.Nodes.Tissue;

/// <summary>
/// What <c>armature_capture</c> put out, opened once per worker process: the character, its skinning, its cage, and a solver for each
/// thread and setting, since making one costs as much as a pose.
/// </summary>
public sealed class TissueStage
{
    private readonly ConcurrentDictionary<TissueOptions, ThreadLocal<TissueSolver>> solvers = new();
    private readonly Lazy<TissueCapture> capture;

    private TissueStage(Character character, Func<TissueCapture> openCapture)
    {
        Character = character;
        Skinning = new Skinning(character);
        capture = new(openCapture);
    }

    /// <summary>The character as it was when captured.</summary>
    public Character Character { get; }

    /// <summary>Its skinning.</summary>
    public Skinning Skinning { get; }

    /// <summary>Its cage.</summary>
    public TissueCapture Capture => capture.Value;

    /// <summary>Opens the capture that an option names.</summary>
    public static TissueStage Open(CookContext cook, NodeInput option)
    {
        var item = cook.Input(option).Single();
        return item.Load("character", path => new TissueStage(
            CharacterBinary.Read(File.ReadAllBytes(path), $"character of {item}"),
            () => item.Load("capture", file => CaptureBinary.Read(File.ReadAllBytes(file), $"capture of {item}"))));
    }

    /// <summary>The solver of this thread.</summary>
    public TissueSolver Solver(TissueOptions options) =>
        solvers.GetOrAdd(options, o => new ThreadLocal<TissueSolver>(() => new TissueSolver(Capture, o))).Value!;
}
