using System.Collections.Concurrent;
using System.Security.Cryptography;
using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace ExampleMlFarm.Learning.Inference;

/// <summary>
/// Loaded models by the hash of their bytes: the same file is loaded once, whatever it is called. Thread-safe. Loads native code
/// on files from outside: for worker processes, never for the scheduler's.
/// </summary>
public sealed class InferenceSessions : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<InferenceModel>> models = new(StringComparer.Ordinal);

    /// <summary>
    /// The model in these bytes. Models belong to this cache and live as long as it does; at most <see cref="MaxModels"/>.
    /// </summary>
    /// <exception cref="FarmException"><c>onnx.corrupt</c>, <c>inference.model</c>: not one float input [N, d] and one float output [N, o].</exception>
    public InferenceModel Open(ReadOnlyMemory<byte> file)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(file.Span));
        if (models.Count >= MaxModels && !models.ContainsKey(hash))
            throw FarmException.Invalid("inference.models", $"{MaxModels} models are loaded; dispose this cache before more are opened");
        return models.GetOrAdd(hash, _ => new(() => Load(file))).Value;
    }

    /// <summary>Models one cache holds: beyond it, somebody opens models and keeps none.</summary>
    public const int MaxModels = 256;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var model in models.Values)
            if (model.IsValueCreated) model.Value.Close();
        models.Clear();
    }

    private static InferenceModel Load(ReadOnlyMemory<byte> file)
    {
        // Read by our own parser first, which cannot crash on a damaged file.
        var description = OnnxDescription.Read(file.Span);
        if (description.Inputs.Length != 1 || description.Outputs.Length != 1)
            throw FarmException.Invalid("inference.model", $"the model has {description.Inputs.Length} inputs and {description.Outputs.Length} outputs; one of each is needed");
        int inputLength = RowLength(description.Inputs[0], "input"), outputLength = RowLength(description.Outputs[0], "output");
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        // Workers share the machine: a waiting session must not burn a core.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        try
        {
            return new InferenceModel(new InferenceSession(file.ToArray(), options), description, inputLength, outputLength);
        }
        catch (OnnxRuntimeException e)
        {
            throw new FarmException(Failure.Invalid("inference.model", $"ONNX Runtime does not accept the model: {e.Message}"), e);
        }
    }

    private static int RowLength(OnnxValue value, string what)
    {
        bool rows = value.ElementType == "float32" && value.Shape.Length == 2 && !int.TryParse(value.Shape[0], out _);
        if (!rows || !int.TryParse(value.Shape[1], out int length) || length < 1)
            throw FarmException.Invalid("inference.model", $"the model's {what} is {value}; float32 [N, length] with a free N is needed");
        return length;
    }
}
