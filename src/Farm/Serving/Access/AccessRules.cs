using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ExampleMlFarm.Farm.Serving.Access;

/// <summary>Which role a group of endpoints wants. An endpoint that says nothing is for administrators: what is forgotten is closed.</summary>
internal static class AccessRules
{
    private const string Files = "files";

    /// <summary>A group for a role.</summary>
    public static RouteGroupBuilder For(this RouteGroupBuilder api, FarmRole role) => api.MapGroup("").RequireAuthorization(FarmRoles.Word(role));

    /// <summary>A group for files that people and workers share: read by viewers, written by operators, both by workers.</summary>
    public static RouteGroupBuilder ForFiles(this RouteGroupBuilder api) => api.MapGroup("").RequireAuthorization(Files);

    /// <summary>Adds who is known how, and what each role may.</summary>
    public static void AddAccess(this IServiceCollection services, KeyRing ring, bool keysRequired, TimeProvider time)
    {
        services.AddSingleton(ring);
        // The core alone: what AddAuthentication brings along keeps keys for cookies in the user's folder, and there are no cookies.
        services.AddAuthenticationCore(o =>
        {
            o.DefaultScheme = KeyAuthentication.SchemeName;
            o.AddScheme<KeyAuthentication>(KeyAuthentication.SchemeName, null);
        });
        services.AddWebEncoders().AddTransient<KeyAuthentication>();
        services.Configure<KeyAuthenticationOptions>(KeyAuthentication.SchemeName, o => (o.KeysRequired, o.TimeProvider) = (keysRequired, time));
        var rules = services.AddAuthorizationBuilder();
        foreach (string role in FarmRoles.Words) rules.AddPolicy(role, p => p.RequireRole(role));
        rules.AddPolicy(Files, p => p.RequireAuthenticatedUser().RequireAssertion(MayFiles));
        rules.SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireRole(FarmRoles.Word(FarmRole.Admin)).Build());
    }

    private static bool MayFiles(AuthorizationHandlerContext asked)
    {
        bool reads = asked.Resource is HttpContext { Request.Method: "GET" or "HEAD" };
        return asked.User.HasClaim(ClaimTypes.Role, FarmRoles.Word(FarmRole.Worker)) || asked.User.HasClaim(ClaimTypes.Role, FarmRoles.Word(reads ? FarmRole.Viewer : FarmRole.Operator));
    }
}
