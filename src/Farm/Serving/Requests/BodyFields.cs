using Microsoft.AspNetCore.Builder;

namespace ExampleMlFarm.Farm.Serving.Requests;

/// <summary>The fields of the JSON object that an endpoint takes, for the OpenAPI document: bodies are read by hand, so nothing else knows them.</summary>
internal sealed record BodyFields(IReadOnlyList<(string Name, string Type, string Text)> Fields);

/// <summary>Says them of an endpoint.</summary>
internal static class BodyFieldsOfEndpoints
{
    /// <summary>Adds the fields.</summary>
    public static RouteHandlerBuilder WithFields(this RouteHandlerBuilder endpoint, params (string Name, string Type, string Text)[] fields) => endpoint.WithMetadata(new BodyFields(fields));
}
