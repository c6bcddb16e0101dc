using System.Numerics;
using ExampleMlFarm.Core;

namespace ExampleMlFarm.Geometry.Contributions;

/// <summary>
/// Turns a component into the vector a model sees and back: the contributions one after the other, points in index order
/// with tuple components fastest, voxels in the order asked for. Every reader and writer of vectors uses these.
/// </summary>
public static class ComponentVector
{
    /// <returns>Float32 <c>[size]</c>; float64 and integers are rounded to nearest.</returns>
    /// <exception cref="FarmException">A contribution is missing or of another size; the message names it.</exception>
    public static float[] Serialize(GeometryData component, ContributionList contributions, VoxelOrder order = VoxelOrder.Zyx)
    {
        var size = contributions.Size(component.PointCount);
        if (size > Array.MaxLength)
            throw FarmException.Invalid("contributions.too_large", $"The component's vector would have {size} values; the limit is {Array.MaxLength}.");
        var vector = new float[size];
        Serialize(component, contributions, vector, order);
        return vector;
    }

    /// <summary>The same into memory of the caller, <c>[contributions.Size(component.PointCount)]</c>, without allocation for float32.</summary>
    public static void Serialize(GeometryData component, ContributionList contributions, Span<float> vector, VoxelOrder order = VoxelOrder.Zyx)
    {
        if (vector.Length != contributions.Size(component.PointCount))
            throw new ArgumentException($"The vector has {vector.Length} values; the component gives {contributions.Size(component.PointCount)}.", nameof(vector));
        var at = 0;
        foreach (var contribution in contributions)
        {
            var part = vector.Slice(at, (int)contribution.Size(component.PointCount));
            at += part.Length;
            var values = Values(component, contribution);
            if (contribution.Kind == ContributionKind.Volume && order == VoxelOrder.Xyz) Reverse(values.Float32, part, contribution.Resolution);
            else if (values.Type == AttributeType.Float32) values.Float32.CopyTo(part);
            else values.ToFloat32().CopyTo(part);
        }
    }

    /// <summary>
    /// The template with the vector's values in it. A point attribute keeps the template's numeric type, or becomes float32;
    /// a volume keeps the template's matrix, or is added with the identity.
    /// </summary>
    /// <exception cref="FarmException"><c>contributions.size</c>, or the template does not fit a contribution.</exception>
    public static GeometryData Deserialize(
        GeometryData template, ContributionList contributions, ReadOnlySpan<float> vector, VoxelOrder order = VoxelOrder.Zyx)
    {
        if (vector.Length != contributions.Size(template.PointCount))
            throw FarmException.Invalid("contributions.size", $"The vector has {vector.Length} values; "
                + $"[{contributions}] on {template.PointCount} points takes {contributions.Size(template.PointCount)}.");
        var result = template;
        var at = 0;
        foreach (var contribution in contributions)
        {
            var part = vector.Slice(at, (int)contribution.Size(template.PointCount));
            at += part.Length;
            result = contribution.Kind == ContributionKind.Point
                ? result.With(AttributeClass.Point, contribution.Name, Converted(part, template, contribution))
                : WithVolume(result, contribution, part, order);
        }
        return result;
    }

    /// <summary>The same without a template: loose points, as many as the vector's size implies, and volumes at the identity.</summary>
    public static GeometryData Deserialize(ContributionList contributions, ReadOnlySpan<float> vector, VoxelOrder order = VoxelOrder.Zyx)
    {
        var perPoint = contributions.Size(1) - contributions.Size(0);
        var points = perPoint == 0 ? 0 : (vector.Length - contributions.Size(0)) / perPoint;
        return points < 0
            ? throw FarmException.Invalid("contributions.size", $"The vector has {vector.Length} values; the volumes of [{contributions}] alone take more.")
            : Deserialize(GeometryData.FromTopology(Topology.PointCloud((int)points), []), contributions, vector, order);
    }

    private static AttributeValues Values(GeometryData component, Contribution contribution)
    {
        if (contribution.Kind == ContributionKind.Volume)
        {
            var volume = component.FindVolume(contribution.Name) ?? throw FarmException.Invalid("contributions.missing",
                $"The contribution {contribution} is missing: the component has no volume of that name.");
            return volume.Resolution == contribution.Resolution ? volume.Voxels : throw Mismatch(contribution,
                $"the component's volume has resolution {volume.Resolution.X} x {volume.Resolution.Y} x {volume.Resolution.Z}");
        }
        var values = component.Find(AttributeClass.Point, contribution.Name) ?? throw FarmException.Invalid("contributions.missing",
            $"The contribution {contribution} is missing: the component has the point attributes "
            + $"{string.Join(", ", component.Attributes(AttributeClass.Point).Names.DefaultIfEmpty("(none)"))}.");
        return values.IsNumeric && values.TupleSize == contribution.TupleSize ? values : throw Mismatch(contribution,
            $"the component's attribute is {values.Type} of tuple size {values.TupleSize}");
    }

    private static FarmException Mismatch(Contribution contribution, string what) =>
        FarmException.Invalid("contributions.mismatch", $"The contribution {contribution} does not fit: {what}. Correct the list or the geometry.");

    private static AttributeValues Converted(ReadOnlySpan<float> values, GeometryData template, Contribution contribution)
    {
        var tuple = contribution.TupleSize;
        switch (template.Find(AttributeClass.Point, contribution.Name)?.Type)
        {
            case AttributeType.Float64:
                var doubles = new double[values.Length];
                System.Numerics.Tensors.TensorPrimitives.ConvertTruncating(values, doubles);
                return AttributeValues.Of(doubles, tuple);
            case AttributeType.Int32: return AttributeValues.Of(Rounded<int>(values), tuple);
            case AttributeType.Int64: return AttributeValues.Of(Rounded<long>(values), tuple);
            default: return AttributeValues.Of(values.ToArray(), tuple);
        }
    }

    private static T[] Rounded<T>(ReadOnlySpan<float> values) where T : INumber<T>
    {
        var result = new T[values.Length];
        for (var i = 0; i < values.Length; i++) result[i] = T.CreateSaturating(MathF.Round(values[i]));
        return result;
    }

    private static GeometryData WithVolume(GeometryData geometry, Contribution contribution, ReadOnlySpan<float> part, VoxelOrder order)
    {
        var voxels = new float[part.Length];
        var (x, y, z) = contribution.Resolution;
        // Reversing twice with swapped extents restores the order.
        if (order == VoxelOrder.Xyz) Reverse(part, voxels, (z, y, x));
        else part.CopyTo(voxels);
        for (var i = 0; i < geometry.Payloads.Length; i++)
        {
            if (geometry.Payloads[i] is not Volume old || old.Name != contribution.Name) continue;
            return old.Resolution == contribution.Resolution
                ? geometry.WithVolume(i, new(old.Name, old.Resolution, old.IndexToWorld, AttributeValues.Of(voxels)))
                : throw Mismatch(contribution, $"the template's volume has resolution {old.Resolution.X} x {old.Resolution.Y} x {old.Resolution.Z}");
        }
        var added = new Volume(contribution.Name, (x, y, z), Matrix4x4.Identity, AttributeValues.Of(voxels));
        return GeometryMerge.Merge([geometry, GeometryData.OfVolume(added)]);
    }

    // From x fastest to z fastest.
    private static void Reverse(ReadOnlySpan<float> source, Span<float> target, (int X, int Y, int Z) resolution)
    {
        var (nx, ny, nz) = resolution;
        for (var x = 0; x < nx; x++)
            for (var y = 0; y < ny; y++)
                for (var z = 0; z < nz; z++)
                    target[(x * ny + y) * nz + z] = source[(z * ny + y) * nx + x];
    }
}
