using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Farm;

/// <summary>What an owner of runs may take of the farm.</summary>
/// <param name="Slots">Slots that are his whatever others want, as far as there are some.</param>
/// <param name="Burst">Further slots that he may have while nobody within a quota wants them.</param>
public readonly record struct Quota(long Slots, long Burst)
{
    /// <summary>No limit.</summary>
    public static Quota None { get; } = new(long.MaxValue, 0);
}

/// <summary>
/// Divides slots between runs: over the whole farm, slot by slot, within a priority first between owners and then between the runs of each; who works for a run already
/// stays with it where that costs nobody their share.
/// </summary>
internal static class FarmShare
{
    /// <summary>One who wants slots.</summary>
    /// <param name="Id">The run.</param>
    /// <param name="Priority">Higher goes first.</param>
    /// <param name="Owner">Whose run it is; runs of one owner share what is his.</param>
    /// <param name="Useful">Slots it can use now.</param>
    internal readonly record struct Claim(RunId Id, int Priority, string Owner, long Useful);

    /// <summary>Slots to be given, and the runs that have them now.</summary>
    internal readonly record struct Place(int Slots, IReadOnlyList<SlotUse> Grants);

    /// <summary>Grants of each place, runs in the order of the claims.</summary>
    /// <param name="claims">Highest priority first; within a priority, who comes first gets the odd slot.</param>
    /// <param name="places">The workers.</param>
    /// <param name="quotaOf">Quota of an owner.</param>
    public static SlotUse[][] Divide(IReadOnlyList<Claim> claims, IReadOnlyList<Place> places, Func<string, Quota> quotaOf)
    {
        var owed = Targets(claims, places.Sum(p => (long)p.Slots), quotaOf);
        // Whoever wants more than that is held back by a quota.
        var content = Enumerable.Range(0, claims.Count).Where(i => owed[i] >= claims[i].Useful).ToArray();
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
        for (int p = 0; p < places.Count && content.Length > 0; p++)
            for (int i = 0; free[p] > 0; i = (i + 1) % content.Length, free[p]--) granted[p][content[i]]++;
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

    /// <summary>Slots each run is owed: within the quotas first, priority by priority; then what is left, within the bursts.</summary>
    private static long[] Targets(IReadOnlyList<Claim> claims, long slots, Func<string, Quota> quotaOf)
    {
        var owed = new long[claims.Count];
        var given = new Dictionary<string, long>(StringComparer.Ordinal);
        Pass(quota => quota.Slots);
        Pass(quota => quota.Slots > long.MaxValue - quota.Burst ? long.MaxValue : quota.Slots + quota.Burst);
        return owed;

        void Pass(Func<Quota, long> most)
        {
            for (int from = 0, to; from < claims.Count && slots > 0; from = to)
            {
                to = from;
                while (to < claims.Count && claims[to].Priority == claims[from].Priority) to++;
                var owners = Enumerable.Range(from, to - from).GroupBy(i => claims[i].Owner, StringComparer.Ordinal).ToList();
                var wants = owners.Select(o => Math.Min(o.Sum(i => claims[i].Useful - owed[i]), most(quotaOf(o.Key)) - given.GetValueOrDefault(o.Key))).ToArray();
                var shares = Fill(wants, slots);
                for (int o = 0; o < owners.Count; o++)
                {
                    if (shares[o] == 0) continue;
                    given[owners[o].Key] = given.GetValueOrDefault(owners[o].Key) + shares[o];
                    slots -= shares[o];
                    int[] runs = [.. owners[o]];
                    var parts = Fill([.. runs.Select(i => claims[i].Useful - owed[i])], shares[o]);
                    for (int r = 0; r < runs.Length; r++) owed[runs[r]] += parts[r];
                }
            }
        }
    }

    /// <summary>Rounds of one slot each, up to what each wants; the odd ones go to who comes first.</summary>
    internal static long[] Fill(long[] wants, long slots)
    {
        var owed = new long[wants.Length];
        var open = Enumerable.Range(0, wants.Length).Where(i => wants[i] > 0).ToList();
        while (open.Count > 0 && slots > 0)
        {
            // As many whole rounds at once as the least needy allows.
            long rounds = Math.Min(open.Min(i => wants[i] - owed[i]), slots / open.Count);
            if (rounds == 0)
            {
                foreach (int i in open.Take((int)slots)) owed[i]++;
                break;
            }
            foreach (int i in open) owed[i] += rounds;
            slots -= rounds * open.Count;
            open.RemoveAll(i => owed[i] >= wants[i]);
        }
        return owed;
    }
}
