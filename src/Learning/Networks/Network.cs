using ExampleMlFarm.Core;

namespace ExampleMlFarm.Learning.Networks;

/// <summary>One layer of a <see cref="Network"/>. A closed set: what can be trained, exported to ONNX and built in TorchSharp.</summary>
public abstract record Layer
{
    private protected Layer() { }

    /// <summary>Entries in and entries out per row.</summary>
    public abstract (int Inputs, int Outputs) Lengths { get; }
}

/// <summary>y = (x - mean) * inverseScale, entry by entry: raw values to what the network saw in training.</summary>
public sealed record NormaliseLayer(float[] Mean, float[] InverseScale) : Layer
{
    /// <inheritdoc/>
    public override (int Inputs, int Outputs) Lengths => (Mean.Length, Mean.Length);
}

/// <summary>y = x * scale + mean, entry by entry: what the network gives, back to raw values.</summary>
public sealed record DenormaliseLayer(float[] Scale, float[] Mean) : Layer
{
    /// <inheritdoc/>
    public override (int Inputs, int Outputs) Lengths => (Mean.Length, Mean.Length);
}

/// <summary>y = W x + b with W [outputs, inputs] row-major, as PyTorch's Linear keeps it.</summary>
public sealed record AffineLayer(int Inputs, int Outputs, float[] Weight, float[] Bias) : Layer
{
    /// <inheritdoc/>
    public override (int Inputs, int Outputs) Lengths => (Inputs, Outputs);
}

/// <summary>An activation over <paramref name="Length"/> entries.</summary>
public sealed record ActivationLayer(Activation Function, int Length) : Layer
{
    /// <inheritdoc/>
    public override (int Inputs, int Outputs) Lengths => (Length, Length);
}

/// <summary>
/// A trained map from rows [n, inputs] to rows [n, outputs]: the one description from which the ONNX graph, the TorchSharp
/// module and our own evaluation are made. Holds weights; does not know how they came about.
/// </summary>
public sealed record Network
{
    /// <summary>Checks that each layer takes what the one before it gives.</summary>
    /// <exception cref="FarmException"><c>network.shape</c>.</exception>
    public Network(IReadOnlyList<Layer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        if (layers.Count == 0) throw FarmException.Invalid("network.shape", "a network needs at least one layer");
        for (int i = 0; i < layers.Count; i++)
        {
            if (i > 0 && layers[i].Lengths.Inputs != layers[i - 1].Lengths.Outputs)
                throw FarmException.Invalid("network.shape", $"layer {i} takes {layers[i].Lengths.Inputs} entries, but layer {i - 1} gives {layers[i - 1].Lengths.Outputs}");
            bool whole = layers[i] switch
            {
                AffineLayer a => a.Weight.Length == (long)a.Inputs * a.Outputs && a.Bias.Length == a.Outputs,
                NormaliseLayer n => n.InverseScale.Length == n.Mean.Length,
                DenormaliseLayer d => d.Scale.Length == d.Mean.Length,
                _ => true,
            };
            if (!whole) throw FarmException.Invalid("network.shape", $"layer {i} holds arrays of the wrong length for {layers[i].Lengths}");
        }
        Layers = layers;
    }

    /// <summary>From input to output.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>Entries of an input row.</summary>
    public int InputLength => Layers[0].Lengths.Inputs;

    /// <summary>Entries of an output row.</summary>
    public int OutputLength => Layers[^1].Lengths.Outputs;

    /// <summary>Numbers that training changes.</summary>
    public long ParameterCount => Layers.OfType<AffineLayer>().Sum(a => (long)a.Weight.Length + a.Bias.Length);
}
