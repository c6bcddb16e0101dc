using System.Text.Json.Nodes;

namespace ExampleMlFarm.Tests.EndToEnd;

/// <summary>The command recipe of the README over the real program, with what goes wrong with real programs.</summary>
public class BlenderTests
{
    private const string Blender = "/usr/bin/blender";
    private static readonly string Example = Path.Combine(Farm.Root, "examples", "renders");

    [Fact]
    public void Recipe_in_the_readme_is_the_example()
    {
        string recipe = File.ReadAllText(Path.Combine(Example, "renders.yaml"));
        Assert.Contains("```yaml\n" + recipe + "```", File.ReadAllText(Path.Combine(Farm.Root, "README.md")));
    }

    [Fact]
    public void Renders_a_picture_an_item_and_keeps_log_metrics_and_results()
    {
        Skip();
        using var farm = Set(recipe => recipe.Replace("generate: 16", "generate: 2", StringComparison.Ordinal));
        var run = farm.Run("run", "renders.yaml", "--workers", "2");
        Assert.True(run.Code == 0, run.Error + run.Out);
        var pictures = Directory.GetFiles(Path.Combine(farm.Folder, "out"), "*.png", SearchOption.AllDirectories);
        Assert.Equal(2, pictures.Length);
        foreach (var picture in pictures)
        {
            var bytes = File.ReadAllBytes(picture);
            Assert.Equal("PNG"u8, bytes.AsSpan(1, 3));
            Assert.Equal([0, 0, 0, 128, 0, 0, 0, 128], bytes[16..24]);
        }
        // The radii differ, so do the pictures.
        Assert.False(File.ReadAllBytes(pictures[0]).AsSpan().SequenceEqual(File.ReadAllBytes(pictures[1])));
        Assert.Contains("Saved: ", farm.Run("logs", "last/render/1").Out);
        Assert.Contains("8", farm.Run("items", "last/render", "--fields", "samples").Out);
        // Everything comes from the cache the second time, and an edited script cooks anew.
        Assert.Equal(0, ToRun(farm));
        File.AppendAllText(Path.Combine(farm.Folder, "render.py"), "\n# another light\n");
        Assert.Equal(2, ToRun(farm));
    }

    [Fact]
    public void Error_of_the_script_is_named_after_its_retries_and_the_others_go_on()
    {
        Skip();
        using var farm = Set(recipe => recipe.Replace("generate: 16", "generate: 2", StringComparison.Ordinal).Replace("retry: 2", "retry: { attempts: 2, backoff: 0s }", StringComparison.Ordinal));
        string script = Path.Combine(farm.Folder, "render.py");
        File.WriteAllText(script, "import os\nif os.environ['MLFARM_INDEX'] == '0': raise ValueError('no light')\nopen('shot.png', 'w').write('x')\n");
        var run = farm.Run("run", "renders.yaml", "--workers", "2");
        Assert.Equal(10, run.Code);
        Assert.Contains("ValueError: no light (exit code 1 of 'blender", run.Error + run.Out);
        Assert.Contains("attempt 2", run.Error);
        Assert.Contains("line 2, in <module>", farm.Run("logs", "last/render/0").Out);
        Assert.Equal("index\tstate\n0\tfailed\n1\tdone\n", farm.Run("items", "last/render", "--fields", "index,state").Out);
    }

    [Fact]
    public void Program_that_hangs_ends_at_its_time_with_all_it_started()
    {
        Skip();
        using var farm = Set(recipe => recipe.Replace("generate: 16", "generate: 1", StringComparison.Ordinal).Replace("retry: 2", "retry: 0", StringComparison.Ordinal).Replace("timeout: 5m", "timeout: 8s", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(farm.Folder, "render.py"), "import subprocess, time\nprint('child', subprocess.Popen(['sleep', '987.25']).pid, flush=True)\ntime.sleep(900)\n");
        var run = farm.Run("run", "renders.yaml", "--workers", "1");
        Assert.Equal(10, run.Code);
        Assert.Contains("8 s", run.Error + run.Out);
        string said = farm.Run("logs", "last/render/0").Out;
        int child = int.Parse(said[(said.IndexOf("child ", StringComparison.Ordinal) + 6)..].Split('\n', '\r', ' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.False(File.Exists($"/proc/{child}/cmdline") && File.ReadAllText($"/proc/{child}/cmdline").Contains("987.25", StringComparison.Ordinal));
    }

    private static int ToRun(Farm farm) =>
        JsonNode.Parse(farm.Run("plan", "renders.yaml", "--json").Out)!.AsArray().Sum(node => node!["to_run"]!.GetValue<int>());

    private static void Skip()
    {
        Assert.SkipUnless(Farm.Missing is null, Farm.Missing ?? "");
        Assert.SkipUnless(File.Exists(Blender), "Blender is not installed (Debian's package blender)");
    }

    private static Farm Set(Func<string, string> change)
    {
        var farm = new Farm();
        farm.Write("renders.yaml", change(File.ReadAllText(Path.Combine(Example, "renders.yaml"))));
        File.Copy(Path.Combine(Example, "render.py"), Path.Combine(farm.Folder, "render.py"));
        return farm;
    }
}
