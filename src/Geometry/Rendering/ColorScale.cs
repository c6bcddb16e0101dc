using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rendering;

/// <summary>
/// Colours for numbers in [0, 1], equal steps looking equally large: control colours joined in OKLab (Ottosson 2020) with
/// lightness falling all the way, so that the order is seen also in grey and by colour-blind people.
/// </summary>
public sealed class ColorScale
{
    private const int Steps = 256;

    // Before the scales, whose construction uses them: static fields are set in the order of the text.
    private static readonly Matrix3d LmsOfLinear = new(
        0.4122214708, 0.5363325363, 0.0514459929, 0.2119034982, 0.6806995451, 0.1073969566, 0.0883024619, 0.2817188376, 0.6299787005);

    private static readonly Matrix3d LabOfRoots = new(
        0.2104542553, 0.7936177850, -0.0040720468, 1.9779984951, -2.4285922050, 0.4505937099, 0.0259040371, 0.7827717662, -0.8086757660);

    private static readonly Matrix3d LinearOfLms = LmsOfLinear.Inverse();

    private static readonly Matrix3d RootsOfLab = LabOfRoots.Inverse();

    private readonly Rgb[] colors = new Rgb[Steps];
    private readonly Vector3d[] linear = new Vector3d[Steps];

    private ColorScale(params Rgb[] stops)
    {
        var lab = stops.Select(ToOklab).ToArray();
        for (var i = 0; i < Steps; i++)
        {
            var at = i * (stops.Length - 1) / (double)(Steps - 1);
            var k = Math.Min((int)at, stops.Length - 2);
            colors[i] = FromOklab(Vector3d.Lerp(lab[k], lab[k + 1], at - k));
            linear[i] = ToLinear(colors[i]);
        }
    }

    /// <summary>From pale grey (no error) over yellow, orange and red to dark violet.</summary>
    public static ColorScale Heat { get; } = new(
        new Rgb(226, 230, 235), new Rgb(250, 221, 140), new Rgb(246, 160, 74), new Rgb(218, 73, 66), new Rgb(146, 28, 96), new Rgb(58, 10, 80));

    /// <summary>The colour of a value; what lies outside [0, 1] gets the nearer end, NaN the upper one.</summary>
    public Rgb At(double value) => colors[Step(value)];

    /// <summary>The same in linear light.</summary>
    internal Vector3d LinearAt(double value) => linear[Step(value)];

    /// <summary>The scale as a bar, 0 at the left.</summary>
    public RgbImage Bar(int width, int height)
    {
        var bar = new RgbImage(width, height);
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++) bar[x, y] = At(x / Math.Max(1.0, width - 1));
        return bar;
    }

    internal static Vector3d ToLinear(Rgb c) => new(Linear(c.R), Linear(c.G), Linear(c.B));

    internal static Rgb FromLinear(in Vector3d c) => new(Encoded(c.X), Encoded(c.Y), Encoded(c.Z));

    private static int Step(double value) => value >= 1 || double.IsNaN(value) ? Steps - 1 : value <= 0 ? 0 : (int)(value * (Steps - 1) + 0.5);

    private static double Linear(byte encoded)
    {
        var v = encoded / 255.0;
        return v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4);
    }

    private static byte Encoded(double linear)
    {
        var v = Math.Clamp(linear, 0, 1);
        v = v <= 0.0031308 ? 12.92 * v : 1.055 * Math.Pow(v, 1 / 2.4) - 0.055;
        return (byte)Math.Round(255 * v);
    }

    private static Vector3d ToOklab(Rgb c)
    {
        var lms = LmsOfLinear * ToLinear(c);
        return LabOfRoots * new Vector3d(Math.Cbrt(lms.X), Math.Cbrt(lms.Y), Math.Cbrt(lms.Z));
    }

    private static Rgb FromOklab(in Vector3d lab)
    {
        var roots = RootsOfLab * lab;
        return FromLinear(LinearOfLms * new Vector3d(roots.X * roots.X * roots.X, roots.Y * roots.Y * roots.Y, roots.Z * roots.Z * roots.Z));
    }
}
