using System.Text;
using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Geometry.Datasets;
using ExampleMlFarm.Learning.Networks;
using ExampleMlFarm.Learning.Onnx;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Scheduler.Journal;
using ExampleMlFarm.Scheduler.Runs;
using ExampleMlFarm.Workers.Logs;
using Microsoft.Extensions.Time.Testing;

namespace ExampleMlFarm.Tests.Farm.World;

/// <summary>Makes the folder of the fake project by driving run machines by hand; removed when the tests end.</summary>
internal sealed class FakeProjectMaker
{
    public const string Recipe = """
        recipe: 1
        name: cloth
        description: Drapes cloth and learns it.
        params:
          count: { type: int, default: 6 }
          stiffness: { type: float, default: 1.0 }
        nodes:
          cases:
            generate: ${{ params.count }}
            attributes: { radius: "uniform(0.1, 0.5)" }
          simulate:
            from: cases
            run: simulate --radius ${{ item.radius }} --stiffness ${{ params.stiffness }}
            out: { mesh: mesh.obj }
            allow_failed: 50%
          dataset:
            collect: simulate
            run: merge
            out: { set: set.bin }
          train:
            wedge: { method: grid, parameters: { width: { values: [16, 32] } } }
            run: train ${{ nodes.dataset }} ${{ item.width }}
            out: { model: model.onnx }
            metric: { name: validation/loss, goal: minimize }
        outputs:
          model: ${{ nodes.train }}
        """;

    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly WorkerId Worker = new("ws-07-4711-88");

    private readonly FakeTimeProvider time = new(Start);
    private readonly FarmStore store;
    private readonly ArtifactStore artifacts;

    public FakeProjectMaker()
    {
        Root = Directory.CreateTempSubdirectory("mlfarm-look-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Root, recursive: true);
        string state = Path.Combine(Root, ".mlfarm");
        Directory.CreateDirectory(state);
        artifacts = new ArtifactStore(Path.Combine(state, "artifacts"));
        using (store = FarmStore.Open(Path.Combine(state, "farm.db")))
        {
            Done();
            Open();
        }
        time.Advance(TimeSpan.FromMinutes(5));
    }

    public string Root { get; }

    /// <summary>When the last thing happened, and a while after.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    // Run 1: item 4 of simulate fails within what is allowed; everything else is cooked.
    private void Done()
    {
        var shell = Submit(Recipe);
        shell.Decide(new WorkerJoined(time.GetUtcNow(), Worker, new(1, new(4, 0, 0, []), [])));
        Cook(shell, (node, item) => (node, item) switch
        {
            ("simulate", 4) => new(ItemRange.One(4), ResultKind.Failed, 2.5, Failure: new(FailureClass.Permanent, "command.exit", "solver diverged at step 118", "Traceback\n  line 12")),
            ("simulate", _) => Succeeded(item, 3.2, [File("file/obj", "mesh", $"mesh of item {item}\n")]),
            ("dataset", _) => Succeeded(item, 1.5, Dataset()),
            _ => Succeeded(item, 8, [Model((int)item)], [new("validation/loss", item == 0 ? 0.25 : 0.125), new("epochs", 3)]),
        });
        shell.Persist().GetAwaiter().GetResult();
    }

    // Run 2: the stiffness differs. 0 is cached, 1 done, 2 failed, 3 cooks, the others are ready; paused and resumed once.
    private void Open()
    {
        time.Advance(TimeSpan.FromMinutes(10));
        var shell = Submit(Recipe.Replace("default: 1.0", "default: 2.5", StringComparison.Ordinal).Replace("50%", "0", StringComparison.Ordinal));
        shell.Decide(new RunPaused(time.GetUtcNow()), "sam@ws", "pause", "machine needed");
        shell.Decide(new RunResumed(time.GetUtcNow()), "sam@ws", "resume", "");
        shell.Decide(new WorkerJoined(time.GetUtcNow(), Worker, new(1, new(4, 0, 0, []), [])));
        Cook(shell, (node, item) => (node, item) switch
        {
            ("simulate", 0) => Succeeded(0, 0, [File("file/obj", "mesh", "mesh of item 0\n")]) with { Kind = ResultKind.Cached },
            ("simulate", 1) => Succeeded(1, 4.5, [File("file/obj", "mesh", "mesh of item 1, stiff\n")]),
            ("simulate", 2) => new(ItemRange.One(2), ResultKind.Failed, 0.5, Failure: new(FailureClass.Permanent, "command.exit", "solver diverged at step 7")),
            _ => null,
        });
        shell.Persist().GetAwaiter().GetResult();
    }

    private RunShell Submit(string recipe)
    {
        var compiled = RecipeCompiler.Compile(recipe, "cloth.yaml", new Dictionary<string, string>(), Catalogue.Descriptors, new DiskFiles(Root));
        var program = compiled.Program ?? throw new InvalidOperationException(string.Join("; ", compiled.Errors));
        return RunShell.Submit(store, new SchedulerOptions { Time = time }, program.Name, "/home/sam/cloth", 0, FrozenRun.Freeze(program), program.Plan).GetAwaiter().GetResult();
    }

    private void Cook(RunShell shell, Func<string, long, ItemResult?> cook)
    {
        long sequence = 0;
        using var log = new AttemptLog(Path.Combine(Root, ".mlfarm", "logs"), $"{Worker}-0", time);
        while (true)
        {
            var granted = shell.Decide(new LeasesRequested(time.GetUtcNow(), Worker, 1)).Commands.OfType<GrantLease>().Select(g => g.Lease).FirstOrDefault();
            if (granted is null) return;
            string node = shell.Machine.Plan!.Nodes[granted.Node.Value].Name;
            for (long item = granted.Items.Start; item < granted.Items.End; item++)
            {
                log.Begin(shell.Id, node, item, 1);
                if (node is "simulate" && item is 1 or 4) log.Write(LogLineKind.Text, $"step 1 of item {item}");
                if (node is "train")
                    for (int epoch = 1; epoch <= 3; epoch++)
                    {
                        time.Advance(TimeSpan.FromSeconds(1));
                        log.Write(LogLineKind.Metric, $"{epoch} {(item == 0 ? 1.0 : 0.5) / epoch / epoch:R} validation/loss");
                    }
                var result = cook(node, item);
                time.Advance(TimeSpan.FromSeconds(result?.Seconds ?? 1));
                if (result is null) return;
                log.End();
                shell.Decide(new ResultsReported(time.GetUtcNow(), Worker, new(granted.Id, ++sequence, [result], item == granted.Items.End - 1)));
            }
        }
    }

    private static ItemResult Succeeded(long item, double seconds, IReadOnlyList<OutputRef> outputs, IReadOnlyList<Metric>? metrics = null)
        => new(ItemRange.One(item), ResultKind.Succeeded, seconds, outputs, ContentHash.Of("key"u8), item, metrics);

    private OutputRef File(string tag, string name, string content) => File(tag, name, Encoding.UTF8.GetBytes(content));

    private OutputRef File(string tag, string name, byte[] content)
    {
        var stored = artifacts.Put(content);
        return new(tag, name, stored.Hash, stored.SizeBytes);
    }

    private List<OutputRef> Dataset()
    {
        string folder = Path.Combine(Root, "made");
        using (var writer = new DatasetWriter(folder, new() { Seed = 3, ShardRows = 4, Metadata = new Dictionary<string, string> { ["basis"] = "none" } }))
        {
            for (int i = 0; i < 6; i++)
                if (i == 4) writer.Fail(4, "solver diverged at step 118");
                else writer.Add(i, [i, i + 0.5f], [2 * i, 0, 1, -1, i]);
            writer.Finish();
        }
        var outputs = Directory.GetFiles(folder).Order(StringComparer.Ordinal)
            .Select(path => File(Path.GetFileName(path) == DatasetManifest.FileName ? "dataset/manifest" : "dataset/shard", Path.GetFileName(path), System.IO.File.ReadAllBytes(path))).ToList();
        Directory.Delete(folder, recursive: true);
        return outputs;
    }

    private OutputRef Model(int seed) => File("file/onnx", "model.onnx",
        OnnxModel.Write(new Network([new AffineLayer(2, 5, [.. Enumerable.Range(seed, 10).Select(i => i * 0.1f)], new float[5])]), new Dictionary<string, string> { ["trial"] = $"{seed}" }));
}
