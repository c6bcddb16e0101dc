using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Farm.Serving.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Health;

/// <summary>Whether the process lives, and whether it can do its work: for whoever starts and balances servers. Says nothing about the farm.</summary>
internal static class HealthEndpoints
{
    private static readonly TimeSpan UntilAnswer = TimeSpan.FromSeconds(3);

    /// <summary>Adds <c>/healthz</c> and <c>/readyz</c>, open to everybody.</summary>
    public static void Map(IEndpointRouteBuilder routes, ServedFarm farm)
    {
        routes.MapGet("/healthz", () => Results.Text("ok\n")).AllowAnonymous().WithSummary("The process answers.");
        routes.MapGet("/readyz", () => Ready(farm)).AllowAnonymous().WithSummary("The store can be read and the scheduler answers; 503 otherwise.");
    }

    private static async Task<IResult> Ready(ServedFarm farm)
    {
        string asked = "store";
        try
        {
            await Task.Run(() => farm.Store.List(null, 1)).WaitAsync(UntilAnswer, farm.Time);
            asked = "scheduler";
            await farm.Farm.Workers().WaitAsync(UntilAnswer, farm.Time);
            return ApiJson.Of(new JsonObject { ["status"] = "ready" });
        }
        // What is wrong in detail stands in the log: here anybody may ask.
        catch (Exception e) when (e is FarmException or TimeoutException or OrleansException) { return Problems.Of(503, $"farm.{asked}", $"the {asked} does not answer", "the server's log says more"); }
    }
}
