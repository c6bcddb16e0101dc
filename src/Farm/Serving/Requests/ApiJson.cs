using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ExampleMlFarm.Farm.Serving.Requests;

/// <summary>Answers in JSON.</summary>
internal static class ApiJson
{
    private const int ShownCharacters = 80;

    /// <summary>A JSON value as answer.</summary>
    public static IResult Of(JsonNode value, int status = 200) => Results.Text(value.ToJsonString(), "application/json", statusCode: status);

    /// <summary>What somebody sent, short enough to be told back to him.</summary>
    public static string Shown(string text) => text.Length <= ShownCharacters ? text : text[..ShownCharacters] + "…";
}
