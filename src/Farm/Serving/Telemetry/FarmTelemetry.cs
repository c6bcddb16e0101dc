using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ExampleMlFarm.Farm.Serving.Telemetry;

/// <summary>Traces and metrics: counted always, sent only where a collector is named in OTEL_EXPORTER_OTLP_ENDPOINT.</summary>
internal static class FarmTelemetry
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Settings of OpenTelemetry from the environment: the only ones of it that the server reads.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Settings()
    {
        var environment = Environment.GetEnvironmentVariables();
        foreach (System.Collections.DictionaryEntry entry in environment)
            if (entry.Key is string name && name.StartsWith("OTEL_", StringComparison.Ordinal)) yield return new(name, entry.Value as string);
    }

    /// <summary>Adds what is measured.</summary>
    public static void AddFarmTelemetry(this IServiceCollection services, ServedFarm farm)
    {
        services.AddSingleton(new FarmGauges(farm)).AddSingleton(new RequestCounts()).AddMetrics();
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Endpoint))) return;
        services.AddHostedService(s => s.GetRequiredService<FarmGauges>());
        services.AddOpenTelemetry().ConfigureResource(r => r.AddService("mlfarm-server"))
            .WithTracing(t => t.AddSource(TelemetryNames.Sources))
            .WithMetrics(m => m.AddMeter(TelemetryNames.Meters))
            .UseOtlpExporter();
    }
}
