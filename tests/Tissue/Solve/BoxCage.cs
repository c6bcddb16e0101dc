using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Simulation.Tissue;
using ExampleMlFarm.Simulation.Tissue.Cage;
using ExampleMlFarm.Simulation.Tissue.Solve;
using ExampleMlFarm.Tests.Tissue.Meshes;

namespace ExampleMlFarm.Tests.Tissue.Solve;

/// <summary>Cages of a box, held where a test says.</summary>
internal static class BoxCage
{
    public static TetLattice Lattice(Vector3d size, double h)
    {
        var (points, triangles) = ClosedMeshes.Box(size * 0.01, size * 0.99);
        return TetLattice.Fill(CubeGrid.Cover(SkinSurface.Build(points, triangles, new CaptureOptions()), h));
    }

    public static (CageProblem Problem, TetLattice Lattice) Problem(Vector3d size, double h, Func<Vector3d, bool> held, double lambda = 10, double mu = 1, Vector3d force = default)
    {
        var lattice = Lattice(size, h);
        var (inverse, volumes) = RestShape.Of(lattice);
        var fixedVertices = Enumerable.Range(0, lattice.Vertices.Length / 3).Where(v => held(Vector3d.Read(lattice.Vertices, v))).ToArray();
        var mesh = new ElasticMesh(lattice.Vertices, lattice.Tets, inverse, volumes, fixedVertices);
        var problem = new CageProblem(mesh, mu, lambda, [], 0, [force.X, force.Y, force.Z]);
        mesh.RestPositions.CopyTo(problem.Positions.Span);
        return (problem, lattice);
    }

    /// <summary>Extent of the lattice: cubes cover more than the box.</summary>
    public static (Vector3d Low, Vector3d High) Bounds(TetLattice lattice)
    {
        Vector3d low = Vector3d.Read(lattice.Vertices, 0), high = low;
        for (var v = 1; v < lattice.Vertices.Length / 3; v++)
        {
            low = Vector3d.Min(low, Vector3d.Read(lattice.Vertices, v));
            high = Vector3d.Max(high, Vector3d.Read(lattice.Vertices, v));
        }
        return (low, high);
    }

    /// <summary>Moves positions by a function of the rest position, all of them or only the held ones.</summary>
    public static void Place(CageProblem problem, Func<Vector3d, Vector3d> field, bool heldOnly = false)
    {
        for (var i = heldOnly ? problem.Mesh.FreeCount : 0; i < problem.Mesh.NodeCount; i++)
            field(Vector3d.Read(problem.Mesh.RestPositions, i)).Write(problem.Positions.Span, i);
    }

    /// <summary>Deterministic noise in [-1, 1].</summary>
    public static double Noise(int i) => 2 * ((Math.Sin(12.9898 * i + 4.1) * 43758.5453) % 1 + 1) % 1 * 2 - 1;
}
