using System.Diagnostics.Metrics;

namespace ExampleMlFarm.Farm.Serving.Telemetry;

/// <summary>Counts requests by route and status, and their seconds, from what the web server measures anyway.</summary>
internal sealed class RequestCounts : IDisposable
{
    // Routes are ours and few; a bound all the same, since methods come from outside.
    private const int MostRows = 2000;

    private readonly MeterListener listener = new();
    private readonly Lock gate = new();
    private readonly Dictionary<(string Route, string Method, string Status), (long Count, double Seconds)> rows = [];

    public RequestCounts()
    {
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument is { Name: "http.server.request.duration", Meter.Name: "Microsoft.AspNetCore.Hosting" }) l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) => Add(seconds, tags));
        listener.Start();
    }

    /// <summary>Counts so far.</summary>
    public IReadOnlyList<(string Route, string Method, string Status, long Count, double Seconds)> Rows()
    {
        lock (gate) return [.. rows.Select(r => (r.Key.Route, r.Key.Method, r.Key.Status, r.Value.Count, r.Value.Seconds)).OrderBy(r => (r.Route, r.Method, r.Status))];
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private void Add(double seconds, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string route = "", method = "", status = "";
        foreach (var (name, value) in tags)
        {
            if (name == "http.route") route = value?.ToString() ?? "";
            else if (name == "http.request.method") method = value?.ToString() ?? "";
            else if (name == "http.response.status_code") status = value?.ToString() ?? "";
        }
        lock (gate)
        {
            if (rows.Count >= MostRows && !rows.ContainsKey((route, method, status))) return;
            var (count, sum) = rows.GetValueOrDefault((route, method, status));
            rows[(route, method, status)] = (count + 1, sum + seconds);
        }
    }
}
