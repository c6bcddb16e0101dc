using ExampleMlFarm.Core;

namespace ExampleMlFarm.Scheduler.Contracts;

/// <summary>How a <see cref="FarmException"/> travels between processes: its failure arrives whole, its stack does not.</summary>
[GenerateSerializer, Alias("farm-exception")]
public readonly record struct FarmExceptionSurrogate(byte Class, string Code, string Message, string? Detail);

/// <summary>Turns a <see cref="FarmException"/> into its travelling form and back.</summary>
[RegisterConverter]
public sealed class FarmExceptionConverter : IConverter<FarmException, FarmExceptionSurrogate>
{
    /// <inheritdoc/>
    public FarmException ConvertFromSurrogate(in FarmExceptionSurrogate surrogate) =>
        new(new Failure((FailureClass)surrogate.Class, surrogate.Code, surrogate.Message, surrogate.Detail));

    /// <inheritdoc/>
    public FarmExceptionSurrogate ConvertToSurrogate(in FarmException value) =>
        new((byte)value.Failure.Class, value.Failure.Code, value.Failure.Message, value.Failure.Detail);
}
