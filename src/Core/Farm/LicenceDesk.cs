using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Farm;

/// <summary>What a run asks of one licence.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Wanted">What its leases hold and its ready items would hold.</param>
public readonly record struct LicenceWant(string Name, double Wanted);

/// <summary>
/// Divides the farm's licences between runs: whole units, in the order of the runs, one each in turn within a priority. What a run was allowed counts as
/// given out until the run itself has said that it needs less, so the sum never passes what there is, whatever is lost on the way.
/// </summary>
/// <remarks>Pure. After a restart nothing is given before every run that may hold some has said what it holds.</remarks>
internal sealed class LicenceDesk
{
    private sealed class Holder
    {
        /// <summary>False until the run has said, in this life of the farm, what it holds.</summary>
        public bool IsKnown { get; set; }

        /// <summary>True when it has to be told whatever it was told before.</summary>
        public bool IsStale { get; set; }

        /// <summary>True when it asked since it was told: what it holds beyond its share may be less now.</summary>
        public bool HasAsked { get; set; }

        public Dictionary<string, long> Wants { get; } = new(StringComparer.Ordinal);
        public Dictionary<string, long> Held { get; } = new(StringComparer.Ordinal);
        public Dictionary<string, long> Told { get; } = new(StringComparer.Ordinal);
    }

    private readonly SortedDictionary<string, long> totals = new(StringComparer.Ordinal);
    private readonly Dictionary<RunId, Holder> holders = [];

    /// <summary>The licences and how many there are.</summary>
    public IReadOnlyDictionary<string, long> Totals => totals;

    /// <summary>What runs are allowed of a licence, all together.</summary>
    public long GivenOut(string name) => holders.Values.Sum(h => h.Held.GetValueOrDefault(name));

    /// <summary>What a run is to be told: every licence, and how much of it it may hold. Null when it only has to say what it holds.</summary>
    public IReadOnlyList<KeyValuePair<string, double>>? AllowedTo(RunId run) => holders.TryGetValue(run, out var holder) && holder.IsKnown
        ? [.. totals.Keys.Select(name => KeyValuePair.Create(name, (double)holder.Told.GetValueOrDefault(name)))] : null;

    /// <summary>There are so many of a licence now; below 0 there is no such licence any more.</summary>
    public void Set(string name, long total)
    {
        if (total < 0) totals.Remove(name);
        else totals[name] = total;
        foreach (var holder in holders.Values) holder.IsStale = true;
    }

    /// <summary>A run asks. The first time in this life of the farm it may hold some already.</summary>
    public void Ask(RunId run, IReadOnlyList<LicenceWant> wants)
    {
        if (!holders.TryGetValue(run, out var holder))
        {
            if (wants.Count == 0) return;
            holders.Add(run, holder = new());
        }
        holder.HasAsked = true;
        holder.Wants.Clear();
        foreach (var want in wants) holder.Wants[want.Name] = (long)Math.Ceiling(Math.Min(want.Wanted, 1e12) - 1e-9);
    }

    /// <summary>A run may hold some from an earlier life of the farm: nothing is given to anybody before it has spoken.</summary>
    public void Expect(RunId run) => holders.TryAdd(run, new());

    /// <summary>A run has said what it holds, in answer to what it was told.</summary>
    public void Answer(RunId run, IReadOnlyList<KeyValuePair<string, double>> allowed)
    {
        if (!holders.TryGetValue(run, out var holder)) return;
        holder.IsKnown = true;
        holder.Held.Clear();
        foreach (var (name, amount) in allowed) holder.Held[name] = (long)Math.Ceiling(amount - 1e-9);
    }

    /// <summary>Nobody knows whether a run heard what it was told: it is told again.</summary>
    public void Doubt(RunId run)
    {
        if (holders.TryGetValue(run, out var holder)) holder.IsStale = true;
    }

    /// <summary>A run is over: nothing of it holds anything.</summary>
    public void End(RunId run) => holders.Remove(run);

    /// <summary>Divides anew. Returns the runs that have to be told.</summary>
    /// <param name="order">Runs with their priority, the most urgent first.</param>
    public IReadOnlyList<RunId> Divide(IReadOnlyList<(RunId Run, int Priority)> order)
    {
        var asking = order.Where(o => holders.ContainsKey(o.Run)).ToList();
        var tell = new HashSet<RunId>(asking.Where(o => !holders[o.Run].IsKnown).Select(o => o.Run));
        bool allKnown = holders.Values.All(h => h.IsKnown);
        foreach (var (name, total) in totals)
        {
            var shares = Shares(asking, name, total);
            long free = allKnown ? total - GivenOut(name) : 0;
            for (int i = 0; i < asking.Count; i++)
            {
                var holder = holders[asking[i].Run];
                if (!holder.IsKnown) continue;
                long held = holder.Held.GetValueOrDefault(name), told = shares[i];
                if (told > held)
                {
                    long more = Math.Clamp(free, 0, told - held);
                    free -= more;
                    told = held + more;
                    holder.Held[name] = told;
                }
                // Told again when it holds more than its share and something of it has changed: each of its leases that ends may give one back.
                if (holder.Told.TryGetValue(name, out long known) && known == told && !(holder.HasAsked && held > told)) continue;
                holder.Told[name] = told;
                tell.Add(asking[i].Run);
            }
        }
        foreach (var (run, _) in asking)
        {
            if (!holders[run].IsKnown) continue;
            if (holders[run].IsStale) tell.Add(run);
            (holders[run].IsStale, holders[run].HasAsked) = (false, false);
        }
        return [.. tell];
    }

    private long[] Shares(List<(RunId Run, int Priority)> asking, string name, long total)
    {
        var shares = new long[asking.Count];
        for (int from = 0, to; from < asking.Count && total > 0; from = to)
        {
            to = from;
            while (to < asking.Count && asking[to].Priority == asking[from].Priority) to++;
            var level = FarmShare.Fill([.. asking[from..to].Select(a => holders[a.Run].Wants.GetValueOrDefault(name))], total);
            level.CopyTo(shares, from);
            total -= level.Sum();
        }
        return shares;
    }
}
