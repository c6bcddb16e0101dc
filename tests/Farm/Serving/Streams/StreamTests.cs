using System.Diagnostics;
using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Serving.Access;
using ExampleMlFarm.Farm.Serving.Looking;
using ExampleMlFarm.Farm.Serving.Requests;
using ExampleMlFarm.Farm.Serving.Streams;
using ExampleMlFarm.Tests.Farm.World;

namespace ExampleMlFarm.Tests.Farm.Serving.Streams;

/// <summary>Changes as server-sent events, with a run that a worker cooks meanwhile.</summary>
public class StreamTests(HttpFarm farm, ITestOutputHelper output) : IClassFixture<HttpFarm>
{
    private const int Items = 12_000, Listeners = 20;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Twenty_listeners_of_thousands_of_changes_a_second_miss_none_also_those_that_come_back()
    {
        long run = await Submit(Items);
        using var key = farm.Client(FarmRole.Worker);
        var worker = new ApiWorker(key);
        await worker.Register();
        var listeners = Enumerable.Range(0, Listeners).Select(i => new Listener(farm.Client(FarmRole.Viewer), run, i % 4 == 3 ? 5 : int.MaxValue)).ToList();
        var listening = listeners.Select(l => l.Listen(Ending)).ToList();
        var clock = Stopwatch.StartNew();
        while ((await worker.Exchange(run)) is not { Idle: true, Granted: [] } || worker.Acknowledged < Items)
        {
            worker.Cook();
            // At most some 3,000 items a second, which are two changes each.
            var ahead = TimeSpan.FromSeconds(worker.Acknowledged / 3000.0) - clock.Elapsed;
            if (ahead > TimeSpan.Zero) await Task.Delay(ahead, Ending);
        }
        double seconds = clock.Elapsed.TotalSeconds;
        await Task.WhenAll(listening).WaitAsync(TimeSpan.FromSeconds(10), Ending);
        using var viewer = farm.Client(FarmRole.Viewer);
        byte[] states = await viewer.GetByteArrayAsync($"runs/{run}/nodes/work/states", Ending);
        Assert.All(states, s => Assert.Equal((byte)ItemState.Succeeded, s));
        Assert.All(listeners, l => Assert.Equal(states, l.States));
        output.WriteLine($"{Items / seconds:n0} items ({2 * Items / seconds:n0} changes) a second to {Listeners} listeners, {listeners.Sum(l => l.Returns)} returns, {listeners.Sum(l => l.Events)} events, {listeners.Sum(l => l.Reloads)} reloads");
        Assert.True(2 * Items / seconds > 2000, $"{2 * Items / seconds:n0} changes a second");
        Assert.True(listeners.Sum(l => l.Returns) >= Listeners / 4);
    }

    [Fact]
    public async Task Listener_that_knows_an_event_of_long_ago_gets_what_it_missed_from_the_journal()
    {
        using var viewer = farm.Client(FarmRole.Viewer);
        long events = (long)(await First(viewer, "stream?topics=run:1", null)).Data["sequence"]!;
        for (long known = 1; known < events; known++)
        {
            var (id, data) = await First(viewer, "stream?topics=run:1", $"1={known}");
            Assert.Equal((known, events, $"1={events}"), ((long)data["from"]!, (long)data["sequence"]!, id));
        }
        // Whoever claims to know more than there is, or says nothing that can be read, is told everything.
        foreach (string? known in new[] { $"1={events + 5}", "7", "1=-1", "1=x,,=", new string('1', 5000), null })
            Assert.Equal(0, (long)(await First(viewer, "stream?topics=run:1", known)).Data["from"]!);
    }

    [Fact]
    public async Task Missed_changes_turn_the_states_of_then_into_those_of_now()
    {
        using var viewer = farm.Client(FarmRole.Viewer);
        byte[] now = await viewer.GetByteArrayAsync("runs/1/nodes/simulate/states", Ending);
        var (_, data) = await First(viewer, "stream?topics=run:1", "1=1");
        byte[] then = [.. Enumerable.Repeat((byte)ItemState.Ready, now.Length)];
        foreach (var range in data["items"]!["simulate"]!.AsArray()) then.AsSpan((int)range![0]!, (int)range[1]! - (int)range[0]!).Fill((byte)range[2]!);
        Assert.Equal(now, then);
        Assert.Equal((byte)ItemState.Failed, now[4]);
    }

    [Fact]
    public async Task Farm_topic_tells_runs_and_workers_and_tells_again_when_a_run_is_new()
    {
        using var viewer = farm.Client(FarmRole.Viewer);
        using var response = await viewer.GetAsync("stream?topics=farm,run:2", HttpCompletionOption.ResponseHeadersRead, Ending);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        long submitted = 0;
        var seen = new List<string>();
        await foreach (var e in SseParser.Create(await response.Content.ReadAsStreamAsync(Ending)).EnumerateAsync(Ending))
        {
            seen.Add(e.EventType);
            if (e.EventType != "farm") continue;
            var runs = JsonNode.Parse(e.Data)!["runs"]!.AsArray().Select(r => (long)r!["run"]!).ToList();
            if (submitted != 0 && runs.Contains(submitted)) break;
            if (submitted == 0) submitted = await Submit(3);
        }
        Assert.Contains("run", seen);
    }

    [Theory]
    [InlineData("stream", 400), InlineData("stream?topics=", 400), InlineData("stream?topics=run:", 400), InlineData("stream?topics=run:1,run:-2", 400), InlineData("stream?topics=all", 400),
     InlineData("stream?topics=run:77", 404), InlineData("items/1/simulate/99/log/stream", 404), InlineData("items/1/nosuch/0/log/stream", 404), InlineData("items/77/simulate/0/log/stream", 404),
     InlineData("runs/77/nodes/simulate/states", 404), InlineData("runs/1/nodes/nosuch/states", 404)]
    public async Task What_is_not_there_is_told_before_anything_streams(string path, int status)
    {
        using var viewer = farm.Client(FarmRole.Viewer);
        using var response = await viewer.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Ending);
        Assert.Equal((status, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task Log_of_an_item_is_streamed_to_its_end_and_goes_on_after_the_last_known_line()
    {
        using var viewer = farm.Client(FarmRole.Viewer);
        var all = await Log(null);
        Assert.Equal("end", all[^1].Kind);
        var shown = (await viewer.Json("runs/1/log?node=simulate&item=4")).AsArray();
        Assert.Equal(shown.Select(l => (string)l!["line"]!), all[..^1].Select(l => (string)l.Data["line"]!));
        Assert.True(all.Count > 1);
        Assert.Equal(all[1..].Select(l => l.Id), (await Log("1")).Select(l => l.Id));

        async Task<List<(string Kind, string? Id, JsonNode Data)>> Log(string? known)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "items/1/simulate/4/log/stream");
            if (known is not null) request.Headers.Add("Last-Event-ID", known);
            using var response = await viewer.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ending);
            var read = new List<(string, string?, JsonNode)>();
            await foreach (var e in SseParser.Create(await response.Content.ReadAsStreamAsync(Ending)).EnumerateAsync(Ending)) read.Add((e.EventType, e.EventId, JsonNode.Parse(e.Data)!));
            return read;
        }
    }

    [Fact]
    public async Task States_are_a_byte_per_item_and_say_which_changes_are_in_them()
    {
        using var viewer = farm.Client(FarmRole.Viewer);
        using var response = await viewer.GetAsync("runs/2/nodes/simulate/states", Ending);
        Assert.Equal(StateBytes.MediaType, response.Content.Headers.ContentType!.MediaType);
        byte[] states = await response.Content.ReadAsByteArrayAsync(Ending);
        var items = (await viewer.Json("runs/2/items?node=simulate")).AsArray();
        Assert.Equal(items.Count, states.Length);
        Assert.Equal((await First(viewer, "stream?topics=run:2", null)).Data["sequence"]!.ToString(), response.Headers.GetValues(StateEndpoints.SequenceHeader).Single());
        Assert.Contains($"{(byte)ItemState.Failed} failed", StateBytes.Legend);
    }

    [Fact]
    public void Event_id_reads_back_what_it_wrote()
    {
        var id = EventId.Parse("0=3,142=5310");
        Assert.Equal((3, 5310, null), (id.Of(0), id.Of(142), id.Of(7)));
        id.Set(7, 1);
        Assert.Equal("0=3,7=1,142=5310", id.ToString());
        Assert.Equal("0=3,7=1,142=5310", EventId.Parse(id.ToString()).ToString());
    }

    private async Task<long> Submit(int items)
    {
        using var client = farm.Client(FarmRole.Operator);
        var (status, made) = await client.Post("runs", new() { ["recipe"] = $"recipe: 1\nname: streamed\nnodes:\n  work: {{ generate: {items}, run: \"true\", batch: 40 }}\n" });
        Assert.True(status == 201, made?.ToJsonString());
        return (long)made!["run"]!;
    }

    private static async Task<(string? Id, JsonNode Data)> First(HttpClient client, string path, string? known)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (known is not null) request.Headers.TryAddWithoutValidation("Last-Event-ID", known);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ending);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await foreach (var e in SseParser.Create(await response.Content.ReadAsStreamAsync(Ending)).EnumerateAsync(Ending)) return (e.EventId, JsonNode.Parse(e.Data)!);
        throw new InvalidOperationException("the stream ended without an event");
    }

    /// <summary>What a console does: states once, changes from then on.</summary>
    private sealed class Listener(HttpClient client, long run, int eventsPerConnection)
    {
        private string? known;
        private long at;

        public byte[] States { get; private set; } = [];
        public int Events { get; private set; }
        public int Returns { get; private set; }
        public int Reloads { get; private set; }

        public async Task Listen(CancellationToken ending)
        {
            using (client)
                while (true)
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, $"stream?topics=run:{run}");
                    if (known is not null) request.Headers.Add("Last-Event-ID", known);
                    using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ending);
                    int read = 0;
                    await foreach (var e in SseParser.Create(await response.Content.ReadAsStreamAsync(ending)).EnumerateAsync(ending))
                    {
                        // A connection that is cut within an event leaves a piece of it; the next one brings it whole.
                        if (Whole(e.Data) is not { } message) break;
                        if (await Take(message, ending)) return;
                        known = e.EventId;
                        if (++read == eventsPerConnection) break;
                    }
                    Returns++;
                    if (Returns % 2 == 0) await Task.Delay(500, ending);
                }
        }

        private static JsonNode? Whole(string data)
        {
            try { return JsonNode.Parse(data); }
            catch (System.Text.Json.JsonException) { return null; }
        }

        private async Task<bool> Take(JsonNode message, CancellationToken ending)
        {
            Events++;
            Assert.Equal(at, (long)message["from"]!);
            at = (long)message["sequence"]!;
            if (message["reload"]!.AsArray().Any(n => (string?)n == "work"))
            {
                Reloads++;
                States = await client.GetByteArrayAsync($"runs/{run}/nodes/work/states", ending);
            }
            if (message["items"]!["work"] is JsonArray ranges)
                foreach (var range in ranges) States.AsSpan((int)range![0]!, (int)range[1]! - (int)range[0]!).Fill((byte)range[2]!);
            return (string?)message["state"] is "done" or "succeeded";
        }
    }
}
