using System.Security.Claims;
using ExampleMlFarm.Farm.Serving.Access;
using Microsoft.AspNetCore.Http;

namespace ExampleMlFarm.Farm.Serving;

/// <summary>Who calls.</summary>
internal static class Callers
{
    private const int MostNameCharacters = 100;

    /// <summary>Header in which a program without a key says for whom it works. It proves nothing, and is marked so.</summary>
    public const string WhoHeader = "Mlfarm-Who";

    /// <summary>Name with which changes are signed: that of the key; for programs of this machine that show none, what they say of themselves.</summary>
    public static string NameOf(HttpContext context)
    {
        if (context.User.Identity?.Name is not { } name) return "nobody";
        if (KeyId(context).Length > 0) return name;
        string said = new([.. context.Request.Headers[WhoHeader].ToString().Where(c => !char.IsControl(c)).Take(MostNameCharacters)]);
        return said.Length > 0 ? $"{said} (no key)" : name;
    }

    /// <summary>Id of the key; empty when none was shown.</summary>
    public static string KeyId(HttpContext context) => context.User.FindFirst(KeyAuthentication.KeyIdClaim)?.Value ?? "";

    /// <summary>The greatest of the caller's roles.</summary>
    public static FarmRole Role(HttpContext context) => Has(context, FarmRole.Admin) ? FarmRole.Admin : Has(context, FarmRole.Operator) ? FarmRole.Operator
        : Has(context, FarmRole.Viewer) ? FarmRole.Viewer : FarmRole.Worker;

    /// <summary>Network address of the caller.</summary>
    public static string Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";

    private static bool Has(HttpContext context, FarmRole role) => context.User.HasClaim(ClaimTypes.Role, FarmRoles.Word(role));
}
