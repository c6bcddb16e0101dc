using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue.Cage;

/// <summary>
/// Cubes that meet or fill the skin. Inside is found by flood fill over the cubes that no triangle touches, with one
/// winding number per region, which takes seconds where one per cube takes minutes.
/// </summary>
internal sealed class CubeGrid
{
    /// <summary>A grid beyond it means that the element size was given in the wrong unit.</summary>
    const long MostCells = 50_000_000;

    readonly byte[] states;

    const byte Empty = 0, Surface = 1, Inside = 2, Outside = 3;

    public double Size { get; }
    public Vector3d Origin { get; }
    public (int X, int Y, int Z) Counts { get; }

    CubeGrid(Vector3d low, Vector3d high, double size)
    {
        Size = size;
        var extent = high - low;
        var cells = ((extent.X / size) + 4) * ((extent.Y / size) + 4) * ((extent.Z / size) + 4);
        if (!(cells <= MostCells))
            throw FarmException.Invalid("capture.element_size", $"Cubes of {size:G6} would need a grid of {cells:G3} cells around the skin; at most {MostCells:N0} are allowed. Give a larger element size.");
        // The box is centred, so a symmetric character gets a symmetric grid; one empty layer lets the outside flow round it.
        Counts = (Cells(extent.X), Cells(extent.Y), Cells(extent.Z));
        Origin = (low + high) * 0.5 - new Vector3d(Counts.X, Counts.Y, Counts.Z) * (size / 2);
        states = new byte[Counts.X * Counts.Y * Counts.Z];

        int Cells(double length) => (int)Math.Ceiling(length / size) + 2;
    }

    public int Index(int x, int y, int z) => (z * Counts.Y + y) * Counts.X + x;
    public bool IsFilled(int cell) => states[cell] is Surface or Inside;
    public bool MeetsSurface(int cell) => states[cell] == Surface;
    public int CellCount => states.Length;
    public (int X, int Y, int Z) Place(int cell) => (cell % Counts.X, cell / Counts.X % Counts.Y, cell / Counts.X / Counts.Y);
    public Vector3d Corner(int x, int y, int z) => Origin + new Vector3d(x, y, z) * Size;
    public Vector3d Centre(int x, int y, int z) => Origin + new Vector3d(x + 0.5, y + 0.5, z + 0.5) * Size;

    /// <summary>Cube that holds a point; may lie outside the grid.</summary>
    public (int X, int Y, int Z) CellOf(in Vector3d p)
    {
        var q = (p - Origin) / Size;
        return ((int)Math.Floor(q.X), (int)Math.Floor(q.Y), (int)Math.Floor(q.Z));
    }

    public bool Holds(int x, int y, int z) => x >= 0 && y >= 0 && z >= 0 && x < Counts.X && y < Counts.Y && z < Counts.Z;

    public static CubeGrid Cover(SkinSurface surface, double size)
    {
        var grid = new CubeGrid(surface.Low, surface.High, size);
        for (var t = 0; t < surface.TriangleCount; t++)
        {
            var (a, b, c) = surface.Triangle(t);
            grid.VisitTriangle(a, b, c, cell => grid.states[cell] = Surface);
        }
        grid.FloodFill(surface);
        return grid;
    }

    /// <summary>Calls for every cube that a triangle touches.</summary>
    public void VisitTriangle(in Vector3d a, in Vector3d b, in Vector3d c, Action<int> visit)
    {
        var low = CellOf(Vector3d.Min(a, Vector3d.Min(b, c)) - new Vector3d(1, 1, 1) * (Size * 1e-9));
        var high = CellOf(Vector3d.Max(a, Vector3d.Max(b, c)) + new Vector3d(1, 1, 1) * (Size * 1e-9));
        for (var z = Math.Max(low.Z, 0); z <= Math.Min(high.Z, Counts.Z - 1); z++)
            for (var y = Math.Max(low.Y, 0); y <= Math.Min(high.Y, Counts.Y - 1); y++)
                for (var x = Math.Max(low.X, 0); x <= Math.Min(high.X, Counts.X - 1); x++)
                    if (TriangleBox.Overlap(a, b, c, Centre(x, y, z), Size * (0.5 + 1e-9))) visit(Index(x, y, z));
    }

    void FloodFill(SkinSurface surface)
    {
        var queue = new Queue<int>();
        for (var seed = 0; seed < states.Length; seed++)
        {
            if (states[seed] != Empty) continue;
            var (sx, sy, sz) = Place(seed);
            // The first empty cell lies in the outer layer, whose region needs no winding number.
            var state = seed == 0 ? Outside
                : Math.Abs(WindingNumber.At(Centre(sx, sy, sz), surface)) > 0.5 ? Inside : Outside;
            states[seed] = state;
            queue.Enqueue(seed);
            while (queue.TryDequeue(out var cell))
            {
                var (x, y, z) = Place(cell);
                Reach(x - 1, y, z); Reach(x + 1, y, z); Reach(x, y - 1, z); Reach(x, y + 1, z); Reach(x, y, z - 1); Reach(x, y, z + 1);
            }

            void Reach(int x, int y, int z)
            {
                if (!Holds(x, y, z) || states[Index(x, y, z)] != Empty) return;
                states[Index(x, y, z)] = state;
                queue.Enqueue(Index(x, y, z));
            }
        }
    }
}
