using ExampleMlFarm.Farm.Serving.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;

namespace ExampleMlFarm.Farm.Serving.Documents;

/// <summary>What the API says about itself: OpenAPI 3.1.</summary>
internal static class ApiDocument
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
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<BodyFields>().LastOrDefault() is not { } body) return Task.CompletedTask;
            var schema = new OpenApiSchema { Type = JsonSchemaType.Object, Properties = new Dictionary<string, IOpenApiSchema>() };
            foreach (var (name, type, text) in body.Fields) schema.Properties[name] = new OpenApiSchema { Type = Enum.Parse<JsonSchemaType>(type, ignoreCase: true), Description = text };
            operation.RequestBody = new OpenApiRequestBody { Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = schema } } };
            return Task.CompletedTask;
        });
    }
}
