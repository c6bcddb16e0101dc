using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Security.Cryptography;
using ExampleMlFarm.Core;
using TorchSharp;

namespace ExampleMlFarm.Learning.Native;

/// <summary>
/// Finds and loads the native libraries behind TorchSharp: libtorch from one chosen folder, and TorchSharp's own shim,
/// patched where the system's libstdc++ is older than the shim asks for.
/// </summary>
/// <remarks>
/// The shim of TorchSharp 0.107 was linked by GCC 13 and needs GLIBCXX_3.4.32; Debian 12 ends at 3.4.30. The one symbol behind
/// that need is a marker that is never called, so the need may be weak: one flag in a cached copy. Call <see cref="Load"/> before the
/// first touch of TorchSharp; it may be called from any thread and as often as one likes.
/// </remarks>
public static class TorchLibrary
{
    /// <summary>Environment variable that names the folder with libtorch.so; it wins over everything else.</summary>
    public const string FolderVariable = "MLFARM_LIBTORCH";

    private const string ShimFile = "libLibTorchSharp.so";
    private static readonly Lock Gate = new();
    private static readonly List<string> Tried = [];
    private static (string? Folder, string ChosenBy) choice;
    private static bool patched;
    private static TorchReport? loaded;

    /// <summary>Takes part in library resolution from the moment this assembly is first touched. Loads nothing yet.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries",
        Justification = "TorchSharp's static constructors load native code on first touch; the resolver must be there before.")]
    internal static void Hook()
    {
        choice = ChooseFolder();
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += Resolve;
    }

    /// <summary>Loads libtorch if it is not loaded, with one thread per operation: trials run side by side instead.</summary>
    /// <exception cref="FarmException"><c>torch.missing</c>: no usable libtorch; the message lists what was tried.</exception>
    public static TorchReport Load()
    {
        var report = Report();
        return report.Problem is null ? report : throw new FarmException(new Failure(FailureClass.Permanent, "torch.missing", report.Problem));
    }

    /// <summary>Tries to load, and says what happened. Never throws.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types",
        Justification = "Whatever a native load throws becomes the text of the report.")]
    public static TorchReport Report()
    {
        lock (Gate)
        {
            if (loaded is not null) return loaded;
            string version = $"TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)}";
            try
            {
                if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("only linux-x64 carries libtorch here");
                // TorchSharp answers a missing library by copying half a gigabyte of package into bin: do not let it come to that.
                if (choice.Folder is null || !File.Exists(Path.Combine(choice.Folder, "libtorch_cpu.so")))
                {
                    Tried.Add($"{Path.Combine(choice.Folder ?? "(no folder)", "libtorch_cpu.so")}: not there");
                    throw new DllNotFoundException("libtorch_cpu.so");
                }
                LoadLibtorch(choice.Folder);
                torch.set_num_threads(1);
                return loaded = new(true, $"{version}, libtorch {torch.__version__}", choice.Folder, choice.ChosenBy, patched, torch.cuda.is_available(), null);
            }
            catch (Exception e)
            {
                var root = e.GetBaseException();
                string tried = Tried.Count == 0 ? "nothing was found to try" : string.Join("; ", Tried);
                return new(false, version, choice.Folder, choice.ChosenBy, patched, false,
                    $"libtorch could not be loaded from '{choice.Folder ?? "(no folder)"}' (chosen by: {choice.ChosenBy}). Tried: {tried}. "
                    + $"Set {FolderVariable} to a folder that holds libtorch.so of libtorch 2.10, or put it into 'libtorch/' beside the program. ({root.GetType().Name}: {root.Message})");
            }
        }
    }

    private static (string?, string) ChooseFolder()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } named) return (named, FolderVariable);
        string beside = Path.Combine(AppContext.BaseDirectory, "libtorch");
        if (Directory.Exists(beside)) return (beside, "application folder");
        string? package = typeof(TorchLibrary).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == "LibTorchDir")?.Value;
        return package is not null && Directory.Exists(package) ? (package, "package") : (package, "nothing");
    }

    /// <summary>Asked only after the runtime's own probing failed, also when a file was there but did not load.</summary>
    private static nint Resolve(Assembly assembly, string name)
    {
        if (assembly.GetName().Name != "TorchSharp" || choice.Folder is null) return 0;
        if (name is "torch_cpu" or "torch_cuda") return TryLoad(Path.Combine(choice.Folder, $"lib{name}.so"), optional: true);
        if (name != "LibTorchSharp") return 0;
        LoadLibtorch(choice.Folder);
        foreach (string shim in ShimPlaces().Where(File.Exists))
        {
            if (TryLoad(shim) is var handle and not 0) return handle;
            if (TryLoad(PatchedCopy(shim)) is var copy and not 0)
            {
                patched = true;
                return copy;
            }
        }
        return 0;
    }

    /// <summary>
    /// Loads libtorch by full path, in order of dependence. What asks for one of its files by name afterwards then gets this
    /// one and not, say, the libtorch_cpu.so of the distribution's own PyTorch.
    /// </summary>
    private static void LoadLibtorch(string folder)
    {
        foreach (string library in (string[])["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"])
            TryLoad(Path.Combine(folder, library), optional: library.Contains("cuda", StringComparison.Ordinal));
    }

    private static IEnumerable<string> ShimPlaces()
    {
        string[] folders = [AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes/linux-x64/native"),
            .. (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)];
        return folders.Select(f => Path.Combine(f, ShimFile)).Distinct();
    }

    private static nint TryLoad(string path, bool optional = false)
    {
        if (!File.Exists(path))
        {
            if (!optional) Tried.Add($"{path}: not there");
            return 0;
        }
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            Tried.Add($"{path}: {e.Message.ReplaceLineEndings(" ")}");
            return 0;
        }
    }

    /// <summary>The shim with its too new version needs marked weak, in the user's cache, named by its hash.</summary>
    private static string PatchedCopy(string shim)
    {
        byte[] bytes = File.ReadAllBytes(shim);
        foreach (string version in (string[])["GLIBCXX_3.4.31", "GLIBCXX_3.4.32"]) ElfVersionNeeds.MarkWeak(bytes, version);
        string folder = Path.Combine(CacheFolder(), $"torchsharp-{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}");
        Directory.CreateDirectory(folder);
        string copy = Path.Combine(folder, ShimFile);
        // Compared in full: a copy cut short by a full disk must not be loaded.
        if (File.Exists(copy) && File.ReadAllBytes(copy).AsSpan().SequenceEqual(bytes)) return copy;
        string temporary = $"{copy}.{Environment.ProcessId}";
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, copy, overwrite: true);
        return copy;
    }

    private static string CacheFolder()
    {
        string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache))
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            cache = home.Length > 0 ? Path.Combine(home, ".cache") : Path.GetTempPath();
        }
        return Path.Combine(cache, "mlfarm");
    }
}
