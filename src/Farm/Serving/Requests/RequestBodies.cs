using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ExampleMlFarm.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ExampleMlFarm.Farm.Serving.Requests;

/// <summary>Bodies of requests, never more of them than is allowed.</summary>
internal static class RequestBodies
{
    /// <summary>The whole body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="most">Bytes allowed, after unpacking.</param>
    /// <param name="gone">The caller has gone.</param>
    /// <exception cref="FarmException"><c>http.body_too_long</c>, or <c>http.encoding</c>.</exception>
    public static async Task<byte[]> Read(HttpRequest request, int most, CancellationToken gone)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = most;
        if (request.ContentLength > most) throw TooLong(most);
        string encoding = request.Headers.ContentEncoding.ToString();
        if (encoding is not ("" or "gzip")) throw FarmException.Invalid("http.encoding", $"Content-Encoding \"{encoding}\" is not understood; gzip or none is");
        using var memory = new MemoryStream(encoding.Length == 0 && request.ContentLength is { } length ? (int)length : 0);
        var block = new byte[16 << 10];
        try
        {
            await using var from = encoding.Length == 0 ? request.Body : new GZipStream(request.Body, CompressionMode.Decompress);
            for (int read; (read = await from.ReadAsync(block, gone)) > 0;)
            {
                if (memory.Length + read > most) throw TooLong(most);
                memory.Write(block, 0, read);
            }
        }
        catch (InvalidDataException e) { throw new FarmException(Failure.Invalid("http.encoding", $"the body is not in gzip: {e.Message}"), e); }
        return memory.ToArray();
    }

    /// <summary>The body as JSON.</summary>
    /// <exception cref="FarmException"><c>http.json</c> as well.</exception>
    public static async Task<T> Json<T>(HttpRequest request, JsonTypeInfo<T> type, int most, CancellationToken gone) where T : class
    {
        var bytes = await Read(request, most, gone);
        try { return JsonSerializer.Deserialize(bytes, type) ?? throw new JsonException("it is null"); }
        catch (JsonException e) { throw new FarmException(Failure.Invalid("http.json", $"the body is not what is expected here: {e.Message}"), e); }
    }

    private static FarmException TooLong(int most) => FarmException.Invalid("http.body_too_long", $"the body is longer than {most} bytes");
}
