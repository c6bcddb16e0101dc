using ExampleMlFarm.Geometry.Formats.Gltf;
using ExampleMlFarm.Geometry.Rendering;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Tests.Geometry.Formats;
using ExampleMlFarm.Tests.Geometry.Rigs;

namespace ExampleMlFarm.Tests.Geometry.Rendering;

public class RenderingTests
{
    private static readonly Rgb Blue = new(0, 0, 255);

    /// <summary>A square in the plane z, seen from +z.</summary>
    private static RenderMesh Square(double half, double z, double value) => new(
        [-half, -half, z, half, -half, z, half, half, z, -half, half, z], [0, 1, 2, 0, 2, 3], [value, value, value, value]);

    private static OrthographicCamera Front => OrthographicCamera.Fit([-1.0, -1, 0, 1, 1, 0], 1, 0, 0);

    [Fact]
    public void Nearer_surface_hides_the_one_behind_whatever_the_order()
    {
        var (near, far) = (Square(0.5, 0.5, 1), Square(0.9, 0, 0));
        var image = MeshRenderer.Render([near, far], Front, 60, 60, Blue);
        Assert.Equal(image.Bytes, MeshRenderer.Render([far, near], Front, 60, 60, Blue).Bytes);
        Assert.True(image[30, 30].G < 60, "the near square is dark");
        Assert.True(image[8, 30].G > 120, "the far one is pale");
        Assert.Equal(Blue, image[0, 0]);
    }

    [Fact]
    public void Surface_covers_as_many_pixels_as_its_size_says()
    {
        var image = MeshRenderer.Render([Square(0.5, 0, 0)], Front, 100, 100, Blue);
        var covered = Enumerable.Range(0, 10_000).Count(i => image[i % 100, i / 100] != Blue);
        Assert.InRange(covered, 100 * 100 / (4 * 1.06 * 1.06) - 100, 100 * 100 / (4 * 1.06 * 1.06) + 100);
    }

    [Fact]
    public void Camera_sees_all_points_and_touches_the_border_margin_on_one_axis()
    {
        var limb = LimbTests.Limb;
        var camera = OrthographicCamera.Fit(limb.RestPoints, 1.5);
        var projected = Enumerable.Range(0, limb.PointCount).Select(p => camera.Project(ExampleMlFarm.Geometry.Numerics.Vector3d.Read(limb.RestPoints, p))).ToList();
        Assert.All(projected, p => Assert.True(p.X is > 0 and < 1 && p.Y is > 0 and < 1));
        Assert.True(projected.Max(p => p.X) > 0.97 || projected.Max(p => p.Y) > 0.97);
    }

    [Fact]
    public void Heat_scale_grows_darker_all_the_way()
    {
        var lightness = Enumerable.Range(0, 256).Select(i => ColorScale.Heat.At(i / 255.0)).Select(c => 0.2126 * c.R * c.R + 0.7152 * c.G * c.G + 0.0722 * c.B * c.B).ToList();
        for (var i = 8; i < 256; i += 8) Assert.True(lightness[i] < lightness[i - 8], $"{i}");
        Assert.Equal(ColorScale.Heat.At(1), ColorScale.Heat.At(7));
        Assert.Equal(ColorScale.Heat.At(0), ColorScale.Heat.At(-1));
    }

    [Fact]
    public void Png_holds_the_pixels()
    {
        var image = MeshRenderer.Render([Square(0.5, 0, 0.3)], Front, 31, 17, Rgb.White);
        var png = DecodedPng.Of(image.ToPng());
        Assert.Equal((31, 17, 3), (png.Width, png.Height, png.Channels));
        Assert.Equal(image.Bytes, png.Pixels);
    }

    [Fact]
    public void Pictures_of_limb_and_fox_are_written_where_asked()
    {
        var folder = Environment.GetEnvironmentVariable("MLFARM_TEST_PICTURES");
        Assert.SkipUnless(folder is { Length: > 0 }, "Set MLFARM_TEST_PICTURES to a folder to get the pictures.");
        var limb = LimbTests.Limb;
        Write("limb", limb, [Pose.Bind(limb.Skeleton), limb.ClipNamed("bend").PoseAt(limb.Skeleton, 12), limb.ClipNamed("twist").PoseAt(limb.Skeleton, 12), limb.ClipNamed("wave").PoseAt(limb.Skeleton, 8)], 20, 25);
        var fox = GltfReader.ReadCharacter(SharedData.Fox());
        var generator = new PoseGenerator(JointLimits.FromClips(fox), 1, PoseDistribution.Uniform);
        Write("fox", fox, [Pose.Bind(fox.Skeleton), fox.ClipNamed("Run").PoseAt(fox.Skeleton, 5), generator.Generate(0), generator.Generate(1)], 60, 15);

        void Write(string name, Character character, Pose[] poses, double azimuth, double elevation)
        {
            var skinning = new Skinning(character);
            var deformed = poses.Select(p => skinning.Deform(p)).ToList();
            var camera = OrthographicCamera.Fit(deformed.SelectMany(p => p).ToArray(), 1.3, azimuth, elevation);
            var plain = RgbImage.Row([.. deformed.Select(p => MeshRenderer.Render([new RenderMesh(p, character.Triangles)], camera, 390, 300, Rgb.White))], 4, Rgb.White);
            // Distance from the bind pose, as a heat map.
            var heat = RgbImage.Row([.. deformed.Select(p => MeshRenderer.Render([new RenderMesh(p, character.Triangles, Moved(p))], camera, 390, 300, Rgb.White))], 4, Rgb.White);
            File.WriteAllBytes(Path.Combine(folder!, name + ".png"), RgbImage.Column([plain, heat, ColorScale.Heat.Bar(plain.Width, 16)], 4, Rgb.White).ToPng());

            double[] Moved(double[] p) => [.. Enumerable.Range(0, character.PointCount).Select(i =>
                ExampleMlFarm.Geometry.Numerics.Vector3d.Distance(ExampleMlFarm.Geometry.Numerics.Vector3d.Read(p, i), ExampleMlFarm.Geometry.Numerics.Vector3d.Read(character.RestPoints, i)) / (0.5 * character.Diagonal))];
        }
    }
}
