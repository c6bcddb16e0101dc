using System.Net.Http.Json;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Workers.Links.Http;

namespace ExampleMlFarm.Tests.Farm.World;

/// <summary>A worker that cooks in no time, over the HTTP API and nothing else.</summary>
/// <param name="client">Shows the key.</param>
internal sealed class ApiWorker(HttpClient client)
{
    private readonly List<LeaseReport> unacknowledged = [];
    private readonly List<Lease> held = [];
    private SessionWords session = null!;
    private long sequence, version;

    /// <summary>Its name and the proof of it.</summary>
    public SessionWords Session => session;

    /// <summary>Leases that it has not reported yet.</summary>
    public IReadOnlyList<Lease> Held => held;

    /// <summary>Items whose results were acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Becomes known to the farm.</summary>
    public async Task Register()
    {
        using var registered = await client.PostAsync("worker/register", JsonContent.Create(new RegisterWords("test"), HttpWordsJson.Default.RegisterWords));
        session = (await registered.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(HttpWordsJson.Default.SessionWords))!;
        await Offer();
    }

    /// <summary>Says that it is there; the runs that it may work on.</summary>
    public async Task<IReadOnlyList<UseWords>> Offer()
    {
        var words = new OfferWords("test", 1, [""], new Dictionary<string, string>(), 4, 4, 0, 0, new Dictionary<string, double>(), new Dictionary<string, string>(), [], version, 0);
        using var answer = await Send("worker/work", JsonContent.Create(words, HttpWordsJson.Default.OfferWords));
        var grants = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(HttpWordsJson.Default.GrantWords))!;
        version = grants.Version;
        return grants.Grants;
    }

    /// <summary>Reports what it has, and asks for leases.</summary>
    public async Task<RunReply> Exchange(long run, int wanted = 4)
    {
        using var answer = await Send($"worker/runs/{run}/exchange", new ByteArrayContent(MessageCodec.Encode(new WorkerMessage(new(session.Worker), [.. unacknowledged], [.. held.Select(l => l.Id)], wanted, 0))));
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        var reply = MessageCodec.DecodeReply(await answer.Content.ReadAsByteArrayAsync());
        foreach (var report in unacknowledged.Where(r => r.Sequence <= reply.AcknowledgedSequence)) Acknowledged += report.Results.Sum(r => r.Items.Count);
        unacknowledged.RemoveAll(r => r.Sequence <= reply.AcknowledgedSequence);
        held.RemoveAll(l => reply.Revoked.Contains(l.Id));
        held.AddRange(reply.Granted);
        return reply;
    }

    /// <summary>Cooks what it holds; the results go with the next exchange.</summary>
    public void Cook()
    {
        foreach (var lease in held) unacknowledged.Add(new(lease.Id, ++sequence, [new(lease.Items, ResultKind.Succeeded, 1e-6 * lease.Items.Count)], true));
        held.Clear();
    }

    /// <summary>Sends a call with its name and the proof.</summary>
    public async Task<HttpResponseMessage> Send(string path, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.Add(SessionWords.Header, session.ToHeader());
        return await client.SendAsync(request);
    }
}
