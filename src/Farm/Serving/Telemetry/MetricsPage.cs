using System.Diagnostics;
using System.Globalization;
using System.Text;
using ExampleMlFarm.Farm.Serving.Access;
using ExampleMlFarm.Farm.Serving.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Telemetry;

/// <summary><c>/metrics</c> in the text format of Prometheus.</summary>
internal static class MetricsPage
{
    private const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Adds the endpoint; a scraper shows the key of a viewer.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/metrics", async (FarmGauges gauges, RequestCounts requests) => Results.Text(Text(await gauges.Look(), requests), MediaType))
        .RequireAuthorization(FarmRoles.Word(FarmRole.Viewer)).WithSummary("Figures in the text format of Prometheus.").Answers("text/plain");

    private static string Text(FarmFigures figures, RequestCounts requests)
    {
        var text = new StringBuilder();
        Gauge("mlfarm_runs_open", "Runs that are not over.", figures.OpenRuns);
        Gauge("mlfarm_items_open", "Items of open runs that are not settled, as far as they are known.", figures.OpenItems);
        Gauge("mlfarm_workers", "Workers that were heard of lately.", figures.Workers);
        Gauge("mlfarm_slots", "Slots of these workers.", figures.Slots);
        Gauge("mlfarm_slots_busy", "Slots that cook.", figures.BusySlots);
        using var process = Process.GetCurrentProcess();
        Head("process_cpu_seconds_total", "counter", "Processor time of this server.");
        Line("process_cpu_seconds_total", process.TotalProcessorTime.TotalSeconds);
        Gauge("process_resident_memory_bytes", "Memory of this server.", process.WorkingSet64);
        Gauge("process_open_threads", "Threads of this server.", process.Threads.Count);
        var rows = requests.Rows();
        Head("mlfarm_http_request_duration_seconds", "summary", "Requests by route and status.");
        foreach (var (route, method, status, count, seconds) in rows)
        {
            string labels = $"{{route=\"{Escaped(route)}\",method=\"{Escaped(method)}\",status=\"{Escaped(status)}\"}}";
            Line("mlfarm_http_request_duration_seconds_sum" + labels, seconds);
            Line("mlfarm_http_request_duration_seconds_count" + labels, count);
        }
        return text.ToString();

        void Gauge(string name, string help, double value)
        {
            Head(name, "gauge", help);
            Line(name, value);
        }

        void Head(string name, string type, string help) => text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");

        void Line(string name, double value) => text.Append(CultureInfo.InvariantCulture, $"{name} {value:R}\n");
    }

    private static string Escaped(string label) => label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
