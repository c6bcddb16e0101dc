namespace ExampleMlFarm.Farm.Looks;

/// <summary>
/// Fewer points of a curve that look like all of them: of each stretch its least and its greatest value stay, so that no peak is lost, and the curve's ends stay.
/// </summary>
internal static class CurveThinning
{
    /// <summary>Fewest points that a curve is thinned to: its ends, and the extremes of one stretch.</summary>
    public const int Fewest = 4;

    /// <summary>Positions of the points that stay, ascending; all of them when there are no more than <paramref name="most"/>.</summary>
    /// <param name="values">Values of the curve, [n]. One that is no number counts as the greatest: a curve that diverged must show it.</param>
    /// <param name="most">Points to keep, <see cref="Fewest"/> or more.</param>
    public static IEnumerable<int> Kept(IReadOnlyList<double> values, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, Fewest);
        if (values.Count <= most) return Enumerable.Range(0, values.Count);
        return Thinned(values, (most - 2) / 2);
    }

    private static IEnumerable<int> Thinned(IReadOnlyList<double> values, int stretches)
    {
        int inner = values.Count - 2;
        yield return 0;
        for (int s = 0; s < stretches; s++)
        {
            int start = 1 + (int)((long)inner * s / stretches), end = 1 + (int)((long)inner * (s + 1) / stretches), least = start, greatest = start;
            for (int i = start + 1; i < end; i++)
            {
                if (Height(values[i]) < Height(values[least])) least = i;
                if (Height(values[i]) > Height(values[greatest])) greatest = i;
            }
            yield return Math.Min(least, greatest);
            if (least != greatest) yield return Math.Max(least, greatest);
        }
        yield return values.Count - 1;
    }

    private static double Height(double value) => double.IsNaN(value) ? double.PositiveInfinity : value;
}
