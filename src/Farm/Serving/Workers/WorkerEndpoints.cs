using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Workers;

/// <summary>What workers on other machines call.</summary>
internal static class WorkerEndpoints
{
    public static void Map(RouteGroupBuilder api, ServedFarm farm) => _ = (api, farm);
}
