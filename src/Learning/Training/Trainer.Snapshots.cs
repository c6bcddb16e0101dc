using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Networks;

namespace ExampleMlFarm.Learning.Training;

/// <summary>Weights of epochs gone by, kept beside the best ones: part of the state, so a resumed training has them too.</summary>
public sealed unsafe partial class Trainer
{
    private const string SnapshotPrefix = "snapshot.";
    private readonly SortedDictionary<int, float[]> snapshots = [];

    /// <summary>Epochs whose weights are kept, ascending.</summary>
    public IReadOnlyList<int> Snapshots => [.. snapshots.Keys];

    /// <summary>Epochs after which validation was better than ever before, ascending; empty without validation.</summary>
    public IReadOnlyList<int> ImprovedEpochs
    {
        get
        {
            var improved = new List<int>();
            double? best = null;
            foreach (var row in log)
            {
                if (row.ValidationLoss is not { } loss || !IsBetter(loss, best)) continue;
                best = loss;
                improved.Add(row.Epoch);
            }
            return improved;
        }
    }

    /// <summary>Keeps the present weights under the present epoch, and lets go of the snapshots that <paramref name="stillWanted"/> denies.</summary>
    public void KeepSnapshot(Func<int, bool> stillWanted)
    {
        ArgumentNullException.ThrowIfNull(stillWanted);
        snapshots[Epoch] = parameters.Values.Span.ToArray();
        foreach (int epoch in Snapshots)
            if (!stillWanted(epoch)) snapshots.Remove(epoch);
    }

    /// <summary>The network as it was after an epoch that was kept, normalisation included, like <see cref="Network"/>.</summary>
    public Network NetworkOf(int epoch) => new([.. Around(LayersOf(Snapshot(epoch)))]);

    /// <summary>Weights after an epoch that was kept, in the form of <see cref="Weights"/>.</summary>
    public byte[] WeightsOf(int epoch) => WeightsOf(LayersOf(Snapshot(epoch)));

    private float[] Snapshot(int epoch) => snapshots.TryGetValue(epoch, out var values) ? values
        : throw new ArgumentOutOfRangeException(nameof(epoch), epoch, "the weights of this epoch were not kept");

    private static bool IsBetter(double validated, double? best) => best is null || validated < best.Value * (1 - Improvement);
}
