using Microsoft.AspNetCore.Builder;

namespace ExampleMlFarm.Farm.Serving.Requests;

/// <summary>The fields of the JSON object that an endpoint takes, for the OpenAPI document: bodies are read by hand, so nothing else knows them.</summary>
internal sealed record BodyFields(IReadOnlyList<(string Name, string Type, string Text)> Fields);

/// <summary>The names that may stand in an endpoint's query, where its handler reads them by hand.</summary>
internal sealed record QueryNames(IReadOnlyList<(string Name, string Text)> Names);

/// <summary>What an endpoint answers, where that is not JSON.</summary>
internal sealed record AnswerType(string MediaType);

/// <summary>Says them of an endpoint.</summary>
internal static class EndpointWords
{
    /// <summary>Adds the fields of its body.</summary>
    public static RouteHandlerBuilder WithFields(this RouteHandlerBuilder endpoint, params (string Name, string Type, string Text)[] fields) => endpoint.WithMetadata(new BodyFields(fields));

    /// <summary>Adds the names of its query.</summary>
    public static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder endpoint, params (string Name, string Text)[] names) => endpoint.WithMetadata(new QueryNames(names));

    /// <summary>Says what it answers.</summary>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder endpoint, string mediaType) => endpoint.WithMetadata(new AnswerType(mediaType));
}
