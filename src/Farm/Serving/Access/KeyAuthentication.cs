using System.Globalization;
using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ExampleMlFarm.Farm.Serving.Access;

/// <summary>How callers are known.</summary>
internal sealed class KeyAuthenticationOptions : AuthenticationSchemeOptions
{
    /// <summary>True when also callers of this machine need a key.</summary>
    public bool KeysRequired { get; set; }
}

/// <summary>
/// Knows callers by the key in <c>Authorization: Bearer mlf_…</c>. Without one, programs of this machine are let in where the server allows it: they could read the
/// farm's folder anyway. Web pages of other sites and callers behind a proxy are not such programs, although their connection comes from here.
/// </summary>
internal sealed partial class KeyAuthentication(IOptionsMonitor<KeyAuthenticationOptions> options, ILoggerFactory loggers, UrlEncoder encoder, KeyRing ring)
    : AuthenticationHandler<KeyAuthenticationOptions>(options, loggers, encoder)
{
    /// <summary>Name of the scheme.</summary>
    public const string SchemeName = "mlfarm-key";

    /// <summary>Claim with the id of the key.</summary>
    public const string KeyIdClaim = "mlfarm:key";

    private const string Bearer = "Bearer ";
    private TimeSpan? wait;

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var from = Context.Connection.RemoteIpAddress ?? IPAddress.None;
        string shown = Request.Headers.Authorization.ToString();
        if (shown.Length == 0) return Task.FromResult(!Options.KeysRequired && IsLocalProgram(from) ? Known("local", "", FarmRole.Admin) : AuthenticateResult.NoResult());
        if (!shown.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return Task.FromResult(AuthenticateResult.Fail("the header Authorization is not \"Bearer mlf_…\""));
        var verdict = ring.Verify(shown[Bearer.Length..].Trim(), from);
        wait = verdict.Wait;
        if (verdict.Key is { } key) return Task.FromResult(Known(key.Name, key.Id, key.Role));
        if (wait is null) WrongKey(Logger, from);
        return Task.FromResult(AuthenticateResult.Fail("the key is wrong or was revoked"));
    }

    /// <inheritdoc/>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (wait is { } left)
        {
            Response.Headers.RetryAfter = Math.Ceiling(left.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            await Problems.Of(429, "auth.too_many", "too many wrong keys came from this address", $"wait {Math.Ceiling(left.TotalSeconds)} s, then use a good key").ExecuteAsync(Context);
            return;
        }
        Response.Headers.WWWAuthenticate = "Bearer";
        string message = Request.Headers.Authorization.Count > 0 ? "the key is wrong or was revoked" : "this call needs a key";
        await Problems.Of(401, "auth.required", message, "sign in with: mlfarm auth login; an administrator makes keys: mlfarm auth key create").ExecuteAsync(Context);
    }

    /// <inheritdoc/>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
        => Problems.Of(403, "auth.forbidden", $"the key of {Callers.NameOf(Context)} may not do this", "its role is too small; mlfarm auth status shows it").ExecuteAsync(Context);

    private AuthenticateResult Known(string name, string keyId, FarmRole role)
    {
        var identity = new ClaimsIdentity(SchemeName, ClaimTypes.Name, ClaimTypes.Role);
        identity.AddClaim(new(ClaimTypes.Name, name));
        identity.AddClaim(new(KeyIdClaim, keyId));
        foreach (var each in FarmRoles.Including(role)) identity.AddClaim(new(ClaimTypes.Role, FarmRoles.Word(each)));
        return AuthenticateResult.Success(new(new(identity), SchemeName));
    }

    private bool IsLocalProgram(IPAddress from)
    {
        if (!IPAddress.IsLoopback(from)) return false;
        var headers = Request.Headers;
        if (headers.ContainsKey("X-Forwarded-For") || headers.ContainsKey("Forwarded") || headers.ContainsKey("X-Real-IP")) return false;
        // A page whose name was made to point at this machine still sends its own name.
        string host = Request.Host.Host.Trim('[', ']');
        if (host != "localhost" && !(IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address))) return false;
        string origin = headers.Origin.ToString();
        return (origin.Length == 0 || origin == $"{Request.Scheme}://{Request.Host}") && headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A wrong key was shown from {Address}")]
    private static partial void WrongKey(ILogger log, IPAddress address);
}
