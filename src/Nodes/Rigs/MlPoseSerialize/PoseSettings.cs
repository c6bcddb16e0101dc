using System.Text.Json;
using System.Text.Json.Serialization;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Rigs;

namespace ExampleMlFarm.Nodes.Rigs.MlPoseSerialize;

/// <summary>
/// How a pose was written as numbers, as text that travels with the numbers: into the data set, to the analysis, into the deformer.
/// </summary>
public static class PoseSettings
{
    /// <summary>Detail attribute of serialized poses; key of a data set's metadata, with <c>input.</c> in front.</summary>
    public const string Attribute = "pose_serialize";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The text; equal settings give equal text.</summary>
    public static string Write(PoseSerializeOptions options) => JsonSerializer.Serialize(options, Json);

    /// <summary>Reads the text.</summary>
    /// <exception cref="FarmException"><c>pose.settings</c>: the text says something else.</exception>
    public static PoseSerializeOptions Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<PoseSerializeOptions>(text, Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw FarmException.Invalid("pose.settings", $"the settings of the serialized poses cannot be read ({e.Message}); write the data set again with ml_pose_serialize as its input operator");
        }
    }
}
