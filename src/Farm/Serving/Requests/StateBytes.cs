using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Farm.Serving.Requests;

/// <summary>The states of a node's items as bytes.</summary>
internal static class StateBytes
{
    /// <summary>Media type: one byte per item, in the order of their indices.</summary>
    public const string MediaType = "application/vnd.mlfarm.states";

    /// <summary>What the bytes mean.</summary>
    public static string Legend { get; } = string.Join(", ", Enum.GetValues<ItemState>().Select(s => $"{(byte)s} {s.ToString().ToLowerInvariant()}"));
}
