using System.Diagnostics;

namespace ExampleMlFarm.Tests.Geometry;

/// <summary>Debian's Python with NumPy as an outside judge of files; tests skip where it is missing.</summary>
internal static class Python
{
    private const string Program = "/usr/bin/python3";

    public static readonly bool HasNumpy = File.Exists(Program) && Run("import numpy").ExitCode == 0;

    public static string RunOrFail(string script, params string[] arguments)
    {
        var (exitCode, output) = Run(script, arguments);
        Assert.True(exitCode == 0, output);
        return output;
    }

    private static (int ExitCode, string Output) Run(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, ["-c", script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }
}
