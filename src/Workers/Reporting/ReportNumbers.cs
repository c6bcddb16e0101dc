namespace ExampleMlFarm.Workers.Reporting;

/// <summary>
/// Numbers of a worker's reports, one sequence for its whole life: a run takes a number that is not above the last one for a repetition, also when the worker
/// has been away with other runs in between.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class ReportNumbers
{
    private long last;

    /// <summary>The next number, from 1.</summary>
    public long Next() => Interlocked.Increment(ref last);
}
