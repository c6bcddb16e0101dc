using ExampleMlFarm.Learning.Native;
using TorchSharp;

namespace ExampleMlFarm.Tests.Learning.Native;

public class TorchLibraryTests
{
    [Fact]
    public void Libtorch_loads_on_this_machine_and_multiplies()
    {
        var report = TorchLibrary.Load();
        Assert.True(report.Loaded);
        Assert.Null(report.Problem);
        Assert.Equal(1, torch.get_num_threads());
        using var product = torch.tensor(new float[] { 1, 2 }).dot(torch.tensor(new float[] { 3, 4 }));
        Assert.Equal(11f, product.item<float>());
    }

    [Fact]
    public void Missing_folder_is_reported_with_what_was_tried()
    {
        // A process of its own: this one has already loaded the library.
        var start = new System.Diagnostics.ProcessStartInfo(Environment.ProcessPath!, ["-method", "*.Report_of_a_child_names_the_folder", "-explicit", "on"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[TorchLibrary.FolderVariable] = "/nonexistent/libtorch";
        using var child = System.Diagnostics.Process.Start(start)!;
        string output = child.StandardOutput.ReadToEnd() + child.StandardError.ReadToEnd();
        Assert.True(child.WaitForExit(60_000));
        Assert.True(child.ExitCode == 0, output);
    }

    [Fact(Explicit = true)]
    public void Report_of_a_child_names_the_folder()
    {
        var report = TorchLibrary.Report();
        Assert.False(report.Loaded);
        Assert.Equal(TorchLibrary.FolderVariable, report.ChosenBy);
        Assert.Contains("/nonexistent/libtorch/libtorch_cpu.so: not there", report.Problem!);
        Assert.Contains(TorchLibrary.FolderVariable, report.Problem!);
    }

    [Fact]
    public void Mutated_elf_bytes_give_a_typed_error_or_nothing()
    {
        byte[] original = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"));
        byte[] whole = (byte[])original.Clone();
        Assert.Equal(1, ElfVersionNeeds.MarkWeak(whole, "GLIBCXX_3.4.32"));
        Assert.Equal(0, ElfVersionNeeds.MarkWeak(whole, "GLIBCXX_3.4.32"));
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MarkWeak(new byte[10], "x"));
        for (int cut = 64; cut < original.Length; cut += original.Length / 50)
        {
            byte[] bytes = original[..cut];
            try { ElfVersionNeeds.MarkWeak(bytes, "GLIBCXX_3.4.32"); }
            catch (InvalidDataException) { }
        }
    }
}
