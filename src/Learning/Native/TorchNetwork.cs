using ExampleMlFarm.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace ExampleMlFarm.Learning.Native;

/// <summary>Builds the TorchSharp module of a <see cref="Network"/>: the second opinion on training and export, and the way to devices.</summary>
public static class TorchNetwork
{
    /// <summary>A module over rows [n, inputs], float32, on the CPU, with parameters that can be trained. The caller disposes it.</summary>
    public static nn.Module<Tensor, Tensor> Build(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        TorchLibrary.Load();
        return nn.Sequential([.. network.Layers.Select((layer, i) => ($"layer{i}", Build(layer)))]);
    }

    private static nn.Module<Tensor, Tensor> Build(Layer layer) => layer switch
    {
        AffineLayer affine => Linear(affine),
        NormaliseLayer normalise => new EntrywiseAffine(normalise.Mean, normalise.InverseScale, meanFirst: true),
        DenormaliseLayer denormalise => new EntrywiseAffine(denormalise.Mean, denormalise.Scale, meanFirst: false),
        ActivationLayer { Function: Activation.Tanh } => nn.Tanh(),
        ActivationLayer { Function: Activation.Relu } => nn.ReLU(),
        ActivationLayer { Function: Activation.LeakyRelu } => nn.LeakyReLU(ActivationFunctions.LeakySlope),
        ActivationLayer { Function: Activation.Sigmoid } => nn.Sigmoid(),
        ActivationLayer { Function: Activation.Elu } => nn.ELU(),
        ActivationLayer { Function: Activation.Softplus } => nn.Softplus(),
        ActivationLayer { Function: Activation.Gelu } => nn.GELU(),
        ActivationLayer { Function: Activation.Silu } => nn.SiLU(),
        _ => throw new ArgumentOutOfRangeException(nameof(layer), layer, null),
    };

    private static TorchSharp.Modules.Linear Linear(AffineLayer affine)
    {
        var linear = nn.Linear(affine.Inputs, affine.Outputs);
        using (no_grad())
        using (var weight = tensor(affine.Weight, affine.Outputs, affine.Inputs))
        using (var bias = tensor(affine.Bias))
        {
            linear.weight.copy_(weight);
            linear.bias!.copy_(bias);
        }
        return linear;
    }

    /// <summary>(x − mean) · scale, or x · scale + mean.</summary>
    private sealed class EntrywiseAffine : nn.Module<Tensor, Tensor>
    {
        private readonly Tensor mean;
        private readonly Tensor scale;
        private readonly bool meanFirst;

        public EntrywiseAffine(float[] mean, float[] scale, bool meanFirst) : base(nameof(EntrywiseAffine))
        {
            this.mean = tensor(mean);
            this.scale = tensor(scale);
            this.meanFirst = meanFirst;
            register_buffer(nameof(mean), this.mean);
            register_buffer(nameof(scale), this.scale);
        }

        public override Tensor forward(Tensor input) => meanFirst ? (input - mean) * scale : input * scale + mean;
    }
}
