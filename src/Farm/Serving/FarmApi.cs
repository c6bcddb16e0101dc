using ExampleMlFarm.Farm.Serving.Artifacts;
using ExampleMlFarm.Farm.Serving.Journals;
using ExampleMlFarm.Farm.Serving.Looks;
using ExampleMlFarm.Farm.Serving.Runs;
using ExampleMlFarm.Farm.Serving.Workers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving;

/// <summary>The one list of what the server answers. It knows no addresses, keys or certificates: whoever listens decides these.</summary>
internal static class FarmApi
{
    /// <summary>Path that every address of this version begins with.</summary>
    public const string Root = "/api/v1";

    /// <summary>Adds all endpoints.</summary>
    public static void Map(IEndpointRouteBuilder routes, ServedFarm farm)
    {
        var api = routes.MapGroup(Root);
        JournalEndpoints.Map(api, farm);
        ArtifactEndpoints.Map(api, farm);
        LookEndpoints.Map(api, farm);
        RunEndpoints.Map(api, farm);
        ActionEndpoints.Map(api, farm);
        WorkerEndpoints.Map(api, farm);
    }
}
