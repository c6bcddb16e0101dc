namespace ExampleMlFarm.Recipes.Checking;

/// <summary>Finds the name somebody meant.</summary>
public static class NearestName
{
    /// <summary>The allowed name with the smallest edit distance, when it is close enough to be a slip; else null.</summary>
    public static string? Of(string given, IEnumerable<string> allowed)
    {
        ArgumentNullException.ThrowIfNull(given);
        ArgumentNullException.ThrowIfNull(allowed);
        if (given.Length is 0 or > 80) return null;
        string? best = null;
        int bestDistance = Math.Max(1, given.Length / 3) + 1;
        foreach (string name in allowed)
        {
            if (name.Length > 80 || Math.Abs(name.Length - given.Length) >= bestDistance) continue;
            int distance = Distance(given.ToLowerInvariant(), name.ToLowerInvariant());
            if (distance < bestDistance) (best, bestDistance) = (name, distance);
        }
        return best;
    }

    /// <summary>The end of a message: <c>; did you mean "sobol"? (grid, random, sobol)</c>.</summary>
    public static string Hint(string given, IReadOnlyCollection<string> allowed)
    {
        ArgumentNullException.ThrowIfNull(allowed);
        string list = allowed.Count == 0 ? "there are none" : string.Join(", ", allowed.Take(24)) + (allowed.Count > 24 ? $", and {allowed.Count - 24} more" : "");
        return Of(given, allowed) is { } near ? $"; did you mean \"{near}\"? ({list})" : $" ({list})";
    }

    // Optimal string alignment: a swap of neighbours counts as one slip.
    private static int Distance(string a, string b)
    {
        int[] before = new int[b.Length + 1], last = new int[b.Length + 1], now = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++) last[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            now[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int cost = a[i - 1] == b[j - 1] ? 0 : 1;
                now[j] = Math.Min(Math.Min(now[j - 1], last[j]) + 1, last[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = Math.Min(now[j], before[j - 2] + 1);
            }
            (before, last, now) = (last, now, before);
        }
        return last[b.Length];
    }
}
