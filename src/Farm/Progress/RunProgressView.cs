using System.Text;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Scheduler.Contracts;

namespace ExampleMlFarm.Farm.Progress;

/// <summary>
/// Progress of a run on standard error: redrawn in place in a terminal, one plain line now and then in a pipe. Says what is so, and estimates only
/// from what was measured.
/// </summary>
internal sealed class RunProgressView(Terminal terminal, TimeProvider time, bool enabled)
{
    private const int BarWidth = 24;
    private const double SecondsBetweenPlainLines = 5;
    private readonly HashSet<(int, long)> told = [];
    private readonly Queue<(DateTimeOffset At, double Work)> history = new();
    private int linesDrawn;
    private DateTimeOffset lastPlain = DateTimeOffset.MinValue;

    /// <summary>Shows the present state, with further lines below it in a terminal.</summary>
    public void Show(RunView view, int slots, IReadOnlyList<string>? below = null)
    {
        if (!enabled) return;
        var now = time.GetUtcNow();
        if (terminal.ErrorIsTerminal)
        {
            TellFailures(view);
            Redraw([.. Lines(view, slots, now), .. below ?? []]);
        }
        else if ((now - lastPlain).TotalSeconds >= SecondsBetweenPlainLines)
        {
            lastPlain = now;
            TellFailures(view);
            terminal.Error.WriteLine(PlainLine(view, now));
        }
    }

    /// <summary>Says something once, above the progress.</summary>
    public void Tell(string sentence)
    {
        if (!enabled) return;
        Erase();
        terminal.Error.WriteLine(sentence);
    }

    /// <summary>Leaves the last state standing.</summary>
    public void Finish(RunView view, int slots, IReadOnlyList<string>? below = null)
    {
        if (!enabled) return;
        TellFailures(view);
        if (terminal.ErrorIsTerminal) Redraw([.. Lines(view, slots, time.GetUtcNow()), .. below ?? []]);
        linesDrawn = 0;
    }

    private void TellFailures(RunView view)
    {
        foreach (var failure in view.Failures)
        {
            if (!told.Add((failure.Node, failure.Item))) continue;
            Erase();
            terminal.Error.WriteLine($"  ✕ {view.Nodes[failure.Node].Name}/{failure.Item}  {Format.Cut(failure.Message, Math.Max(20, terminal.Width - 24))} (attempt {failure.Attempts})");
        }
    }

    private List<string> Lines(RunView view, int slots, DateTimeOffset now)
    {
        var shown = view.Nodes.Where(n => !n.IsExpander).ToList();
        int name = shown.Max(n => n.Name.Length);
        var lines = new List<string> { "" };
        foreach (var node in shown) lines.Add(Format.Cut($"  {node.Name.PadRight(name)}  {Bar(node)}  {Counts(node)}", terminal.Width - 1));
        lines.Add("");
        lines.Add(view.Finished is { } end ? $"  took {Format.Duration((end - view.Submitted).TotalSeconds)}" : $"  {Format.Duration((now - view.Submitted).TotalSeconds)} elapsed{Remaining(view, slots, now)}");
        return lines;
    }

    private string PlainLine(RunView view, DateTimeOffset now)
    {
        var text = new StringBuilder($"{Format.Duration((now - view.Submitted).TotalSeconds)}:");
        foreach (var node in view.Nodes)
            if (!node.IsExpander && !node.IsVirtual && Total(node) > 0 && (Of(node, ItemState.Cooking) > 0 || (Settled(node) > 0 && Settled(node) < Total(node))))
                text.Append($"  {node.Name} {Format.Count(Settled(node))}/{Format.Count(Total(node))}");
        return text.ToString();
    }

    private static string Bar(NodeRow node)
    {
        long total = Total(node), done = Settled(node), cooking = Of(node, ItemState.Cooking);
        if (total == 0) return new string('░', BarWidth);
        int full = (int)(BarWidth * done / total), part = Math.Min(BarWidth - full, cooking > 0 ? Math.Max(1, (int)(BarWidth * cooking / total)) : 0);
        return new string('█', full) + new string('▒', part) + new string('░', BarWidth - full - part);
    }

    private static string Counts(NodeRow node)
    {
        long total = Total(node);
        var text = new StringBuilder($"{Format.Count(Settled(node))}/{Format.Count(total)}{(node.CountIsFinal ? "" : "+")}");
        if (node.CountIsFinal && Settled(node) == total && Of(node, ItemState.Failed) == 0) text.Append("  done");
        foreach (var (state, word) in new[] { (ItemState.Cached, "cached"), (ItemState.Cooking, "running"), (ItemState.Failed, "failed"), (ItemState.Lost, "lost"), (ItemState.Skipped, "skipped"), (ItemState.Cancelled, "cancelled") })
            if (Of(node, state) is > 0 and var count) text.Append($"  {Format.Count(count)} {word}");
        if (Of(node, ItemState.Cooking) > 0 && node.SecondsPerItem > 0) text.Append($"  {Format.Duration(node.SecondsPerItem)} each");
        return text.ToString();
    }

    // Work left is known for nodes that were measured; while others still wait unmeasured, no time is promised.
    private string Remaining(RunView view, int slots, DateTimeOffset now)
    {
        double work = 0;
        bool all = true;
        foreach (var node in view.Nodes)
        {
            long open = Total(node) - Settled(node);
            if (node.IsVirtual || (open == 0 && node.CountIsFinal)) continue;
            if (node.SecondsPerItem >= 0 && node.CountIsFinal) work += open * node.SecondsPerItem;
            else all = false;
        }
        history.Enqueue((now, work));
        while (history.Count > 40) history.Dequeue();
        if (work <= 0) return "";
        double seconds = work / Math.Max(1, slots);
        return all ? $", about {Format.Duration(seconds)} left" : $", {Format.Duration(seconds)} left in the nodes measured so far";
    }

    private void Redraw(List<string> lines)
    {
        Erase();
        foreach (var line in lines) terminal.Error.WriteLine(line);
        linesDrawn = lines.Count;
    }

    private void Erase()
    {
        if (linesDrawn == 0) return;
        terminal.Error.Write($"\u001b[{linesDrawn}A\u001b[0J");
        linesDrawn = 0;
    }

    private static long Of(NodeRow node, ItemState state) => node.Counts[(int)state];

    private static long Total(NodeRow node) => node.Counts.Sum();

    private static long Settled(NodeRow node) => Of(node, ItemState.Succeeded) + Of(node, ItemState.Cached) + Of(node, ItemState.Failed) + Of(node, ItemState.Skipped) + Of(node, ItemState.Cancelled);
}
