using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ExampleMlFarm.Tests.EndToEnd;

/// <summary>The real program in an empty folder of its own, as a person would use it.</summary>
internal sealed class Farm : IDisposable
{
    /// <summary>The checkout.</summary>
    public static string Root { get; } = FindRoot();

    // MLFARM_PROGRAM holds another build to the same tests.
    private static readonly string Program = Environment.GetEnvironmentVariable("MLFARM_PROGRAM") ?? Path.Combine(Root, "src/Farm/bin/Release/net10.0/linux-x64/mlfarm");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    public string Folder { get; } = Directory.CreateTempSubdirectory("mlfarm-test-").FullName;

    /// <summary>Why these tests cannot run here; null when they can.</summary>
    public static string? Missing => File.Exists(Program) ? null : $"{Program} is not built: dotnet build -c Release";

    public string Write(string name, string text)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Runs a command to its end.</summary>
    public (int Code, string Out, string Error) Run(params string[] arguments) => End(Start(arguments), arguments);

    /// <summary>The same as the user who owns nothing. Only root can.</summary>
    public (int Code, string Out, string Error) RunAsNobody(params string[] arguments)
        => End(Start("/usr/bin/setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", Program, .. arguments]), arguments);

    private static (int Code, string Out, string Error) End(Process started, string[] arguments)
    {
        using var process = started;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            KillTree(process);
            throw new TimeoutException($"mlfarm {string.Join(' ', arguments)} did not end; it said {error.Result}");
        }
        return (process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Starts a command and leaves it running.</summary>
    public Process Start(params string[] arguments) => Start(Program, arguments);

    private Process Start(string program, string[] arguments)
    {
        var info = new ProcessStartInfo(program) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) info.ArgumentList.Add(argument);
        return Process.Start(info)!;
    }

    /// <summary><c>kill -9</c> of the command and of everything it started, all at once.</summary>
    public static void KillTree(Process process)
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
    }

    /// <summary>SHA-256 of the data set that a run put out.</summary>
    public string DatasetHash(string recipe, int run) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "out", $"{recipe}-{run}", "dataset", "dataset.json")))!["sha256"]!.GetValue<string>();

    /// <summary>Artifacts in the store, largest first.</summary>
    public IReadOnlyList<FileInfo> Artifacts() =>
        [.. new DirectoryInfo(Path.Combine(Folder, ".mlfarm", "artifacts")).EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.Name.Length >= 60).OrderByDescending(f => f.Length)];

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "ExampleMlFarm.sln"))) return folder.FullName;
        throw new InvalidOperationException("the tests run from a checkout");
    }
}
