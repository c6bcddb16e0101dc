using ExampleMlFarm.Geometry.Formats;

namespace ExampleMlFarm.Geometry.Rendering;

/// <summary>An image of eight bits per channel, red, green, blue, row after row from the top, sRGB.</summary>
public sealed class RgbImage
{
    /// <summary>Bounds the memory of one picture to 192 MiB.</summary>
    public const int MaxPixels = 1 << 26;

    public RgbImage(int width, int height, Rgb fill = default)
    {
        if (width < 1 || height < 1 || (long)width * height > MaxPixels)
            throw new ArgumentOutOfRangeException(nameof(width), $"{width} × {height}", $"An image has at least one and at most {MaxPixels} pixels.");
        (Width, Height) = (width, height);
        Bytes = new byte[3 * width * height];
        for (var i = 0; i < width * height; i++) Set(i, fill);
    }

    public int Width { get; }
    public int Height { get; }

    /// <summary><c>[height, width, 3]</c>.</summary>
    public byte[] Bytes { get; }

    public Rgb this[int x, int y]
    {
        get
        {
            var i = 3 * Index(x, y);
            return new Rgb(Bytes[i], Bytes[i + 1], Bytes[i + 2]);
        }
        set => Set(Index(x, y), value);
    }

    /// <summary>The image as a PNG file.</summary>
    public byte[] ToPng() => PngWriter.Encode(Width, Height, Bytes);

    /// <summary>Images of one height beside each other, with a gap between them.</summary>
    public static RgbImage Row(IReadOnlyList<RgbImage> images, int gapPixels, Rgb background)
    {
        if (images.Count == 0) throw new ArgumentException("A row needs an image.", nameof(images));
        var height = images.Max(i => i.Height);
        var row = new RgbImage(images.Sum(i => i.Width) + gapPixels * (images.Count - 1), height, background);
        var x = 0;
        foreach (var image in images)
        {
            row.Paste(image, x, 0);
            x += image.Width + gapPixels;
        }
        return row;
    }

    /// <summary>Images below each other, with a gap between them.</summary>
    public static RgbImage Column(IReadOnlyList<RgbImage> images, int gapPixels, Rgb background)
    {
        if (images.Count == 0) throw new ArgumentException("A column needs an image.", nameof(images));
        var column = new RgbImage(images.Max(i => i.Width), images.Sum(i => i.Height) + gapPixels * (images.Count - 1), background);
        var y = 0;
        foreach (var image in images)
        {
            column.Paste(image, 0, y);
            y += image.Height + gapPixels;
        }
        return column;
    }

    private void Paste(RgbImage image, int x, int y)
    {
        for (var r = 0; r < image.Height; r++)
            image.Bytes.AsSpan(3 * r * image.Width, 3 * image.Width).CopyTo(Bytes.AsSpan(3 * ((y + r) * Width + x)));
    }

    private int Index(int x, int y) => (uint)x < (uint)Width && (uint)y < (uint)Height
        ? y * Width + x
        : throw new ArgumentOutOfRangeException(nameof(x), (x, y), $"The image is {Width} × {Height}.");

    private void Set(int pixel, Rgb color) => (Bytes[3 * pixel], Bytes[3 * pixel + 1], Bytes[3 * pixel + 2]) = (color.R, color.G, color.B);
}

/// <summary>A colour, sRGB.</summary>
public readonly record struct Rgb(byte R, byte G, byte B)
{
    public static Rgb White => new(255, 255, 255);
}
