namespace ExampleMlFarm.Learning.Networks;

/// <summary>What follows a hidden layer, entry by entry.</summary>
public enum Activation
{
    /// <summary>tanh x, the default of the field's deformers.</summary>
    Tanh,
    /// <summary>max(x, 0).</summary>
    Relu,
    /// <summary>x, or 0.01 x below zero.</summary>
    LeakyRelu,
    /// <summary>1 / (1 + e^-x).</summary>
    Sigmoid,
    /// <summary>x, or e^x - 1 below zero.</summary>
    Elu,
    /// <summary>ln(1 + e^x).</summary>
    Softplus,
    /// <summary>x Φ(x), with the exact normal distribution function.</summary>
    Gelu,
    /// <summary>x / (1 + e^-x), also called swish.</summary>
    Silu,
}
