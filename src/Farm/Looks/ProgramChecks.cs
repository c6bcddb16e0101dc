using System.ComponentModel;
using System.Diagnostics;
using ExampleMlFarm.Farm.Sessions;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>
/// Native libraries and outside programs, each tried in a process of its own: one that crashes or hangs takes nothing with it but its own line.
/// </summary>
internal static class ProgramChecks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<IReadOnlyList<Finding>> All(CancellationToken cancellation) =>
    [
        await Library("libtorch", "--load-torch", "training in this program still works without it; set MLFARM_LIBTORCH to a folder with libtorch.so of libtorch 2.10", cancellation),
        await Library("ONNX Runtime", "--load-onnx", "inference nodes will fail; install mlfarm again", cancellation),
        await Python(cancellation),
        await Blender(cancellation),
    ];

    private static async Task<Finding> Library(string name, string option, string advice, CancellationToken cancellation)
    {
        var (program, before) = OwnProgram.Command();
        var (code, text) = await Run(program, [.. before, "doctor", option], cancellation);
        return code switch
        {
            0 => new(name, Health.Ok, text),
            null => new(name, Health.Problem, text, advice),
            3 => new(name, Health.Problem, text, advice),
            _ => new(name, Health.Problem, $"loading it ended the process with status {code}{(text.Length > 0 ? $": {text}" : "")}", advice),
        };
    }

    private static async Task<Finding> Python(CancellationToken cancellation)
    {
        var found = new List<string>();
        foreach (string path in new[] { "/usr/bin/python3" }.Concat(InPath("python3")).Where(File.Exists).Distinct())
        {
            var (code, text) = await Run(path, ["-c", "import sys, importlib.util as u; print(sys.version.split()[0], *[m for m in ('numpy', 'torch', 'onnx', 'sklearn') if u.find_spec(m)])"], cancellation);
            if (code == 0) found.Add($"{path} {text}");
        }
        return found.Count > 0 ? new("python3", Health.Ok, string.Join("; ", found)) : new("python3", Health.Warning, "not found", "needed only by recipes whose commands call it");
    }

    private static async Task<Finding> Blender(CancellationToken cancellation)
    {
        if (InPath("blender").FirstOrDefault() is not { } path) return new("Blender", Health.Ok, "not found; only recipes that call it need it");
        var (code, text) = await Run(path, ["--version"], cancellation);
        return code == 0 ? new("Blender", Health.Ok, $"{path} {text}") : new("Blender", Health.Warning, $"{path} does not start: {text}", "recipes that call it will fail");
    }

    private static IEnumerable<string> InPath(string program)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(f => Path.Combine(f, program)).Where(File.Exists);

    /// <summary>Exit status (null when it did not start or did not end) and the first line of what it said.</summary>
    private static async Task<(int? Code, string Text)> Run(string program, string[] arguments, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        try
        {
            using var process = Process.Start(start)!;
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(limit.Token);
                var error = process.StandardError.ReadToEndAsync(limit.Token);
                await process.WaitForExitAsync(limit.Token);
                string text = (await output).Trim();
                return (process.ExitCode, (text.Length > 0 ? text : (await error).Trim()).Split('\n')[0]);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                process.Kill(entireProcessTree: true);
                return (null, $"did not end within {Patience.TotalSeconds:0} s");
            }
        }
        catch (Win32Exception e)
        {
            return (null, e.Message);
        }
    }
}
