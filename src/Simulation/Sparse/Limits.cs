namespace ExampleMlFarm.Simulation.Sparse;

/// <summary>Bounds of the linear algebra, with their reasons.</summary>
internal static class Limits
{
    /// <summary>Eight gigabytes: a factor beyond it does not belong on a farm worker's slot.</summary>
    public const long BufferDoubles = 1L << 30;
}
