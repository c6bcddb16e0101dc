using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Learning.Dense;
using ExampleMlFarm.Learning.Networks;

namespace ExampleMlFarm.Learning.Training;

/// <summary>
/// All weights and biases in one run of memory, layer by layer: weights [in, out] (so that the forward product reads them along
/// rows), then the bias [out].
/// </summary>
internal sealed unsafe class MlpParameters
{
    private readonly int[] widths;
    private readonly int[] offsets;

    public MlpParameters(MlpSpec spec)
    {
        widths = spec.Widths;
        offsets = new int[widths.Length];
        for (int l = 0; l + 1 < widths.Length; l++) offsets[l + 1] = checked(offsets[l] + widths[l] * widths[l + 1] + widths[l + 1]);
        Values = new(offsets[^1]);
    }

    /// <summary>The numbers.</summary>
    public AlignedFloats Values { get; }

    /// <summary>Affine layers.</summary>
    public int Layers => widths.Length - 1;

    /// <summary>Entries into layer l; <c>Width(Layers)</c> is the output's.</summary>
    public int Width(int l) => widths[l];

    /// <summary>Where the weights of layer l begin.</summary>
    public int WeightOffset(int l) => offsets[l];

    /// <summary>Where the bias of layer l begins, and the weights end.</summary>
    public int BiasOffset(int l) => offsets[l] + widths[l] * widths[l + 1];

    /// <summary>First weights by the spec, keyed by its seed and the layer: entry (out, in) is one draw, whatever else there is.</summary>
    public void Initialise(MlpSpec spec)
    {
        Values.Span.Clear();
        for (int l = 0; l < Layers; l++)
        {
            if (spec.ZeroLastLayer && l == Layers - 1) continue;
            int inputs = widths[l], outputs = widths[l + 1];
            // The output layer is followed by nothing: its gain is 1.
            double gain = l == Layers - 1 ? 1 : spec.Activation switch
            {
                Activation.Tanh => 5.0 / 3,
                Activation.Relu or Activation.LeakyRelu or Activation.Elu or Activation.Gelu or Activation.Silu => Math.Sqrt(2),
                _ => 1,
            };
            double bound = spec.Initialisation switch
            {
                WeightInitialisation.Xavier => gain * Math.Sqrt(6.0 / (inputs + outputs)),
                WeightInitialisation.Lecun => Math.Sqrt(3.0 / inputs),
                _ => Math.Sqrt(6.0 / inputs),
            };
            var random = CounterRandom.Keyed(spec.Seed, "mlp", l, "weights");
            var weights = Values.Span.Slice(offsets[l], inputs * outputs);
            for (int o = 0; o < outputs; o++)
                for (int i = 0; i < inputs; i++)
                    weights[i * outputs + o] = (float)((2 * random.Uniform((uint)(o * inputs + i)) - 1) * bound);
        }
    }

    /// <summary>The layers as the rest of the program knows them, W [out, in].</summary>
    public IEnumerable<Layer> ToLayers(Activation activation)
    {
        for (int l = 0; l < Layers; l++)
        {
            int inputs = widths[l], outputs = widths[l + 1];
            var weight = new float[inputs * outputs];
            var values = Values.Span;
            for (int o = 0; o < outputs; o++)
                for (int i = 0; i < inputs; i++) weight[o * inputs + i] = values[offsets[l] + i * outputs + o];
            yield return new AffineLayer(inputs, outputs, weight, Values.Span.Slice(BiasOffset(l), outputs).ToArray());
            if (l + 1 < Layers) yield return new ActivationLayer(activation, outputs);
        }
    }

    /// <summary>Takes weights W [out, in] and biases from elsewhere: a transplanted start.</summary>
    public void Set(IReadOnlyList<AffineLayer> layers)
    {
        for (int l = 0; l < Layers; l++)
        {
            int inputs = widths[l], outputs = widths[l + 1];
            for (int o = 0; o < outputs; o++)
                for (int i = 0; i < inputs; i++) Values.Span[offsets[l] + i * outputs + o] = layers[l].Weight[o * inputs + i];
            layers[l].Bias.CopyTo(Values.Span.Slice(BiasOffset(l), outputs));
        }
    }
}
