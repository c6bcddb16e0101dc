using System.Globalization;
using ExampleMlFarm.Farm.Serving.Requests;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Scheduler.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Looking;

/// <summary>States of all items of a node at once, for pictures of them.</summary>
internal static class StateEndpoints
{
    /// <summary>Header with the number of events that an answer has seen: changes of a stream up to it are in the answer already.</summary>
    public const string SequenceHeader = "Mlfarm-Sequence";

    /// <summary>Adds the endpoint.</summary>
    public static void Map(RouteGroupBuilder api, LiveRuns live) => api.MapGet("/runs/{run:long}/nodes/{node}/states", (long run, string node, HttpResponse response) => live.Read(run, shell =>
    {
        response.Headers[SequenceHeader] = shell.Machine.EventCount.ToString(CultureInfo.InvariantCulture);
        return Results.Bytes(RunLooks.States(shell, RunLook.NodeOf(shell, node).Id.Value), StateBytes.MediaType);
    })).WithSummary($"A byte per item, in order: {StateBytes.Legend}. The header {SequenceHeader} says which changes of a stream are in it.").Answers(StateBytes.MediaType);
}
