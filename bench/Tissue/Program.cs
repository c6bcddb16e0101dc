using System.Globalization;
using ExampleMlFarm.Bench.Tissue;
using ExampleMlFarm.Geometry.Formats.Gltf;
using ExampleMlFarm.Geometry.Rigs;

// Tissue solvers side by side: `dotnet run -c Release --project bench/Tissue -- [Fox.glb] [poses] [limb|fox|all] [table|parts|paths|trace] [Gaussian|Uniform]`.
// Poses lie within the limits of the character's clips. Times are processor time of this process, which runs on
// one thread, so that other work on the machine blurs them less.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var glb = args.ElementAtOrDefault(0) ?? "";
var count = int.Parse(args.ElementAtOrDefault(1) ?? "32");
var which = args.ElementAtOrDefault(2) ?? "all";
var what = args.ElementAtOrDefault(3) ?? "table";
var poses = Enum.Parse<PoseDistribution>(args.ElementAtOrDefault(4) ?? nameof(PoseDistribution.Gaussian));

if (which is "limb" or "all") Run("limb", Limb.Create(), 30);
if (which is "fox" or "all" && File.Exists(glb)) Run("fox", GltfReader.ReadCharacter(glb), 40);

void Run(string name, Character character, double resolution)
{
    var subject = Subject.Of(character, resolution, poses);
    var c = subject.Capture;
    Console.WriteLine(name);
    Console.WriteLine($"  {c.VertexCount} vertices, {c.TetCount} tetrahedra, {c.PinVertices.Length} pins ({c.Statistics.ReachedPins} beyond the thickness), {c.Statistics.GluedCubes} glued cubes");
    switch (what)
    {
        case "table": SolverTable.Print(subject, count); break;
        case "parts": Breakdown.Print(subject); break;
        case "paths": PathTable.Print(subject, count); break;
        case "trace": Breakdown.Trace(subject, count); break;
        default: throw new ArgumentException($"'{what}' is none of table, parts, paths, trace.");
    }
}
