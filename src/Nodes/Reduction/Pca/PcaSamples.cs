using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Examples;
using ExampleMlFarm.Learning.Pca;
using ExampleMlFarm.Nodes.Cooking;

namespace ExampleMlFarm.Nodes.Reduction.Pca;

/// <summary>The samples of all items as rows, read when asked for; kept where memory allows, since they are read several times.</summary>
internal sealed class PcaSamples
{
    private const long KeepBytes = 1L << 30;

    private readonly PcaNodeOptions options;
    private readonly List<(CookInputItem Item, int First, int Count)> items = [];

    public PcaSamples(PcaNodeOptions options, CookContext cook)
    {
        this.options = options;
        SampleLayout? layout = null;
        int rows = 0;
        foreach (var item in cook.From)
        {
            cook.ThrowIfCancelled();
            if (item.Geometry() is { PrimitiveCount: 0, PointCount: 0 }) continue;
            var sample = SampleOf(item);
            layout ??= SampleLayout.Of(sample, options.Attribs, options.Stride);
            int count = layout.SamplesIn(sample, item.ToString(), options.Stride > 0);
            items.Add((item, rows, count));
            rows = checked(rows + count);
        }
        Layout = layout ?? throw FarmException.Invalid("pca.empty", $"none of the {cook.From.Count} items of '{cook.From.Upstream}' holds a sample");
        if (rows == 0) throw FarmException.Invalid("pca.empty", $"the items of '{cook.From.Upstream}' hold no sample");
        int columns = Layout.Columns;
        if ((long)rows * columns * sizeof(float) > KeepBytes)
        {
            Source = new(rows, columns, Read);
            return;
        }
        var kept = new float[rows * columns];
        foreach (var (item, first, count) in items)
        {
            cook.ThrowIfCancelled();
            Layout.Fill(SampleOf(item), kept.AsSpan(first * columns, count * columns));
        }
        Source = RowSource.FromMemory(kept, columns);
    }

    public SampleLayout Layout { get; }

    public RowSource Source { get; }

    /// <summary>The item that a row is of, in words.</summary>
    public string NameOf(int row)
    {
        var (item, first, count) = items[ItemOf(row)];
        return count == 1 ? item.ToString() : $"sample {row - first} of {item}";
    }

    private void Read(int from, int count, Span<float> rows)
    {
        int columns = Layout.Columns;
        for (int i = ItemOf(from); i < items.Count && items[i].First < from + count; i++)
        {
            var (item, first, held) = items[i];
            if (held == 0) continue;
            var all = new float[held * columns];
            Layout.Fill(SampleOf(item), all);
            int start = Math.Max(from, first), end = Math.Min(from + count, first + held);
            all.AsSpan((start - first) * columns, (end - start) * columns).CopyTo(rows[((start - from) * columns)..]);
        }
    }

    /// <summary>The last item that starts at or before a row.</summary>
    private int ItemOf(int row)
    {
        int low = 0, high = items.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (items[middle].First <= row) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    private GeometryData SampleOf(CookInputItem item)
    {
        var geometry = item.Geometry();
        if (geometry.PrimitiveCount != 1 || !ExampleCollection.IsLabeled(geometry, 0)) return geometry;
        var (input, target) = Example.Decompose(geometry);
        return options.Component == SampleComponent.Target ? target : input;
    }
}
