using ExampleMlFarm.Learning.Native;
using Microsoft.ML.OnnxRuntime;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>Loads native libraries for <c>doctor</c>, in the process that is there to be lost.</summary>
internal static class NativeParts
{
    /// <summary>Loads libtorch and says its version, or what went wrong.</summary>
    public static (bool Loaded, string Text) LoadTorch()
    {
        var report = TorchLibrary.Report();
        return report.Problem is null
            ? (true, $"{report.Version} from {report.Folder} ({report.ChosenBy}){(report.ShimPatched ? ", library patched for this libstdc++" : "")}, CUDA {(report.CudaAvailable ? "available" : "not available")}")
            : (false, report.Problem);
    }

    /// <summary>Loads ONNX Runtime and says its version, or what went wrong.</summary>
    public static (bool Loaded, string Text) LoadOnnxRuntime()
    {
        try
        {
            var environment = OrtEnv.Instance();
            return (true, $"ONNX Runtime {environment.GetVersionString()}, providers {string.Join(", ", environment.GetAvailableProviders())}");
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or EntryPointNotFoundException or OnnxRuntimeException)
        {
            return (false, e.GetBaseException().Message);
        }
    }
}
