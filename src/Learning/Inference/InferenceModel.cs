using System.Collections.Immutable;
using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace ExampleMlFarm.Learning.Inference;

/// <summary>A model that maps raw rows [n, d] to raw rows [n, o] on one thread. A row's bits do not depend on the rows beside it. Thread-safe.</summary>
public sealed class InferenceModel
{
    private readonly InferenceSession session;

    internal InferenceModel(InferenceSession session, OnnxDescription description, int inputLength, int outputLength)
        => (this.session, Description, InputLength, OutputLength) = (session, description, inputLength, outputLength);

    /// <summary>What the file says about itself.</summary>
    public OnnxDescription Description { get; }

    /// <summary>Entries d of an input row.</summary>
    public int InputLength { get; }

    /// <summary>Entries o of an output row.</summary>
    public int OutputLength { get; }

    /// <summary>metadata_props of the file.</summary>
    public ImmutableSortedDictionary<string, string> Metadata => Description.Metadata;

    /// <summary>Checks that the model fits what is about to be fed to it; a text that is null is not compared.</summary>
    /// <exception cref="FarmException"><c>inference.shape</c> or <c>inference.contributions</c>.</exception>
    public void Require(int inputLength, int outputLength, string? inputContributions = null, string? outputContributions = null)
    {
        if (inputLength != InputLength)
            throw FarmException.Invalid("inference.shape", $"the model takes rows of {InputLength} values, but the input contributions give {inputLength}; use the contributions it was trained with");
        if (outputLength != OutputLength)
            throw FarmException.Invalid("inference.shape", $"the model gives rows of {OutputLength} values, but the output contributions take {outputLength}; use the contributions it was trained with");
        Compare("input", OnnxModel.InputContributionsKey, inputContributions);
        Compare("output", OnnxModel.OutputContributionsKey, outputContributions);
    }

    /// <summary>Evaluates rows, at most <paramref name="maxBatch"/> at a time (0: at most 4,096, which bounds what the runtime allocates).</summary>
    /// <exception cref="FarmException"><c>inference.shape</c>: the values are no whole number of rows.</exception>
    public float[] Evaluate(ReadOnlyMemory<float> rows, int maxBatch = 0)
    {
        if (rows.Length % InputLength != 0)
            throw FarmException.Invalid("inference.shape", $"{rows.Length} values are no whole number of rows of {InputLength}");
        int count = rows.Length / InputLength, batch = maxBatch > 0 ? maxBatch : 4096;
        var outputs = new float[checked(count * OutputLength)];
        // The runtime wants writable memory for an input it only reads.
        var inputs = System.Runtime.InteropServices.MemoryMarshal.AsMemory(rows);
        using var options = new RunOptions();
        string[] inputNames = [Description.Inputs[0].Name], outputNames = [Description.Outputs[0].Name];
        for (int first = 0; first < count; first += batch)
        {
            int n = Math.Min(batch, count - first);
            using var x = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, inputs.Slice(first * InputLength, n * InputLength), [n, InputLength]);
            using var y = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, outputs.AsMemory(first * OutputLength, n * OutputLength), [n, OutputLength]);
            session.Run(options, inputNames, [x], outputNames, [y]);
        }
        return outputs;
    }

    internal void Close() => session.Dispose();

    private void Compare(string side, string key, string? given)
    {
        if (given is null) return;
        if (!Metadata.TryGetValue(key, out string? trained))
            throw FarmException.Invalid("inference.contributions", $"the model does not say which {side} contributions it was trained with (metadata '{key}' is missing); export it again, or do not ask for the check");
        if (trained != given)
            throw FarmException.Invalid("inference.contributions", $"the model was trained with {side} contributions {trained}, but is given {given}; the lists must be identical");
    }
}
