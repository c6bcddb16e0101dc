using System.Globalization;
using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Workers.Children;
using ExampleMlFarm.Workers.Disk;
using ExampleMlFarm.Workers.Links.Http;
using ExampleMlFarm.Workers.Logs;
using ExampleMlFarm.Workers.Programs;
using ExampleMlFarm.Workers.Reporting;

namespace ExampleMlFarm.Workers.Cooking;

/// <summary>What a slot offers to the cook it runs: log, outputs, scratch, checkpoint, inputs. Holds the state of one item at a time.</summary>
/// <remarks>One per slot; used by the slot's thread alone.</remarks>
public sealed class SlotHost : ICookHost, IDisposable
{
    private readonly WorkerFolders folders;
    private readonly ArtifactStore store;
    private readonly InputCache cache;
    private readonly KeptFiles kept;
    private readonly HttpCheckpoints? elsewhere;
    private readonly List<(string Path, ContentHash Content)> originals = [];
    private readonly string scratchRoot;
    private const UnixFileMode ScratchMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private string? scratch;
    private bool scratchUsed;
    private int abandoned;
    private MemoryLimit? memory;
    private long lastMemoryBytes;
    private CheckpointFile? checkpoint;
    private ILeaseProgram? program;
    private long item;
    private CommandRunner? commands;

    /// <summary>The host of one slot.</summary>
    /// <param name="folders">Where things lie.</param>
    /// <param name="store">Artifacts.</param>
    /// <param name="cache">Decoded inputs, shared by the slots of the process.</param>
    /// <param name="kept">Files that recipes name, shared by the slots of the process.</param>
    /// <param name="log">The slot's log.</param>
    /// <param name="slot">Number of the slot.</param>
    /// <param name="elsewhere">Where partial states are kept for other hosts; null when this folder is the farm's own.</param>
    public SlotHost(WorkerFolders folders, ArtifactStore store, InputCache cache, KeptFiles kept, AttemptLog log, int slot, HttpCheckpoints? elsewhere = null)
    {
        this.elsewhere = elsewhere;
        this.folders = folders;
        this.store = store;
        this.cache = cache;
        this.kept = kept;
        AttemptLog = log;
        Slot = slot;
        scratchRoot = Path.Combine(folders.Worker, $"slot-{slot}");
    }

    /// <summary>Number of the slot.</summary>
    public int Slot { get; }

    /// <summary>What the item has put out.</summary>
    public ItemOutputs Outputs { get; } = new();

    /// <summary>The log.</summary>
    public AttemptLog AttemptLog { get; }

    /// <summary>Hash of the last input that was found missing or damaged during this item.</summary>
    public ContentHash? LostInput { get; private set; }

    /// <summary>How far the item says it is.</summary>
    public double Fraction { get; private set; }

    /// <summary>Where open segments of this slot lie.</summary>
    public string SegmentFolder => Path.Combine(scratchRoot, "segments");

    /// <summary>Starts programs for this slot; made when first needed.</summary>
    public CommandRunner Commands => commands ??= new CommandRunner(folders.MarkOfSlot(Slot), Path.Combine(scratchRoot, "item.json"));

    /// <summary>Makes room for the next item.</summary>
    /// <param name="itsProgram">What is cooked.</param>
    /// <param name="nextItem">Which of its items.</param>
    /// <param name="memoryBytes">What the item's programs may use; 0 = not stated. Cooks in this process share its memory and are not held to it.</param>
    public void Begin(ILeaseProgram itsProgram, long nextItem, long memoryBytes)
    {
        if (memoryBytes != lastMemoryBytes)
        {
            lastMemoryBytes = memoryBytes;
            memory = memoryBytes > 0 ? new(memoryBytes, TimeProvider.System) : null;
        }
        Outputs.Clear();
        originals.Clear();
        program = itsProgram;
        item = nextItem;
        checkpoint = null;
        LostInput = null;
        Fraction = 0;
    }

    /// <summary>Clears away what the item used.</summary>
    /// <param name="succeeded">Then its checkpoint is no longer needed.</param>
    public void End(bool succeeded)
    {
        if (succeeded) checkpoint?.Remove();
        if (!scratchUsed) return;
        scratchUsed = false;
        try
        {
            // Most programs leave nothing: an empty folder as it was made serves the next item, and two changes of the disk are saved.
            var folder = new DirectoryInfo(scratch!);
            if (folder.Exists && folder.LinkTarget is null && folder.UnixFileMode == ScratchMode && !folder.EnumerateFileSystemInfos().Any()) return;
            RemoveWhateverIs(scratch!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Something holds it (a mount, say). The next item gets another folder, and this one goes with the worker.
            abandoned++;
            Log($"mlfarm: the working folder could not be cleared away: {e.Message}");
        }
        scratch = null;
    }

    /// <inheritdoc/>
    public void Log(ReadOnlySpan<char> text) => AttemptLog.Write(LogLineKind.Text, text);

    /// <inheritdoc/>
    public void Metric(string name, double value, long step)
    {
        // Neither tables nor JSON hold them, and nothing can be ordered by them.
        if (!double.IsFinite(value) || string.IsNullOrWhiteSpace(name) || name.Length > Limits.MetricNameCharacters || name.AsSpan().ContainsAny('\n', '\r', '\0'))
        {
            string shown = name.Length > 40 ? name[..40] + "…" : name;
            Log(string.Create(CultureInfo.InvariantCulture, $"mlfarm: metric '{shown}' is {value}{(step >= 0 ? $" at step {step}" : "")} and is not kept: a name of 1 to {Limits.MetricNameCharacters} characters in one line and a finite number are needed"));
            return;
        }
        Outputs.SetMetric(name, value);
        if (step >= 0) AttemptLog.Write(LogLineKind.Metric, string.Create(CultureInfo.InvariantCulture, $"{step} {value:R} {name}").AsSpan());
    }

    /// <inheritdoc/>
    public void Progress(double fraction, string? status)
    {
        Fraction = double.IsNaN(fraction) ? Fraction : Math.Clamp(fraction, 0, 1);
        AttemptLog.Write(LogLineKind.Progress, string.Create(CultureInfo.InvariantCulture, $"{Fraction:0.####} {status}").AsSpan());
    }

    /// <inheritdoc/>
    public void EmitGeometry(string name, GeometryData geometry)
    {
        Outputs.CheckName(name);
        Outputs.Geometry.Add(new(name, geometry));
    }

    /// <inheritdoc/>
    public OutputRef EmitFile(string tag, string name, string path) => Emit(tag, name, store.PutFile(path, move: true));

    /// <inheritdoc/>
    public OutputRef EmitBytes(string tag, string name, ReadOnlySpan<byte> content) => Emit(tag, name, store.Put(content));

    /// <inheritdoc/>
    public void EmitReference(OutputRef output)
    {
        Outputs.CheckName(output.Name);
        Outputs.Files.Add(output);
    }

    /// <inheritdoc/>
    public void EmitExpansion(Expansion expansion)
    {
        Outputs.Touch();
        Outputs.Expansion = expansion;
    }

    /// <inheritdoc/>
    public void SetAttributesOfExpansion(string json)
    {
        Outputs.Touch();
        Outputs.AttributesJson = json;
    }

    /// <inheritdoc/>
    public void SetAttribute(string name, string json) => Outputs.SetAttribute(name, json);

    /// <inheritdoc/>
    public string Scratch
    {
        get
        {
            scratchUsed = true;
            if (scratch is not null) return scratch;
            var path = Path.Combine(scratchRoot, abandoned == 0 ? "scratch" : $"scratch-{abandoned}");
            // A worker of the same name that was killed may have left something: an item starts with an empty folder.
            RemoveWhateverIs(path);
            Directory.CreateDirectory(path, ScratchMode);
            return scratch = path;
        }
    }

    /// <inheritdoc/>
    public byte[]? LoadCheckpoint()
    {
        var state = Checkpoint().Load(out string? damage);
        if (damage is not null) Log($"the saved partial state of this item cannot be used ({damage}); it starts anew");
        return state;
    }

    /// <inheritdoc/>
    public void SaveCheckpoint(ReadOnlySpan<byte> state)
    {
        try { Checkpoint().Save(state); }
        // Without it a restart would begin earlier, which is no reason to begin anew now.
        catch (IOException e) when (FullDisk.IsCauseOf(e)) { Log($"mlfarm: the checkpoint could not be saved, the item goes on: {e.Message}"); }
    }

    /// <inheritdoc/>
    public ContentHash Lineage => program!.Lineage;

    /// <inheritdoc/>
    public void RunCommand(CommandRequest request, CookContext cook)
    {
        Commands.Run(request, cook, this, memory);
        foreach (var (path, content) in originals)
            if (!kept.IsUnchanged(path, content))
                throw new FarmException(new(FailureClass.Transient, "command.file_changed", $"'{path}' was changed while the program ran; the next attempt reads it as it was when the run was submitted", null));
    }

    /// <inheritdoc/>
    public string LocalPath(RecipeFile file) => program!.ContentOf(file) is { } content ? kept.CopyOf(file.Path, content) : file.Path;

    /// <inheritdoc/>
    public string ProgramPath(RecipeFile file)
    {
        if (program!.ContentOf(file) is not { } content) return file.Path;
        string path = kept.OriginalOrCopy(file.Path, content);
        if (path == file.Path) originals.Add((path, content));
        return path;
    }

    /// <inheritdoc/>
    public string LocalPath(OutputRef output)
    {
        try { return store.VerifiedPath(output.Hash, output.SizeBytes); }
        catch (FarmException) { LostInput = output.Hash; throw; }
    }

    /// <inheritdoc/>
    public GeometryData ReadGeometry(OutputRef output)
    {
        if (output.Row < 0) throw FarmException.Invalid("node.not_geometry", $"output '{output.Name}' ({output.Tag}) is a file, not a geometry");
        try { return cache.ReadRow(output.Hash, () => store.VerifiedPath(output.Hash, output.SizeBytes), output.Row); }
        catch (FarmException e) when (e.Failure.Code is "segment.corrupt" or "artifact.missing" or "artifact.corrupt" or "artifact.truncated")
        {
            LostInput = output.Hash;
            throw;
        }
    }

    /// <inheritdoc/>
    public T Remember<T>(ContentHash content, long row, Func<T> decode) where T : class => cache.Remember(content, row, decode);

    /// <inheritdoc/>
    public void Dispose()
    {
        commands?.Dispose();
        AttemptLog.Dispose();
        if (Directory.Exists(scratchRoot)) RemoveFolder(scratchRoot);
    }

    private OutputRef Emit(string tag, string name, StoredArtifact artifact)
    {
        Outputs.CheckName(name);
        var output = new OutputRef(tag, name, artifact.Hash, artifact.SizeBytes);
        Outputs.Files.Add(output);
        return output;
    }

    private CheckpointFile Checkpoint() => checkpoint ??= new(folders.Checkpoints, program!.CheckpointName(item), elsewhere);

    /// <summary>Removes what is at a path, if anything is: a program may have put something else where its folder was.</summary>
    private static void RemoveWhateverIs(string path)
    {
        if (FileKinds.Of(path, followLinks: false) is var kind && kind == FileKind.Folder) RemoveFolder(path);
        else if (kind != FileKind.Missing) File.Delete(path);
    }

    /// <summary>Removes a folder, whatever a program left in there, also what it made read-only.</summary>
    private static void RemoveFolder(string path)
    {
        try { Directory.Delete(path, recursive: true); }
        catch (UnauthorizedAccessException)
        {
            File.SetUnixFileMode(path, ScratchMode);
            foreach (var folder in Directory.EnumerateDirectories(path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
                File.SetUnixFileMode(folder, ScratchMode);
            Directory.Delete(path, recursive: true);
        }
    }
}
