namespace ExampleMlFarm.Core.Runs;

/// <summary>Every number of the run machine, with its reason. Changing one changes what a replayed journal means: see <see cref="Version"/>.</summary>
public static class Limits
{
    /// <summary>Version of the decisions below. Journals and snapshots carry it: another version must not replay them.</summary>
    public const byte Version = 1;

    /// <summary>
    /// Work in one automatic lease, in seconds: long enough that a round trip (about a millisecond) is lost in it, short enough that a
    /// killed worker costs little and that progress is seen to move.
    /// </summary>
    public const double LeaseSeconds = 1;

    /// <summary>Most items of an automatic lease: at a microsecond each they still take 65 ms, far above a round trip.</summary>
    public const long LargestLease = 65_536;

    /// <summary>
    /// A lease holds at most this many times the items of the largest lease that was measured: six round trips lead from 1 item to the
    /// largest, and a wrong first guess cannot bury a worker.
    /// </summary>
    public const long LeaseGrowth = 8;

    /// <summary>Weight of the newest measurement of seconds per item: about three reports forget the past.</summary>
    public const double MeasureWeight = 0.3;

    /// <summary>Seconds below which an item's time is not believed: the clock of the worker cannot see them.</summary>
    public const double ShortestItemSeconds = 1e-7;

    /// <summary>
    /// A worker may hold one lease beyond each slot only while a lease takes no longer than this; longer ones would wait behind a busy
    /// slot while another worker is idle.
    /// </summary>
    public const double PrefetchSeconds = 2;

    /// <summary>Each slot finds at least this many leases among what is ready, so that all slots end together.</summary>
    public const long LeasesPerSlotAtTheTail = 2;

    /// <summary>An item that was cooking when this many workers died is poison (the number Dask arrived at, too).</summary>
    public const int LossesUntilPoison = 3;

    /// <summary>
    /// From this many losses on an item is cooked alone on its worker: with several slots, all that cooked beside a poisonous item are
    /// under suspicion, and only solitude tells them apart. After the first loss the item merely has a lease of its own.
    /// </summary>
    public const int LossesUntilAlone = 2;

    /// <summary>
    /// How often in a row an item may find the same input artifact broken, have it cooked again and go back without charge; then it fails,
    /// or a bad disk would keep the run busy for ever.
    /// </summary>
    public const int InputFaults = 3;

    /// <summary>How many broken input artifacts an item may find in all: a collect of a thousand files may find each of them broken once.</summary>
    public const int InputFaultsInAll = 1000;

    /// <summary>Most leases given in one answer: keeps a worker with a wrong wish from taking a whole run.</summary>
    public const int LeasesPerRequest = 256;

    /// <summary>Missing inputs named in an explanation: enough to act on.</summary>
    public const int NamedInputs = 8;

    /// <summary>Notes on why items ran again, kept per node; the oldest go first. The journal has them all.</summary>
    public const int RerunNotes = 1000;
}
