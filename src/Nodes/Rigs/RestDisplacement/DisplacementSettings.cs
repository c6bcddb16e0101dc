using System.Text.Json;
using System.Text.Json.Serialization;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Rigs;

namespace ExampleMlFarm.Nodes.Rigs.RestDisplacement;

/// <summary>
/// What a displacement of the bind pose is relative to, as text that travels with it: into the data set, to the analysis, into the deformer. Whoever
/// puts the displacement back must use the same.
/// </summary>
public sealed record DisplacementSettings(DisplacementEncoding Encoding, SkinningMethod Skinning)
{
    /// <summary>Detail attribute of displaced skins; key of a data set's metadata, with <c>target.</c> in front.</summary>
    public const string Attribute = "rest_displacement";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The text; equal settings give equal text.</summary>
    public string Write() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads the text.</summary>
    /// <exception cref="FarmException"><c>displacement.settings</c>: the text says something else.</exception>
    public static DisplacementSettings Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<DisplacementSettings>(text, Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw FarmException.Invalid("displacement.settings", $"the settings of the displacements cannot be read ({e.Message}); make them with rest_displacement");
        }
    }

    /// <summary>The settings that a displaced skin carries.</summary>
    /// <exception cref="FarmException">It carries none.</exception>
    public static DisplacementSettings Of(GeometryData skin) => Read(skin.Require(AttributeClass.Detail, Attribute, AttributeType.String, 1).Strings[0]);
}
