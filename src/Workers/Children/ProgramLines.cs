using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ExampleMlFarm.Nodes.Cooking;

namespace ExampleMlFarm.Workers.Children;

/// <summary>
/// What a program says in lines of its output: <c>mlfarm: {json}</c> of our own, and the <c>openjd_</c> lines of Open Job Description. All other lines are only log.
/// </summary>
/// <remarks>
/// <c>{"metric": "loss", "value": 0.3, "step": 12}</c>, <c>{"metrics": {"loss": 0.3}, "step": 12}</c>, <c>{"progress": 0.4, "status": "meshing"}</c>,
/// <c>{"attribute": "volume", "value": 1.5}</c>, <c>{"attributes": {…}}</c>, <c>{"fail": "why"}</c>. A line that cannot be read is log, followed by a word about it.
/// </remarks>
public sealed partial class ProgramLines
{
    private const int TailLines = 20;
    private readonly string[] tail = new string[TailLines];
    private int tailCount;
    private double fraction;

    /// <summary>What the program gave as the reason of its failure.</summary>
    public string? FailMessage { get; private set; }

    /// <summary>Forgets the last program.</summary>
    public void Reset()
    {
        FailMessage = null;
        tailCount = 0;
        fraction = 0;
    }

    /// <summary>The last lines, for the failure of an item.</summary>
    public string? Tail() => tailCount == 0 ? null
        : string.Join('\n', Enumerable.Range(Math.Max(0, tailCount - TailLines), Math.Min(tailCount, TailLines)).Select(i => tail[i % TailLines]));

    /// <summary>
    /// The line that most likely says why the program failed: the last exception (<c>ValueError: …</c>), or else the last line that speaks of an error, or else the
    /// last one; null when it printed nothing.
    /// </summary>
    public string? Culprit()
    {
        string? complaint = null, last = null;
        for (int i = tailCount - 1; i >= Math.Max(0, tailCount - TailLines); i--)
        {
            string line = tail[i % TailLines].Trim();
            if (line.Length == 0) continue;
            if (Exception().IsMatch(line)) return Shortened(line);
            last ??= line;
            if (complaint is null && Complaint().IsMatch(line)) complaint = line;
        }
        return (complaint ?? last) is { } found ? Shortened(found) : null;
    }

    private static string Shortened(string line) => line.Length <= 300 ? line : line[..300] + "…";

    [GeneratedRegex(@"^[A-Za-z_][\w.]*(Error|Exception)\b:? ?", RegexOptions.CultureInvariant)]
    private static partial Regex Exception();

    [GeneratedRegex(@"\b(error|fatal|exception|panic|abort(ed)?|not found|no such)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Complaint();

    /// <summary>Takes one line, which is not yet in the log.</summary>
    public void Take(ReadOnlySpan<byte> line, ICookHost host)
    {
        var text = Encoding.UTF8.GetString(line);
        if (line.StartsWith("mlfarm:"u8))
        {
            if (Own(line[7..], host) is { } wrong) Log($"{text}\nmlfarm: the line above is not understood: {wrong}");
            return;
        }
        if (line.StartsWith("openjd_progress:"u8))
        {
            if (double.TryParse(text.AsSpan(16), NumberStyles.Float, CultureInfo.InvariantCulture, out double percent) && percent is >= 0 and <= 100)
                host.Progress(fraction = percent / 100, null);
            else Log(text);
            return;
        }
        if (line.StartsWith("openjd_status:"u8))
        {
            host.Progress(fraction, text[14..].Trim());
            return;
        }
        if (line.StartsWith("openjd_fail:"u8)) FailMessage = text[12..].Trim();
        Log(text);

        void Log(string logged)
        {
            tail[tailCount++ % TailLines] = logged;
            host.Log(logged);
        }
    }

    private string? Own(ReadOnlySpan<byte> json, ICookHost host)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 32 });
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return "an object is needed, such as {\"metric\": \"loss\", \"value\": 0.3}";
            long step = root.TryGetProperty("step", out var s) ? s.GetInt64() : -1;
            bool understood = false;
            string? wrong = null;
            if (root.TryGetProperty("metric", out var metric))
            {
                Metric(metric.GetString(), root.GetProperty("value").GetDouble());
                understood = true;
            }
            if (root.TryGetProperty("metrics", out var metrics))
            {
                foreach (var entry in metrics.EnumerateObject()) Metric(entry.Name, entry.Value.GetDouble());
                understood = true;
            }
            if (root.TryGetProperty("attribute", out var attribute))
            {
                Attribute(attribute.GetString(), root.GetProperty("value"));
                understood = true;
            }
            if (root.TryGetProperty("attributes", out var attributes))
            {
                foreach (var entry in attributes.EnumerateObject()) Attribute(entry.Name, entry.Value);
                understood = true;
            }
            if (root.TryGetProperty("progress", out var progress)) fraction = progress.GetDouble();
            if (root.TryGetProperty("progress", out _) || root.TryGetProperty("status", out _))
            {
                host.Progress(fraction, root.TryGetProperty("status", out var status) ? status.GetString() : null);
                understood = true;
            }
            if (root.TryGetProperty("fail", out var fail))
            {
                FailMessage = fail.GetString();
                understood = true;
            }
            return understood ? wrong : "it says none of metric, metrics, attribute, attributes, progress, status, fail";

            void Metric(string? name, double value)
            {
                if (string.IsNullOrWhiteSpace(name)) wrong ??= "a metric needs a name";
                else if (!double.IsFinite(value)) wrong ??= $"the value of metric '{name}' is not a finite number";
                else host.Metric(name, value, step);
            }

            void Attribute(string? name, JsonElement value)
            {
                if (string.IsNullOrWhiteSpace(name)) wrong ??= "an attribute needs a name";
                else host.SetAttribute(name, Canonical(value));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return e.Message;
        }
    }

    private static string Canonical(JsonElement value) => JsonSerializer.Serialize(value);
}
