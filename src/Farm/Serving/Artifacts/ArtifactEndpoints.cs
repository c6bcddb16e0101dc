using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Artifacts;

/// <summary>Artifacts by the SHA-256 of their content: no name, no path, and nothing that can be written over.</summary>
internal static class ArtifactEndpoints
{
    /// <summary>The longest piece of a file that arrives in pieces, and the longest that arrives whole.</summary>
    public const long MostPieceBytes = 64L << 20;

    /// <summary>The largest artifact.</summary>
    public const long MostBytes = 1L << 42;

    /// <summary>Adds the endpoints below <c>/artifacts</c>.</summary>
    public static void Map(RouteGroupBuilder api, ServedFarm farm)
    {
        var artifacts = api.MapGroup("/artifacts");
        artifacts.MapMethods("/{sha256}", ["GET", "HEAD"], (string sha256, HttpResponse response) => Named(sha256, hash =>
        {
            // The bytes are hashed when they are first asked of this process; a damaged file is set aside and is then one that is not there.
            if (!farm.Artifacts.CheckAndSetAside(hash).IsIntact) return Problems.NotFound($"artifact {hash} is not in the farm's store");
            response.Headers.CacheControl = "private, max-age=31536000, immutable";
            return Results.Stream(farm.Artifacts.Open(hash), "application/octet-stream", entityTag: new($"\"{hash}\""), enableRangeProcessing: true);
        })).WithSummary("The bytes; with Range.");
        artifacts.MapPut("/{sha256}", (string sha256, HttpRequest request, CancellationToken gone) => Named(sha256, hash => Put(farm, hash, request, gone)))
            .WithSummary("Stores a whole file of at most 64 MiB; its bytes must be what its name says.");
        artifacts.MapGet("/{sha256}/arrived", (string sha256) => Named(sha256, hash => Results.Text($"{(farm.Artifacts.IsHere(hash) ? -1 : farm.Artifacts.Arrived(hash))}")))
            .WithSummary("How many bytes of a file that is sent in pieces are there; -1 when all of it is stored.");
        artifacts.MapPatch("/{sha256}", (string sha256, long offset, long size, HttpRequest request, CancellationToken gone) => Named(sha256, async hash =>
        {
            if (size is < 0 or > MostBytes) return Problems.Invalid("artifact.size", $"size is {size}; an artifact has 0 to {MostBytes} bytes");
            if (offset < 0 || offset > size) return Problems.Invalid("artifact.offset", $"offset is {offset}; it must lie between 0 and the size, {size}");
            Allow(request, Math.Min(MostPieceBytes, size - offset));
            return Results.Text($"{await farm.Artifacts.Append(hash, offset, size, request.Body, gone)}");
        })).WithSummary("Adds a piece at offset; answers how many bytes are there.");
    }

    private static async Task<IResult> Put(ServedFarm farm, ContentHash hash, HttpRequest request, CancellationToken gone)
    {
        if (request.ContentLength is not { } length) return Problems.Invalid("artifact.length", "the request says no Content-Length", 411);
        Allow(request, MostPieceBytes);
        if (length > MostPieceBytes) return Problems.Invalid("artifact.too_long", $"{length} bytes are more than fit one request ({MostPieceBytes}); send the file in pieces with PATCH", 413);
        await farm.Artifacts.Append(hash, 0, length, request.Body, gone);
        // Pieces of an earlier attempt may lie there: they are of the same file, so what is missing of it is read from this body.
        return farm.Artifacts.IsHere(hash) ? Results.StatusCode(201) : Problems.Invalid("artifact.pieces", $"{farm.Artifacts.Arrived(hash)} bytes of {hash} are there already; go on with PATCH", 409);
    }

    private static void Allow(HttpRequest request, long bytes)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = bytes;
    }

    private static IResult Named(string sha256, Func<ContentHash, IResult> answer) => ContentHash.TryParse(sha256, out var hash) ? answer(hash) : Unnamed(sha256);

    private static async Task<IResult> Named(string sha256, Func<ContentHash, Task<IResult>> answer) => ContentHash.TryParse(sha256, out var hash) ? await answer(hash) : Unnamed(sha256);

    private static IResult Unnamed(string sha256) => Problems.Invalid("artifact.name", $"\"{(sha256.Length > 80 ? sha256[..80] + "…" : sha256)}\" is no SHA-256 of 64 hexadecimal digits");
}
