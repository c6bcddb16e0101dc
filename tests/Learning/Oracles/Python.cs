using System.Diagnostics;
using System.Globalization;

namespace ExampleMlFarm.Tests.Learning.Oracles;

/// <summary>Runs the distribution's python3 as a second opinion; tests skip where the module is missing.</summary>
internal static class Python
{
    private const string Interpreter = "/usr/bin/python3";
    private static readonly Dictionary<string, bool> Known = [];
    private static readonly Lock Gate = new();

    /// <summary>Skips the calling test unless the module can be imported.</summary>
    public static void Require(string module)
    {
        lock (Gate)
        {
            if (!Known.TryGetValue(module, out bool there))
                Known[module] = there = File.Exists(Interpreter) && Run($"import importlib.util as u; print(1 if u.find_spec('{module}') else 0)").Trim() == "1";
            Assert.SkipUnless(there, $"{Interpreter} has no module '{module}' (apt-get install python3-{module})");
        }
    }

    /// <summary>Runs a script; arrays lie in the working folder as raw little-endian numbers under the given names.</summary>
    public static string Run(string script, params (string Name, byte[] Data)[] files)
    {
        string folder = Directory.CreateTempSubdirectory("mlfarm-oracle-").FullName;
        try
        {
            foreach (var (name, data) in files) File.WriteAllBytes(Path.Combine(folder, name), data);
            File.WriteAllText(Path.Combine(folder, "oracle.py"), script);
            var start = new ProcessStartInfo(Interpreter, ["oracle.py"]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["OMP_NUM_THREADS"] = "1";
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            Assert.True(process.WaitForExit(60_000), "python3 did not end");
            Assert.True(process.ExitCode == 0, errors.Result);
            return output;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Runs a script that prints one row of numbers per line.</summary>
    public static double[][] Rows(string script, params (string Name, byte[] Data)[] files)
        => [.. Run(script, files).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Numbers)];

    /// <summary>Numbers of the output, separated by white space.</summary>
    public static double[] Numbers(string output)
        => [.. output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(n => double.Parse(n, CultureInfo.InvariantCulture))];
}
