using Microsoft.AspNetCore.Http;

namespace ExampleMlFarm.Farm.Serving;

/// <summary>Who calls.</summary>
internal static class Callers
{
    /// <summary>The name that orders and the audit log carry: that of the key, or that of the interface it came over.</summary>
    public static string NameOf(HttpContext context) => context.User.Identity is { IsAuthenticated: true, Name: { Length: > 0 } name } ? name : $"somebody@{context.Connection.RemoteIpAddress}";
}
