using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Serving.Looking;
using ExampleMlFarm.Farm.Serving.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace ExampleMlFarm.Farm.Serving.Streams;

/// <summary>
/// Server-sent events: what changes of runs and of the farm, in one connection. The id of an event says for each topic what its receiver knows by then; whoever comes back
/// with it in Last-Event-ID misses nothing.
/// </summary>
internal static class StreamEndpoints
{
    private const string MediaType = "text/event-stream";
    private const int MostTopics = 16, MostStreams = 500;

    /// <summary>Adds the endpoints.</summary>
    public static void Map(RouteGroupBuilder api, ServedFarm farm, LiveRuns live)
    {
        var hubs = new ConcurrentDictionary<long, (RunHub Hub, long Used)>();
        var whole = new FarmHub(farm);
        int open = 0;
        api.MapGet("/stream", (string? topics, HttpContext context, IHostApplicationLifetime life) => Opened(async to =>
        {
            if (Topics(topics) is not { } asked) return Problems.Invalid("stream.topics", $"topics is \"{ApiJson.Shown(topics ?? "")}\"; name 1 to {MostTopics} of run:NUMBER and farm, with commas", hint: "for example topics=run:142,farm");
            foreach (long run in asked.Where(t => t > 0)) HubOf(run).Look();
            var known = EventId.Parse(context.Request.Headers["Last-Event-ID"].ToString());
            await to.Begin();
            while (!to.IsOver)
            {
                bool told = false;
                foreach (long topic in asked)
                {
                    var hub = topic > 0 ? HubOf(topic) : null;
                    hub?.Look();
                    for (int i = 0; i < 100 && !to.IsOver && (hub is not null ? hub.Next(known.Of(topic)) : await whole.Next(known.Of(topic), to.Over)) is { } message; i++)
                    {
                        known.Set(topic, message.Sequence);
                        await to.Write(topic > 0 ? "run" : "farm", known.ToString(), message.Bytes);
                        told = true;
                        if (hub is null) break;
                    }
                }
                await (told ? to.Flush() : to.Beat());
                await to.Wait(RunHub.BetweenLooks);
            }
            return null;
        }, context, life)).WithSummary("Server-sent events. topics: run:NUMBER and farm, with commas. A run's first event holds its counters; further ones what changed: nodes (counters), items ([start, end, state] by node), reload (nodes whose states are to be asked for).").Answers(MediaType);
        api.MapGet("/items/{run:long}/{node}/{item:long}/log/stream", (long run, string node, long item, int? attempt, HttpContext context, IHostApplicationLifetime life) => Opened(async to =>
        {
            var log = new LogTail(live, run, node, item, attempt);
            long known = long.TryParse(context.Request.Headers["Last-Event-ID"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out long n) ? n : 0, at = 0;
            var (lines, isOver) = log.More();
            await to.Begin();
            while (!to.IsOver)
            {
                foreach (var line in lines)
                    if (++at > known) await to.Write("line", at.ToString(CultureInfo.InvariantCulture), Encoding.UTF8.GetBytes(line.ToJsonString()));
                if (isOver && lines.Count == 0)
                {
                    await to.Write("end", at.ToString(CultureInfo.InvariantCulture), "{}"u8.ToArray());
                    await to.Flush();
                    return null;
                }
                await (lines.Count > 0 ? to.Flush() : to.Beat());
                if (lines.Count < LogTail.MostLines) await to.Wait(LogTail.BetweenLooks);
                (lines, isOver) = log.More();
            }
            return null;
        }, context, life)).WithSummary("Server-sent events: an event line for each line that the item prints, and end when it is over.").Answers(MediaType);

        RunHub HubOf(long run)
        {
            long now = farm.Time.GetTimestamp();
            // What nobody listened to for a while is made again from the journal when somebody does.
            foreach (var (other, hub) in hubs)
                if (farm.Time.GetElapsedTime(hub.Used, now) > TimeSpan.FromMinutes(10)) hubs.TryRemove(other, out _);
            return hubs.AddOrUpdate(run, r => (new(live, new RunId(r), farm.Time), now), (_, known) => (known.Hub, now)).Hub;
        }

        async Task<IResult> Opened(Func<EventWriter, Task<IResult?>> work, HttpContext context, IHostApplicationLifetime life)
        {
            try
            {
                if (Interlocked.Increment(ref open) > MostStreams) return Problems.Of(503, "stream.too_many", $"{MostStreams} streams are open on this server", "close some, or ask another server");
                using var to = new EventWriter(context, farm.Time, life.ApplicationStopping);
                try { return await work(to) ?? Results.Empty; }
                catch (OperationCanceledException) when (to.IsOver) { return Results.Empty; }
            }
            finally { Interlocked.Decrement(ref open); }
        }
    }

    // Numbers of runs; 0 is the farm.
    private static List<long>? Topics(string? text)
    {
        var topics = new List<long>();
        foreach (string word in (text ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (word == "farm") topics.Add(0);
            else if (word.StartsWith("run:", StringComparison.Ordinal) && long.TryParse(word.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out long run) && run > 0) topics.Add(run);
            else return null;
        }
        topics = [.. topics.Distinct()];
        return topics.Count is > 0 and <= MostTopics ? topics : null;
    }
}
