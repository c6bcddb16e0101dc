using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rendering;

/// <summary>A surface to draw, with a number per point that becomes a colour.</summary>
/// <param name="Points"><c>[n, 3]</c>.</param>
/// <param name="Triangles"><c>[t, 3]</c>, counter-clockwise seen from outside.</param>
/// <param name="Values"><c>[n]</c>, 0 to 1 on the <paramref name="Scale"/>; null draws the surface as grey clay.</param>
public sealed record RenderMesh(double[] Points, int[] Triangles, double[]? Values = null, ColorScale? Scale = null);

/// <summary>
/// Draws surfaces by software: depth buffer, Lambert light from a key and a fill light over a soft sky, edges smoothed by
/// drawing larger and averaging in linear light. No perspective, no shadows, no textures. Deterministic.
/// </summary>
public static class MeshRenderer
{
    /// <summary>Samples along each side of a pixel.</summary>
    private const int Samples = 3;

    private static readonly Rgb Clay = new(196, 190, 182);
    private static readonly Vector3d KeyLight = new Vector3d(-0.45, 0.75, 0.65).Normalized();
    private static readonly Vector3d FillLight = new Vector3d(0.8, 0.1, 0.5).Normalized();

    /// <param name="meshes">Drawn together, nearer ones hiding those behind.</param>
    /// <param name="background">Behind everything.</param>
    public static RgbImage Render(IReadOnlyList<RenderMesh> meshes, OrthographicCamera camera, int width, int height, Rgb background)
    {
        // Bounds the buffers; a report's picture is a thousand pixels wide.
        if (width < 1 || height < 1 || (long)width * height > RgbImage.MaxPixels / (Samples * Samples))
            throw new ArgumentOutOfRangeException(nameof(width), $"{width} × {height}", $"At most {RgbImage.MaxPixels / (Samples * Samples)} pixels.");
        var canvas = new Canvas(width * Samples, height * Samples);
        foreach (var mesh in meshes) Draw(mesh, camera, canvas);
        return Average(canvas, width, height, background);
    }

    private sealed class Canvas(int width, int height)
    {
        public int Width => width;
        public int Height => height;
        public float[] Depth { get; } = Filled(width * height);

        /// <summary>Linear light, where the depth is finite.</summary>
        public (float R, float G, float B)[] Color { get; } = new (float, float, float)[width * height];

        private static float[] Filled(int n)
        {
            var depth = new float[n];
            Array.Fill(depth, float.PositiveInfinity);
            return depth;
        }
    }

    private readonly record struct Corner(double X, double Y, double Depth, Vector3d Normal, double Value);

    private static void Draw(RenderMesh mesh, OrthographicCamera camera, Canvas canvas)
    {
        var normals = CornerNormals.Of(mesh.Points, mesh.Triangles);
        // Lights stand relative to the camera, so that every view is lit from the upper left.
        var toView = Matrix3d.FromRows(camera.Right, camera.Up, camera.TowardsViewer);
        var clay = ColorScale.ToLinear(Clay);
        Span<Corner> corners = stackalloc Corner[3];
        for (var t = 0; t < mesh.Triangles.Length; t += 3)
        {
            for (var k = 0; k < 3; k++)
            {
                var p = mesh.Triangles[t + k];
                var at = camera.Project(Vector3d.Read(mesh.Points, p));
                corners[k] = new Corner(at.X * canvas.Width, at.Y * canvas.Height, at.Z, toView * normals[t + k], mesh.Values?[p] ?? 0);
            }
            Fill(corners, canvas, mesh.Values is null ? null : mesh.Scale ?? ColorScale.Heat, clay);
        }
    }

    private static void Fill(ReadOnlySpan<Corner> c, Canvas canvas, ColorScale? scale, in Vector3d plain)
    {
        var area = (c[1].X - c[0].X) * (c[2].Y - c[0].Y) - (c[2].X - c[0].X) * (c[1].Y - c[0].Y);
        if (area == 0 || !double.IsFinite(area)) return;
        var left = Math.Max(0, (int)Math.Floor(Math.Min(c[0].X, Math.Min(c[1].X, c[2].X)) - 0.5));
        var right = Math.Min(canvas.Width - 1, (int)Math.Ceiling(Math.Max(c[0].X, Math.Max(c[1].X, c[2].X)) - 0.5));
        var top = Math.Max(0, (int)Math.Floor(Math.Min(c[0].Y, Math.Min(c[1].Y, c[2].Y)) - 0.5));
        var bottom = Math.Min(canvas.Height - 1, (int)Math.Ceiling(Math.Max(c[0].Y, Math.Max(c[1].Y, c[2].Y)) - 0.5));
        for (var y = top; y <= bottom; y++)
            for (var x = left; x <= right; x++)
            {
                var (px, py) = (x + 0.5, y + 0.5);
                var b1 = ((px - c[0].X) * (c[2].Y - c[0].Y) - (c[2].X - c[0].X) * (py - c[0].Y)) / area;
                var b2 = ((c[1].X - c[0].X) * (py - c[0].Y) - (px - c[0].X) * (c[1].Y - c[0].Y)) / area;
                var b0 = 1 - b1 - b2;
                // A hair of tolerance, so that no sample on a shared edge is missed by both sides.
                if (b0 < -1e-9 || b1 < -1e-9 || b2 < -1e-9) continue;
                var depth = (float)(b0 * c[0].Depth + b1 * c[1].Depth + b2 * c[2].Depth);
                var i = y * canvas.Width + x;
                if (depth >= canvas.Depth[i]) continue;
                canvas.Depth[i] = depth;
                var normal = (b0 * c[0].Normal + b1 * c[1].Normal + b2 * c[2].Normal).Normalized();
                var light = Light(normal.Z < 0 ? -normal : normal);
                // Screen y points down, so outsides run clockwise there; an inside that shows is darkened.
                var shade = light * (area < 0 ? 1.0 : 0.35);
                var color = scale?.LinearAt(b0 * c[0].Value + b1 * c[1].Value + b2 * c[2].Value) ?? plain;
                var lit = color * shade;
                canvas.Color[i] = ((float)lit.X, (float)lit.Y, (float)lit.Z);
            }
    }

    private static double Light(in Vector3d normal)
    {
        var sky = 0.26 + 0.12 * normal.Y;
        return sky + 0.68 * Math.Max(0, Vector3d.Dot(normal, KeyLight)) + 0.18 * Math.Max(0, Vector3d.Dot(normal, FillLight));
    }

    private static RgbImage Average(Canvas canvas, int width, int height, Rgb background)
    {
        var image = new RgbImage(width, height);
        var behind = ColorScale.ToLinear(background);
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var sum = Vector3d.Zero;
                for (var s = 0; s < Samples * Samples; s++)
                {
                    var i = (y * Samples + s / Samples) * canvas.Width + x * Samples + s % Samples;
                    var (r, g, b) = canvas.Color[i];
                    sum += float.IsPositiveInfinity(canvas.Depth[i]) ? behind : new Vector3d(Math.Min(1, r), Math.Min(1, g), Math.Min(1, b));
                }
                image[x, y] = ColorScale.FromLinear(sum / (Samples * Samples));
            }
        return image;
    }
}
