using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Journals;

/// <summary>Runs as they are stored, for programs that replay them: what the command line looks at when the farm is elsewhere.</summary>
internal static class JournalEndpoints
{
    public static void Map(RouteGroupBuilder api, ServedFarm farm) => _ = (api, farm);
}
