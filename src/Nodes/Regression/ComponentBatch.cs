using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Contributions;

namespace ExampleMlFarm.Nodes.Regression;

/// <summary>The components that a model is asked about: one geometry (single), or those a collection embeds (multiple packed).</summary>
internal sealed record ComponentBatch(IReadOnlyList<GeometryData> Components, bool IsPacked)
{
    /// <summary>A collection of packed components is unpacked; anything else is one component.</summary>
    public static ComponentBatch Of(GeometryData geometry)
    {
        bool packed = geometry.PrimitiveCount > 0 && geometry.Topology.ConsistsOf(PrimitiveKind.Packed);
        return new(packed ? [.. Enumerable.Range(0, geometry.PrimitiveCount).Select(p => GeometryTransform.Unpack(geometry.Packed(p)))] : [geometry], packed);
    }

    /// <summary>Rows [components, length].</summary>
    /// <exception cref="FarmException"><c>inference.length</c>.</exception>
    public float[] Rows(ContributionList contributions, int length)
    {
        var rows = new float[checked(Components.Count * length)];
        for (int i = 0; i < Components.Count; i++)
        {
            long size = contributions.Size(Components[i].PointCount);
            if (size != length)
                throw FarmException.Invalid("inference.length", $"component {i} has {size} numbers and the model takes {length}: give it components like those it was trained on");
            ComponentVector.Serialize(Components[i], contributions, rows.AsSpan(i * length, length));
        }
        return rows;
    }

    /// <summary>One result per component, packed again where they came packed.</summary>
    public IReadOnlyList<GeometryData> Pack(IReadOnlyList<GeometryData> results)
        => IsPacked ? [GeometryData.Collection([.. results.Select(r => new PackedPrimitive(r, System.Numerics.Matrix4x4.Identity))])] : results;
}
