using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Farm;

/// <summary>
/// Divides slots between runs: over the whole farm, slot by slot within a priority; who works for a run already stays with it where that costs nobody
/// their share.
/// </summary>
internal static class FarmShare
{
    /// <summary>One who wants slots.</summary>
    /// <param name="Id">The run.</param>
    /// <param name="Priority">Higher goes first.</param>
    /// <param name="Useful">Slots it can use now.</param>
    internal readonly record struct Claim(RunId Id, int Priority, long Useful);

    /// <summary>Slots to be given, and the runs that have them now.</summary>
    internal readonly record struct Place(int Slots, IReadOnlyList<SlotUse> Grants);

    /// <summary>Grants of each place, runs in the order of the claims.</summary>
    /// <param name="claims">Highest priority first; within a priority, who comes first gets the odd slot.</param>
    /// <param name="places">The workers.</param>
    public static SlotUse[][] Divide(IReadOnlyList<Claim> claims, IReadOnlyList<Place> places)
    {
        var owed = Targets(claims, places.Sum(p => (long)p.Slots));
        var granted = places.Select(_ => new int[claims.Count]).ToArray();
        var free = places.Select(p => p.Slots).ToArray();
        var position = new Dictionary<RunId, int>();
        for (int i = 0; i < claims.Count; i++) position[claims[i].Id] = i;
        for (int p = 0; p < places.Count; p++)
            foreach (var held in places[p].Grants)
                if (position.TryGetValue(held.Run, out int i)) Give(p, i, Math.Min(held.Slots, owed[i]));
        for (int i = 0; i < claims.Count; i++)
            for (int p = 0; p < places.Count && owed[i] > 0; p++) Give(p, i, owed[i]);
        // What nobody can use now stays with the runs in order, so that a worker goes on listening to a run that waits for its last upstream item.
        for (int p = 0; p < places.Count; p++)
            for (int i = 0; free[p] > 0 && claims.Count > 0; i = (i + 1) % claims.Count, free[p]--) granted[p][i]++;
        return [.. granted.Select(g => g.Select((slots, i) => new SlotUse(claims[i].Id, slots)).Where(u => u.Slots > 0).ToArray())];

        void Give(int p, int i, long most)
        {
            int slots = (int)Math.Min(most, free[p]);
            if (slots <= 0) return;
            granted[p][i] += slots;
            free[p] -= slots;
            owed[i] -= slots;
        }
    }

    /// <summary>Slots each run is owed: rounds of one slot within a priority, up to what it can use; then the next priority.</summary>
    private static long[] Targets(IReadOnlyList<Claim> claims, long slots)
    {
        var owed = new long[claims.Count];
        for (int from = 0, to; from < claims.Count && slots > 0; from = to)
        {
            to = from;
            while (to < claims.Count && claims[to].Priority == claims[from].Priority) to++;
            var open = Enumerable.Range(from, to - from).Where(i => claims[i].Useful > 0).ToList();
            while (open.Count > 0 && slots > 0)
            {
                // As many whole rounds at once as the neediest of the least needy allows.
                long rounds = Math.Min(open.Min(i => claims[i].Useful - owed[i]), slots / open.Count);
                if (rounds == 0)
                {
                    foreach (int i in open.Take((int)slots)) owed[i]++;
                    slots = 0;
                    break;
                }
                foreach (int i in open) owed[i] += rounds;
                slots -= rounds * open.Count;
                open.RemoveAll(i => owed[i] >= claims[i].Useful);
            }
        }
        return owed;
    }
}
