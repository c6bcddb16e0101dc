namespace ExampleMlFarm.Core.Items;

/// <summary>Where an item stands: one byte each, the same in the machine, on the wire and on the screen.</summary>
public enum ItemState : byte
{
    /// <summary>Inputs are missing, or a retry waits for its time, or the node is not expanded yet.</summary>
    Waiting = 0,
    /// <summary>Would start if a slot were free.</summary>
    Ready = 1,
    /// <summary>Leased to a worker.</summary>
    Cooking = 2,
    /// <summary>Cooked in this run; the result is durable.</summary>
    Succeeded = 3,
    /// <summary>Taken from an earlier result with the same cook key.</summary>
    Cached = 4,
    /// <summary>Failed, and no attempts are left.</summary>
    Failed = 5,
    /// <summary>Its worker vanished; it will be leased again.</summary>
    Lost = 6,
    /// <summary>Left out on request, or because an input that may fail did fail.</summary>
    Skipped = 7,
    /// <summary>Cancelled with its run, or by address.</summary>
    Cancelled = 8,
}
