using ExampleMlFarm.Scheduler.Journal;
using Microsoft.AspNetCore.Http;

namespace ExampleMlFarm.Farm.Serving.Access;

/// <summary>Writes down who changed what. The answer to a change is given only when it stands there.</summary>
internal static class AuditTrail
{
    // Enough for any address and reason; what is longer was made by a program.
    private const int MostCharacters = 2_000;

    /// <summary>Writes down a change of the caller.</summary>
    public static Task Record(this ServedFarm farm, HttpContext context, string what, string reason = "", string before = "", string after = "")
        => farm.Store.Audit(new AuditRow(0, farm.Time.GetUtcNow(), Cut(Callers.NameOf(context)), Callers.Address(context), Cut(what), Cut(reason), Cut(before), Cut(after)));

    private static string Cut(string text) => text.Length <= MostCharacters ? text : text[..MostCharacters] + "…";
}
