namespace ExampleMlFarm.Core;

/// <summary>What kind of trouble it is. Retry looks at nothing else.</summary>
public enum FailureClass : byte
{
    /// <summary>May go away by itself: a busy file, a program that exited with an error.</summary>
    Transient = 0,
    /// <summary>The same try would fail again: the solver diverged, a check did not hold.</summary>
    Permanent = 1,
    /// <summary>The process or the machine ran out of memory.</summary>
    OutOfMemory = 2,
    /// <summary>The item's time-out passed.</summary>
    TimedOut = 3,
    /// <summary>Somebody asked for it to stop.</summary>
    Cancelled = 4,
    /// <summary>The worker vanished; the item is not to blame.</summary>
    Lost = 5,
    /// <summary>The item's input cannot be used: an empty mesh, a truncated file, a value outside its range.</summary>
    InvalidInput = 6,
}

/// <summary>
/// Something the world did to us, as a value. A bug is an exception instead.
/// </summary>
/// <param name="Class">What decides about a retry.</param>
/// <param name="Code">Stable and dotted, for programs: <c>artifact.corrupt</c>, <c>lease.expired</c>.</param>
/// <param name="Message">One sentence for people: the thing, the value, what is allowed, what to do next.</param>
/// <param name="Detail">More lines when there are any, such as a stack trace or the tail of a log.</param>
public sealed record Failure(FailureClass Class, string Code, string Message, string? Detail = null)
{
    /// <summary>Bad input, in one line.</summary>
    public static Failure Invalid(string code, string message) => new(FailureClass.InvalidInput, code, message);

    /// <inheritdoc/>
    public override string ToString() => $"{Code}: {Message}";
}

/// <summary>Carries a <see cref="Failure"/> through code that cannot return one; the attempt runner unwraps it.</summary>
public sealed class FarmException : Exception
{
    /// <summary>The failure as a value.</summary>
    public Failure Failure { get; }

    /// <summary>Wraps a failure, with what caused it where something did.</summary>
    public FarmException(Failure failure, Exception? cause = null) : base(failure?.Message, cause)
    {
        ArgumentNullException.ThrowIfNull(failure);
        Failure = failure;
    }

    /// <summary>Bad input, in one line.</summary>
    public static FarmException Invalid(string code, string message) => new(Core.Failure.Invalid(code, message));
}
