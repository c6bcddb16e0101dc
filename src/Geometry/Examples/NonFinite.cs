namespace ExampleMlFarm.Geometry.Examples;

/// <summary>Finds NaN and infinite values in a geometry and everything packed in it.</summary>
public static class NonFinite
{
    /// <summary>Says which value of which attribute or volume is not finite, or null.</summary>
    public static string? Find(GeometryData geometry)
    {
        foreach (var of in Enum.GetValues<AttributeClass>())
            foreach (var (name, values) in geometry.Attributes(of))
                if (values.FirstNonFinite() is >= 0 and var at)
                    return $"a NaN or infinite value in the {GeometryData.Word(of)} attribute '{name}' (element {at / values.TupleSize})";
        for (var i = 0; i < geometry.Payloads.Length; i++)
        {
            if (geometry.Payloads[i] is Volume volume && volume.Voxels.FirstNonFinite() is >= 0 and var voxel)
                return $"a NaN or infinite value in the volume '{volume.Name}' (voxel {voxel})";
            if (geometry.Payloads[i] is PackedPrimitive packed && Find(packed.Geometry) is { } inside)
                return $"{inside} of packed primitive {i}";
        }
        return null;
    }
}
