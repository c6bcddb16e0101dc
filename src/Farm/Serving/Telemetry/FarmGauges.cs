using System.Diagnostics.Metrics;
using ExampleMlFarm.Core;
using ExampleMlFarm.Scheduler.Contracts;
using Microsoft.Extensions.Hosting;

namespace ExampleMlFarm.Farm.Serving.Telemetry;

/// <summary>Figures of the farm at one time.</summary>
internal readonly record struct FarmFigures(long OpenRuns, long OpenItems, long Workers, long Slots, long BusySlots);

/// <summary>Counts what the farm has to do and with whom, for meters and <c>/metrics</c>.</summary>
internal sealed class FarmGauges(ServedFarm farm) : IHostedService, IDisposable
{
    private const int MostRuns = 1000;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(10);

    private readonly Meter meter = new(TelemetryNames.Farm);
    private ITimer? timer;
    private FarmFigures latest;

    /// <summary>Looks now.</summary>
    public async Task<FarmFigures> Look()
    {
        var open = farm.Store.List(null, MostRuns).Where(r => r.Progress.Ended is null).ToList();
        WorkerRow[] workers = await farm.Farm.Workers();
        return latest = new(open.Count, open.Sum(r => Math.Max(0, r.Progress.Items - r.Progress.Settled)), workers.Length, workers.Sum(w => w.Slots), workers.Sum(w => w.Uses.Sum(u => u.BusySlots)));
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        meter.CreateObservableGauge(TelemetryNames.OpenRuns, () => latest.OpenRuns);
        meter.CreateObservableGauge(TelemetryNames.OpenItems, () => latest.OpenItems);
        meter.CreateObservableGauge(TelemetryNames.Workers, () => latest.Workers);
        meter.CreateObservableGauge(TelemetryNames.Slots, () => latest.Slots);
        meter.CreateObservableGauge(TelemetryNames.BusySlots, () => latest.BusySlots);
        timer = farm.Time.CreateTimer(_ => Quietly(), null, BetweenLooks, BetweenLooks);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        timer?.Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        timer?.Dispose();
        meter.Dispose();
    }

    private async void Quietly()
    {
        try { await Look(); }
        // A figure that cannot be had now stays what it was; /readyz tells.
        catch (Exception e) when (e is FarmException or OrleansException or TimeoutException or ObjectDisposedException) { }
    }
}
