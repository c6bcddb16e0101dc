using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ExampleMlFarm.Core;

namespace ExampleMlFarm.Learning.Training;

/// <summary>Which rows are trained on and which are validated on; rows in neither are left alone.</summary>
public sealed record DataSplit(IReadOnlyList<int> TrainingRows, IReadOnlyList<int> ValidationRows);

/// <summary>
/// Rows of inputs [n, d] and targets [n, o], row-major, raw (not normalised). Does not own the memory, and does not copy it.
/// </summary>
public sealed record TrainingData
{
    /// <summary>Checks lengths and that every number is finite.</summary>
    /// <exception cref="FarmException"><c>training.data</c>: names the lengths, or the first row and column that is not finite.</exception>
    public TrainingData(int inputLength, int targetLength, ReadOnlyMemory<float> inputs, ReadOnlyMemory<float> targets)
    {
        if (inputLength < 1 || targetLength < 1)
            throw FarmException.Invalid("training.data", $"rows of {inputLength} inputs and {targetLength} targets; both must be at least 1");
        if (inputs.Length == 0 || inputs.Length % inputLength != 0 || targets.Length % targetLength != 0 || inputs.Length / inputLength != targets.Length / targetLength)
            throw FarmException.Invalid("training.data",
                $"{inputs.Length} inputs in rows of {inputLength} and {targets.Length} targets in rows of {targetLength} are not the same positive number of rows");
        CheckFinite("input", inputs.Span, inputLength);
        CheckFinite("target", targets.Span, targetLength);
        (InputLength, TargetLength, Inputs, Targets) = (inputLength, targetLength, inputs, targets);
    }

    /// <summary>Entries d of an input row.</summary>
    public int InputLength { get; }

    /// <summary>Entries o of a target row.</summary>
    public int TargetLength { get; }

    /// <summary>Inputs [n, d].</summary>
    public ReadOnlyMemory<float> Inputs { get; }

    /// <summary>Targets [n, o].</summary>
    public ReadOnlyMemory<float> Targets { get; }

    /// <summary>Rows n.</summary>
    public int Rows => Inputs.Length / InputLength;

    /// <summary>Lengths of the input's contributions in order, summing to d; each is scaled as one block. Empty for one block in all.</summary>
    public IReadOnlyList<int> InputBlocks { get; init; } = [];

    /// <summary>A split made elsewhere (a data set's own); null to split by proportions.</summary>
    public DataSplit? Split { get; init; }

    /// <summary>SHA-256 over lengths and values: what a stopped training must find again.</summary>
    internal string Hash()
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<int> lengths = [InputLength, TargetLength];
        sha.AppendData(MemoryMarshal.AsBytes(lengths));
        sha.AppendData(MemoryMarshal.AsBytes(Inputs.Span));
        sha.AppendData(MemoryMarshal.AsBytes(Targets.Span));
        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    private static void CheckFinite(string what, ReadOnlySpan<float> values, int length)
    {
        // A finite sum of absolute values means that all are finite; an overflow is looked at in detail below.
        if (float.IsFinite(TensorPrimitives.SumOfMagnitudes(values))) return;
        for (int i = 0; i < values.Length; i++)
            if (!float.IsFinite(values[i]))
                throw FarmException.Invalid("training.data", $"{what} row {i / length}, column {i % length} is {values[i]}; every number must be finite. Discard the example, or repair it");
    }
}
