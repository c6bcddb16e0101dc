using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Commands;
using ExampleMlFarm.Farm.Output;
using Microsoft.Extensions.Time.Testing;

namespace ExampleMlFarm.Tests.Farm.World;

/// <summary>
/// A project with two runs: run 1 is done but for a failure that was allowed, run 2 is the same with a changed command, still open with items in
/// many states. No farm, no process, no real clock.
/// </summary>
public sealed class FakeProject : IDisposable
{
    // Made once, and copied for each test: waiting for the disk to confirm every commit is what takes time.
    private static readonly Lazy<FakeProjectMaker> Template = new(() => new FakeProjectMaker());
    private readonly FakeTimeProvider time = new(Template.Value.Now);
    private readonly ArtifactStore artifacts;

    public FakeProject()
    {
        Root = Directory.CreateTempSubdirectory("mlfarm-look-").FullName;
        foreach (string path in Directory.EnumerateFiles(Template.Value.Root, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(Root, Path.GetRelativePath(Template.Value.Root, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }
        artifacts = new ArtifactStore(Path.Combine(Root, ".mlfarm", "artifacts"));
    }

    public string Root { get; }

    /// <summary>From now on this process says that it works on the project, as a farm does.</summary>
    public void BeServed() => File.WriteAllText(Path.Combine(Root, ".mlfarm", "farm.json"),
        System.Text.Json.JsonSerializer.Serialize(new ExampleMlFarm.Scheduler.Hosting.FarmEndpoint(ProcessIdentity.Current.ToString(), 1, 1, "test")));

    public string ArtifactPath(ContentHash hash) => artifacts.PathOf(hash);

    /// <summary>Runs a command line on the project; what it printed comes back, with the project's path as PROJECT.</summary>
    public Printed Run(params string[] words) => Run(null, 100, words);

    /// <summary>As in a terminal of that width.</summary>
    public Printed InTerminal(int width, params string[] words) => Run(null, width, [.. words], isTerminal: true);

    /// <summary>With somebody who answers questions.</summary>
    public Printed Answering(string answer, params string[] words) => Run(new StringReader(answer + "\n"), 100, words, isTerminal: true);

    private Printed Run(TextReader? answers, int width, string[] words, bool isTerminal = false)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        var bytes = new MemoryStream();
        var terminal = new Terminal(output, error, isTerminal, isTerminal, width, false) { In = answers, OpenBytes = () => bytes };
        int code = global::ExampleMlFarm.Farm.Commands.Root.Run([.. words, "--folder", Root], new Surroundings { Terminal = terminal, Time = time }).GetAwaiter().GetResult();
        return new(code, Named(output.ToString()), Named(error.ToString()), bytes.ToArray());
    }

    private string Named(string text) => text.Replace(Root, "PROJECT", StringComparison.Ordinal).Replace(Environment.UserName + "@" + Environment.MachineName, "WHO", StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

/// <summary>What a command left: exit status, standard output, standard error.</summary>
public sealed record Printed(int Code, string Out, string Error, byte[] Bytes);
