using System.Text;
using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Commands;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Serving.Hosting;
using ExampleMlFarm.Scheduler.Contracts;

namespace ExampleMlFarm.Farm.Serving.Streams;

/// <summary>The newest runs and the workers for any number of listeners: always as they are now, since nobody needs what they were.</summary>
/// <remarks>Safe for several threads.</remarks>
internal sealed class FarmHub(ServedFarm farm)
{
    private const int MostRuns = 100;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private string text = "";
    private long version, looked;

    /// <summary>The newest message when it is another than that of this version.</summary>
    public async Task<RunMessage?> Next(long? known, CancellationToken cancellation)
    {
        if (IsTimeToLook())
        {
            string now = Message(await farm.Farm.Workers().WaitAsync(cancellation)).ToJsonString();
            lock (gate)
                if (now != text) (text, version) = (now, version + 1);
        }
        lock (gate) return version == 0 || version == known ? null : new(0, version, Encoding.UTF8.GetBytes(text));
    }

    // One of all listeners looks for the others.
    private bool IsTimeToLook()
    {
        lock (gate)
        {
            if (looked != 0 && farm.Time.GetElapsedTime(looked) < BetweenLooks) return false;
            looked = farm.Time.GetTimestamp();
            return true;
        }
    }

    private JsonObject Message(WorkerRow[] workers)
    {
        var columns = RunsCommand.Columns(true, farm.Time.GetUtcNow());
        return new()
        {
            ["runs"] = new JsonArray([.. farm.Store.List(null, MostRuns).Select(r => (JsonNode)TableWriter.Json(columns, r))]),
            // When a worker was heard of changes every second and says nothing.
            ["workers"] = new JsonArray([.. workers.Select(w => (JsonNode)ServerEndpoints.Json(w, withTime: false))]),
        };
    }
}
