using System.Buffers;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Runs;

/// <summary>Sets of item states, as bits, so that ranges of items can be searched for any of them.</summary>
internal static class StateMask
{
    public const int States = 9;
    public const ushort Everything = (1 << States) - 1;
    public const ushort Waiting = 1 << (int)ItemState.Waiting;
    public const ushort Ready = 1 << (int)ItemState.Ready;
    public const ushort Cooking = 1 << (int)ItemState.Cooking;
    public const ushort Failed = 1 << (int)ItemState.Failed;
    public const ushort Lost = 1 << (int)ItemState.Lost;
    public const ushort Skipped = 1 << (int)ItemState.Skipped;
    public const ushort Cancelled = 1 << (int)ItemState.Cancelled;

    /// <summary>A result is there.</summary>
    public const ushort Done = (1 << (int)ItemState.Succeeded) | (1 << (int)ItemState.Cached);

    /// <summary>May be leased.</summary>
    public const ushort Leasable = Ready | Lost;

    /// <summary>Follows from the inputs (and from requests to skip, back-offs and losses): what settling may change.</summary>
    public const ushort Open = Waiting | Ready | Lost | Skipped;

    private static readonly SearchValues<byte>?[] Searches = new SearchValues<byte>?[Everything + 1];

    public static ushort Of(ItemState state) => (ushort)(1 << (int)state);

    public static bool Holds(ushort mask, ItemState state) => (mask & (1 << (int)state)) != 0;

    /// <summary>The mask in the form that searches 32 states at a time.</summary>
    public static SearchValues<byte> Search(ushort mask)
    {
        if (Searches[mask] is { } known) return known;
        Span<byte> states = stackalloc byte[States];
        int count = 0;
        for (byte state = 0; state < States; state++)
        {
            if ((mask & (1 << state)) != 0) states[count++] = state;
        }
        return Searches[mask] = SearchValues.Create(states[..count]);
    }
}
