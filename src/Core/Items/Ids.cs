namespace ExampleMlFarm.Core.Items;

/// <summary>Number of a run in its farm: small, typable, never used twice.</summary>
public readonly record struct RunId(long Value)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Value}";
}

/// <summary>Position of a node in its plan. Names are for people; machines carry this.</summary>
public readonly record struct NodeId(int Value)
{
    /// <inheritdoc/>
    public override string ToString() => $"#{Value}";
}

/// <summary>
/// Number of a lease in its run. It only grows, so it is the fencing number as well: a report that names a lease which
/// the run no longer holds for that worker is late, whatever it says.
/// </summary>
public readonly record struct LeaseId(long Value)
{
    /// <inheritdoc/>
    public override string ToString() => $"L{Value}";
}

/// <summary>Name of one worker process during its life: a restarted process has another.</summary>
public readonly record struct WorkerId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}
