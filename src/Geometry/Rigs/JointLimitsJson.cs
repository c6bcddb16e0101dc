using System.Text.Json;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>
/// Joint limits as JSON, in degrees:
/// <c>{"coordinates": "rotation_vector", "joints": {"lower": {"min": [-55, 0, 0], "max": [55, 0, 115]}}}</c>, with
/// <c>"axis": [x, y, z]</c> per joint for <c>swing_twist</c>.
/// </summary>
public static class JointLimitsJson
{
    public static string Write(JointLimits limits)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" })) Write(limits, json);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    internal static void Write(JointLimits limits, Utf8JsonWriter json)
    {
        var coordinates = limits.Joints.Count > 0 ? limits.Joints[0].Coordinates : RotationCoordinates.RotationVector;
        if (limits.Joints.Any(j => j.Coordinates != coordinates)) throw new ArgumentException("Limits in two kinds of coordinates.", nameof(limits));
        json.WriteStartObject();
        json.WriteString("coordinates", NameOf(coordinates));
        json.WriteStartObject("joints");
        foreach (var limit in limits.Joints)
        {
            json.WriteStartObject(limit.Joint);
            if (coordinates == RotationCoordinates.SwingTwist) Numbers(json, "axis", limit.Axis);
            Numbers(json, "min", limit.Min * (180 / Math.PI));
            Numbers(json, "max", limit.Max * (180 / Math.PI));
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <exception cref="FarmException">Not JSON, or not of the form above; the message names the joint.</exception>
    public static JointLimits Read(string json, Skeleton skeleton)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16 });
            return Read(document.RootElement, skeleton);
        }
        catch (JsonException e)
        {
            throw new FarmException(Failure.Invalid("limits.json", $"The joint limits are not JSON: {e.Message}"), e);
        }
    }

    internal static JointLimits Read(JsonElement root, Skeleton skeleton)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("joints", out var joints) || joints.ValueKind != JsonValueKind.Object)
            throw FarmException.Invalid("limits.form", "Joint limits are an object with \"joints\", an object of one entry per joint.");
        var coordinates = RotationCoordinates.RotationVector;
        if (root.TryGetProperty("coordinates", out var kind))
            coordinates = kind.ValueKind == JsonValueKind.String && kind.GetString() == NameOf(RotationCoordinates.SwingTwist) ? RotationCoordinates.SwingTwist
                : kind.ValueKind == JsonValueKind.String && kind.GetString() == NameOf(coordinates) ? coordinates
                : throw FarmException.Invalid("limits.coordinates", $"The coordinates of joint limits are {kind.GetRawText()}; \"rotation_vector\" and \"swing_twist\" are known.");
        var list = new List<JointLimit>();
        foreach (var joint in joints.EnumerateObject())
        {
            var axis = coordinates == RotationCoordinates.SwingTwist ? Three(joint, "axis") : Vector3d.UnitX;
            list.Add(new JointLimit(joint.Name, coordinates, axis, Three(joint, "min") * (Math.PI / 180), Three(joint, "max") * (Math.PI / 180)));
        }
        return new JointLimits(skeleton, list);
    }

    private static string NameOf(RotationCoordinates coordinates) => coordinates == RotationCoordinates.SwingTwist ? "swing_twist" : "rotation_vector";

    private static void Numbers(Utf8JsonWriter json, string name, Vector3d v)
    {
        json.WriteStartArray(name);
        for (var axis = 0; axis < 3; axis++) json.WriteNumberValue(v[axis]);
        json.WriteEndArray();
    }

    private static Vector3d Three(JsonProperty joint, string name)
    {
        if (joint.Value.ValueKind == JsonValueKind.Object && joint.Value.TryGetProperty(name, out var values)
            && values.ValueKind == JsonValueKind.Array && values.GetArrayLength() == 3
            && values[0].ValueKind == JsonValueKind.Number && values[1].ValueKind == JsonValueKind.Number && values[2].ValueKind == JsonValueKind.Number)
            return new Vector3d(values[0].GetDouble(), values[1].GetDouble(), values[2].GetDouble());
        throw FarmException.Invalid("limits.numbers", $"\"{name}\" of joint \"{joint.Name}\" must be three numbers{(name == "axis" ? "" : " in degrees")}.");
    }
}
