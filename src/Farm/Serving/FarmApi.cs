using ExampleMlFarm.Farm.Serving.Access;
using ExampleMlFarm.Farm.Serving.Artifacts;
using ExampleMlFarm.Farm.Serving.Documents;
using ExampleMlFarm.Farm.Serving.Health;
using ExampleMlFarm.Farm.Serving.Hosting;
using ExampleMlFarm.Farm.Serving.Journals;
using ExampleMlFarm.Farm.Serving.Looking;
using ExampleMlFarm.Farm.Serving.Looks;
using ExampleMlFarm.Farm.Serving.Runs;
using ExampleMlFarm.Farm.Serving.Sharing;
using ExampleMlFarm.Farm.Serving.Streams;
using ExampleMlFarm.Farm.Serving.Telemetry;
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
        var (viewer, operating) = (api.For(FarmRole.Viewer), api.For(FarmRole.Operator));
        var live = new LiveRuns(farm);
        JournalEndpoints.Map(viewer, farm);
        LookEndpoints.Map(viewer, farm);
        StateEndpoints.Map(viewer, live);
        StreamEndpoints.Map(viewer, farm, live);
        RunEndpoints.Map(operating, farm);
        ActionEndpoints.Map(operating, farm);
        ArtifactEndpoints.Map(api.ForFiles(), farm);
        WorkerEndpoints.Map(api.For(FarmRole.Worker), farm);
        ServerEndpoints.Map(viewer, farm);
        KeyEndpoints.Map(api, farm);
        SharingEndpoints.Map(api, farm);
        ApiDocument.Map(routes);
        HealthEndpoints.Map(routes, farm);
        MetricsPage.Map(routes);
    }
}
