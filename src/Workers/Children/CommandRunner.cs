using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text.Json;
using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Attributes;
using Microsoft.Win32.SafeHandles;

namespace ExampleMlFarm.Workers.Children;

/// <summary>
/// Runs the programs of <c>run:</c> items for one slot: environment, the JSON file that describes the item, the program, its outcome, its files.
/// </summary>
/// <remarks>Not safe for several threads. What is the same for all items of a node is prepared once.</remarks>
public sealed class CommandRunner : IDisposable
{
    private readonly ChildRunner children;
    private readonly NativeStrings environment = new();
    private readonly ProgramLines lines = new();
    private readonly ArrayBufferWriter<byte> json = new(4096);
    private readonly Utf8JsonWriter writer;
    private readonly string itemPath;
    private SafeFileHandle itemFile;
    private readonly int constants;
    private readonly string searchPath;
    private IReadOnlyList<string> lastWords = [];
    private bool lastIsShellLine;
    private CommandLine? lastCommand;
    private long itemFileLength;
    private readonly HashSet<string> told = new(StringComparer.Ordinal);

    /// <summary>The runner of one slot.</summary>
    /// <param name="mark">In the environment of all that is started here.</param>
    /// <param name="itemPath">The file that <c>MLFARM_ITEM</c> names; written over for each item.</param>
    public CommandRunner(string mark, string itemPath)
    {
        children = new(mark);
        writer = new(json);
        this.itemPath = itemPath;
        itemFile = MakeItemFile();
        searchPath = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin";
        foreach (var entry in Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().OrderBy(e => (string)e.Key, StringComparer.Ordinal))
            if (!((string)entry.Key).StartsWith(AttributeVariables.Prefix, StringComparison.Ordinal))
                environment.Add((string)entry.Key, (string?)entry.Value);
        environment.Add(ProcessTree.MarkVariable, mark);
        environment.Add("MLFARM_ITEM", itemPath);
        constants = environment.Count;
    }

    private SafeFileHandle MakeItemFile()
    {
        itemFile?.Dispose();
        itemFileLength = 0;
        Directory.CreateDirectory(Path.GetDirectoryName(itemPath)!);
        return File.OpenHandle(itemPath, FileMode.Create, FileAccess.Write, FileShare.Read | FileShare.Delete);
    }

    /// <summary>Runs the program of one item.</summary>
    /// <exception cref="FarmException"><c>command.exit</c>, <c>command.signal</c>, <c>command.memory</c>, <c>command.output_missing</c>, or why it did not start.</exception>
    public void Run(CommandRequest request, CookContext cook, ICookHost host, MemoryLimit? memory)
    {
        if (lastCommand is null || lastIsShellLine != request.IsShellLine || !lastWords.SequenceEqual(request.Words))
        {
            lastCommand = request.IsShellLine ? CommandLine.Parse(request.Words[0], searchPath) : CommandLine.Of(request.Words, searchPath);
            lastWords = request.Words;
            lastIsShellLine = request.IsShellLine;
        }
        Describe(request, cook);
        lines.Reset();
        string folder = host.Scratch;
        var outcome = children.Run(lastCommand, folder, environment, line => lines.Take(line, host), memory, cook.Cancellation);
        cook.ThrowIfCancelled();
        if (memory is { UsedBytes: > 0 }) throw new FarmException(memory.Failure(lines.Tail()));
        if (outcome.Signal != 0 || outcome.ExitCode != 0) throw new FarmException(FailureOf(request, outcome));
        foreach (var (name, file) in request.Outputs) Publish(name, file, folder, host);
    }

    private Failure FailureOf(CommandRequest request, ChildOutcome outcome)
    {
        string shown = string.Join(' ', request.Words);
        if (shown.Length > 200) shown = shown[..200] + "…";
        string why = (lines.FailMessage ?? lines.Culprit()) is { } said ? $"{said} ({outcome} of '{shown}')" : $"'{shown}' ended with {outcome}";
        return new(FailureClass.Transient, outcome.Signal != 0 ? "command.signal" : "command.exit", why, lines.Tail());
    }

    private void Publish(string name, string file, string folder, ICookHost host)
    {
        string path = Path.GetFullPath(Path.Combine(folder, file));
        if (!path.StartsWith(folder + "/", StringComparison.Ordinal))
            throw FarmException.Invalid("command.output_outside", $"output '{name}': '{file}' lies outside of the item's folder: give a name below it");
        if (!Directory.Exists(folder))
            throw new FarmException(new(FailureClass.Permanent, "command.folder_removed", $"output '{name}': the program removed its working folder, and with it '{file}'", lines.Tail()));
        var kind = FileKinds.Of(path, followLinks: true);
        if (kind == FileKind.Missing)
        {
            var there = Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal).Take(20).ToList();
            throw new FarmException(new(FailureClass.Permanent, "command.output_missing",
                $"output '{name}': the program ended well but did not write '{file}'; it wrote {(there.Count == 0 ? "nothing" : string.Join(", ", there.Select(t => $"'{t}'")))}", lines.Tail()));
        }
        if (kind != FileKind.File)
            throw new FarmException(new(FailureClass.Permanent, "command.output_not_a_file", $"output '{name}': '{file}' is {Shown(path, kind)}, and only files can be outputs"
                + (kind == FileKind.Folder ? $": name a file in it, or have the program pack it, as in 'tar cf {file}.tar {file}'" : ""), lines.Tail()));
        // What lies in a folder that was only linked to is not the item's to give away.
        if (IsBehindLink(folder, file))
        {
            string copy = Path.Combine(folder, $".mlfarm-{name}{Path.GetExtension(file)}");
            File.Copy(path, copy, overwrite: true);
            path = copy;
        }
        string extension = Path.GetExtension(file).TrimStart('.').ToLowerInvariant();
        host.EmitFile(extension.Length == 0 ? "file" : $"file/{extension}", name, path);
    }

    private static string Shown(string path, FileKind kind)
    {
        if (new FileInfo(path).LinkTarget is not { } target) return FileKinds.Word(kind);
        return kind == FileKind.Link ? $"a link to '{target}', which is not there" : $"a link to '{target}', which is {FileKinds.Word(kind)}";
    }

    private static bool IsBehindLink(string folder, string file)
    {
        for (string? parent = Path.GetDirectoryName(Path.GetFullPath(Path.Combine(folder, file))); parent is not null && parent.Length > folder.Length; parent = Path.GetDirectoryName(parent))
            if (FileKinds.Of(parent, followLinks: false) == FileKind.Link) return true;
        return false;
    }

    /// <summary>Writes the item's JSON file and its environment.</summary>
    private void Describe(CommandRequest request, CookContext cook)
    {
        environment.Truncate(constants);
        Span<char> number = stackalloc char[32];
        _ = cook.Run.Value.TryFormat(number, out int digits, default, CultureInfo.InvariantCulture);
        environment.Add("MLFARM_RUN", number[..digits]);
        environment.Add("MLFARM_NODE", cook.Node);
        _ = cook.Index.TryFormat(number, out digits, default, CultureInfo.InvariantCulture);
        environment.Add("MLFARM_INDEX", number[..digits]);
        _ = cook.Attempt.TryFormat(number, out digits, default, CultureInfo.InvariantCulture);
        environment.Add("MLFARM_ATTEMPT", number[..digits]);
        json.ResetWrittenCount();
        writer.Reset();
        writer.WriteStartObject();
        writer.WriteNumber("run"u8, cook.Run.Value);
        writer.WriteString("node"u8, cook.Node);
        writer.WriteNumber("index"u8, cook.Index);
        writer.WriteNumber("attempt"u8, cook.Attempt);
        writer.WritePropertyName("attributes"u8);
        writer.WriteRawValue(request.AttributesJson);
        if (request.AttributesJson.Length > 2) AddAttributes(request.AttributesJson);
        writer.WritePropertyName("inputs"u8);
        if (request.InputsJson is null)
        {
            writer.WriteStartObject();
            writer.WriteEndObject();
        }
        else request.InputsJson(writer);
        writer.WriteStartObject("outputs"u8);
        foreach (var (name, file) in request.Outputs) writer.WriteString(name, file);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        // A program may have removed it together with all that lies around its own folder.
        if (!File.Exists(itemPath)) itemFile = MakeItemFile();
        RandomAccess.Write(itemFile, json.WrittenSpan, 0);
        if (json.WrittenCount < itemFileLength) RandomAccess.SetLength(itemFile, json.WrittenCount);
        itemFileLength = json.WrittenCount;
    }

    /// <summary>Scalars as they are, everything else as JSON.</summary>
    private void AddAttributes(string attributesJson)
    {
        told.Clear();
        using var document = JsonDocument.Parse(attributesJson);
        foreach (var attribute in document.RootElement.EnumerateObject())
        {
            var value = attribute.Value.ValueKind == JsonValueKind.String ? attribute.Value.GetString()! : attribute.Value.GetRawText();
            // The item's own variables are never replaced, even by an attribute that came with a result instead of the recipe; of two names that
            // differ in capitals alone the first one in the alphabet is told.
            if (AttributeVariables.IsReserved(attribute.Name) || value.Contains('\0')) continue;
            string variable = AttributeVariables.Of(attribute.Name);
            if (told.Add(variable)) environment.Add(variable, value);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        children.Dispose();
        environment.Dispose();
        writer.Dispose();
        itemFile.Dispose();
    }
}
