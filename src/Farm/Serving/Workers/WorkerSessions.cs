using System.Security.Cryptography;
using System.Text;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Scheduler.Journal;
using ExampleMlFarm.Workers.Links.Http;
using Microsoft.AspNetCore.Http;

namespace ExampleMlFarm.Farm.Serving.Workers;

/// <summary>
/// Names of workers and the proofs that go with them: a keyed hash of the name under a secret of the farm, so that every server can check what any of them gave out and
/// none has to remember it. It does not know who may be a worker at all; that is a matter of keys.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
/// <param name="store">Keeps the secret.</param>
internal sealed class WorkerSessions(IFarmStore store)
{
    private const string SecretName = "secret/worker-sessions";
    private const int MostHostCharacters = 48;
    private readonly Lazy<Task<byte[]>> secret = new(() => store.Keep(SecretName, RandomNumberGenerator.GetBytes(32)));

    /// <summary>A name that no other worker has, and its proof.</summary>
    public async Task<SessionWords> Begin(string host)
    {
        // With a dot in it the name is never taken for that of a process of this machine, whose end could be seen from here.
        string readable = string.Concat(host.Take(MostHostCharacters).Select(c => char.IsAsciiLetterOrDigit(c) || c == '-' ? c : '_'));
        string name = $"{(readable.Length == 0 ? "worker" : readable)}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}";
        return new(name, Convert.ToHexStringLower(await Proof(name)));
    }

    /// <summary>Who sends a request; null when it does not say so, or cannot prove it.</summary>
    public async Task<WorkerId?> Of(HttpRequest request)
    {
        if (request.Headers[SessionWords.Header] is not [{ } header] || header.Length > 200 || header.Split(' ') is not [var name, var given]) return null;
        byte[] proof;
        try { proof = Convert.FromHexString(given); }
        catch (FormatException) { return null; }
        return CryptographicOperations.FixedTimeEquals(await Proof(name), proof) ? new(name) : null;
    }

    private async Task<byte[]> Proof(string name) => HMACSHA256.HashData(await secret.Value, Encoding.UTF8.GetBytes($"worker session\n{name}"));
}
