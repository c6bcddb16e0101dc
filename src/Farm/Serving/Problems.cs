using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Output;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ExampleMlFarm.Farm.Serving;

/// <summary>What went wrong, as the API says it: RFC 9457 problem details with <c>code</c> and <c>hint</c>.</summary>
internal static class Problems
{
    /// <summary>Nothing there.</summary>
    public static IResult NotFound(string detail, string? hint = null) => Of(404, "not_found", detail, hint);

    /// <summary>A request that cannot be meant.</summary>
    public static IResult Invalid(string code, string detail, int status = 400, string? hint = null) => Of(status, code, detail, hint);

    /// <summary>One problem.</summary>
    public static IResult Of(int status, string code, string detail, string? hint = null, string? at = null)
    {
        var further = new Dictionary<string, object?> { ["code"] = code };
        if (hint is not null) further["hint"] = hint;
        if (at is not null) further["at"] = at;
        return Results.Problem(detail, statusCode: status, title: code, extensions: further);
    }

    /// <summary>The answer to an exception.</summary>
    public static IResult Of(Exception thrown) => thrown switch
    {
        CliException e => Of(e.Code switch { ExitCode.NotFound => 404, ExitCode.NotSignedIn => 403, ExitCode.Unreachable => 503, ExitCode.Unexpected => 500, _ => 400 }, e.Code.ToString(), e.Message, e.Hint, e.At),
        FarmException e => Of(StatusOf(e.Failure), e.Failure.Code, e.Failure.Message, e.Failure.Detail),
        BadHttpRequestException e => Of(e.StatusCode, "http.request", e.Message),
        TimeoutException e => Of(503, "farm.busy", e.Message, "try again in a moment"),
        Orleans.Runtime.OrleansException => Of(503, "farm.busy", "the part of the farm that would answer is moving to another server", "try again in a moment"),
        OperationCanceledException => Of(499, "http.gone", "the request was given up"),
        _ => Of(500, "bug", $"this is a bug of the farm: {thrown.GetType().Name}", "the server's log says more"),
    };

    private static int StatusOf(Failure failure) => failure.Code switch
    {
        "run.unknown" or FailureCodes.ArtifactMissing => 404,
        "artifact.busy" or "journal.out_of_order" => 409,
        "artifact.mismatch" => 422,
        "http.content_type" => 415,
        "http.body_too_long" => 413,
        _ => failure.Class switch { FailureClass.InvalidInput => 400, FailureClass.Transient => 503, _ => 500 },
    };

    private static string Words(HttpContext context, int status) => status switch
    {
        404 => $"there is nothing at {context.Request.Path}; /openapi.json lists what there is",
        405 => $"{context.Request.Method} is not possible here",
        _ => "the request cannot be answered",
    };

    /// <summary>Puts it around every endpoint: what is thrown becomes an answer.</summary>
    public static void UseProblems(this IApplicationBuilder application) => application.Use(async (context, next) =>
    {
        try
        {
            await next();
            // What the web server refuses by itself has no words.
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null or 0, ContentType: null } response && context.Request.Method != "HEAD")
                await Of(response.StatusCode, $"http.{response.StatusCode}", Words(context, response.StatusCode)).ExecuteAsync(context);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            if (e is OperationCanceledException && context.RequestAborted.IsCancellationRequested) return;
            await Of(e).ExecuteAsync(context);
        }
    });
}
