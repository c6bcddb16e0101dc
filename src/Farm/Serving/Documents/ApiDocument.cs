using System.Text.RegularExpressions;
using ExampleMlFarm.Farm.Serving.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;

namespace ExampleMlFarm.Farm.Serving.Documents;

/// <summary>What the API says about itself: OpenAPI 3.1.</summary>
internal static partial class ApiDocument
{
    /// <summary>Name of the document.</summary>
    public const string Name = "v1";

    /// <summary>Where it is.</summary>
    public const string Path = "/openapi.json";

    /// <summary>Adds the endpoint.</summary>
    public static void Map(IEndpointRouteBuilder routes)
        => routes.MapOpenApi(Path).RequireAuthorization(Access.FarmRoles.Word(Access.FarmRole.Viewer));

    /// <summary>How the document is made.</summary>
    public static void Configure(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new()
            {
                Title = "mlfarm", Version = Name,
                Description = "Runs, items, logs, metrics and artifacts of an mlfarm farm. Errors are problem details (RFC 9457) with code and hint. Lists are paged: next of one page is cursor of the following one.",
            };
            document.Servers = [];
            document.Components ??= new();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key: mlf_…" };
            document.Security = [new() { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var words = context.Description.ActionDescriptor.EndpointMetadata;
            AddParameters(operation, context.Description.RelativePath ?? "", words.OfType<QueryNames>().LastOrDefault());
            if (words.OfType<BodyFields>().LastOrDefault() is { } body) operation.RequestBody = Body(body);
            operation.Responses = new()
            {
                ["200"] = new OpenApiResponse { Description = "The answer.", Content = Content(words.OfType<AnswerType>().LastOrDefault()?.MediaType ?? "application/json", null) },
                ["default"] = new OpenApiResponse { Description = "A problem, with code and hint.", Content = Content("application/problem+json", Problem()) },
            };
            return Task.CompletedTask;
        });
    }

    // Handlers that read path and query by hand are known by their pattern and their words alone.
    private static void AddParameters(OpenApiOperation operation, string path, QueryNames? query)
    {
        var parameters = operation.Parameters ??= [];
        foreach (Match name in InPath().Matches(path)) Add(name.Groups[1].Value, ParameterLocation.Path, null);
        foreach (var (name, text) in query?.Names ?? []) Add(name, ParameterLocation.Query, text);

        void Add(string name, ParameterLocation place, string? text)
        {
            if (!parameters.Any(p => p.Name == name)) parameters.Add(new OpenApiParameter { Name = name, In = place, Required = place == ParameterLocation.Path, Description = text, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
        }
    }

    private static OpenApiRequestBody Body(BodyFields body)
    {
        var schema = new OpenApiSchema { Type = JsonSchemaType.Object, Properties = new Dictionary<string, IOpenApiSchema>() };
        foreach (var (name, type, text) in body.Fields) schema.Properties[name] = new OpenApiSchema { Type = Enum.Parse<JsonSchemaType>(type, ignoreCase: true), Description = text };
        return new() { Content = Content("application/json", schema) };
    }

    private static OpenApiSchema Problem() => new()
    {
        Type = JsonSchemaType.Object,
        Properties = ((string[])["title", "detail", "code", "hint", "at"]).ToDictionary(n => n, _ => (IOpenApiSchema)new OpenApiSchema { Type = JsonSchemaType.String }),
    };

    private static Dictionary<string, OpenApiMediaType> Content(string mediaType, OpenApiSchema? schema) => new() { [mediaType] = new() { Schema = schema } };

    [GeneratedRegex(@"\{(\w+)[^}]*\}")]
    private static partial Regex InPath();
}
