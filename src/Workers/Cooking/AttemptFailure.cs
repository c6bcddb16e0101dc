using ExampleMlFarm.Core;

namespace ExampleMlFarm.Workers.Cooking;

/// <summary>What an exception means for an item. Only the attempt runner asks; elsewhere exceptions are bugs.</summary>
public static class AttemptFailure
{
    /// <summary>The failure that an exception of a cook stands for.</summary>
    public static Failure Of(Exception exception) => exception switch
    {
        FarmException farm => farm.Failure,
        TypeInitializationException { InnerException: { } inner } => Of(inner),
        AggregateException { InnerExceptions: [var only] } => Of(only),
        OutOfMemoryException => new(FailureClass.OutOfMemory, "item.out_of_memory", "the item needs more memory than there is: give its node 'resources: {memory: …}' or make it smaller", exception.ToString()),
        InsufficientExecutionStackException => Failure.Invalid("item.too_deep", "the input is nested too deeply"),
        OperationCanceledException => new(FailureClass.Cancelled, "item.cancelled", "the item stopped although nobody asked for it", exception.ToString()),
        IOException or UnauthorizedAccessException => new(FailureClass.Transient, "item.io", exception.Message, exception.ToString()),
        InvalidDataException => new(FailureClass.InvalidInput, "item.invalid_data", exception.Message, exception.ToString()),
        _ => new(FailureClass.Permanent, "node.bug", $"{exception.GetType().Name}: {exception.Message}", exception.ToString()),
    };
}
