using System.Numerics;

namespace ExampleMlFarm.Geometry;

/// <summary>Moves geometry by a matrix (row vectors, <c>p' = p M</c>) and unpacks packed primitives.</summary>
public static class GeometryTransform
{
    /// <summary>The geometry of a packed primitive in its parent's space; the very same object when the transform is identity.</summary>
    public static GeometryData Unpack(PackedPrimitive packed) => Apply(packed.Geometry, packed.Transform);

    /// <summary>
    /// Moves positions (point <c>P</c>), turns point and vertex normals (<c>N</c>, inverse transpose, unit length again), and
    /// composes the transforms of packed primitives and volumes. Other attributes stay: only their author knows their meaning.
    /// </summary>
    public static GeometryData Apply(GeometryData geometry, Matrix4x4 transform)
    {
        if (transform.IsIdentity) return geometry;
        var result = geometry;
        if (geometry.Find(AttributeClass.Point, GeometryData.PositionName) is { TupleSize: 3 } positions)
            result = result.With(AttributeClass.Point, GeometryData.PositionName, Mapped(positions, v => Vector3.Transform(v, transform), transform));
        if (Matrix4x4.Invert(transform, out var inverse))
        {
            var normalMatrix = Matrix4x4.Transpose(inverse);
            foreach (var of in (ReadOnlySpan<AttributeClass>)[AttributeClass.Point, AttributeClass.Vertex])
                if (geometry.Find(of, "N") is { TupleSize: 3, Type: AttributeType.Float32 } normals)
                    result = result.With(of, "N", Mapped(normals, v => UnitOrZero(Vector3.TransformNormal(v, normalMatrix)), null));
        }
        for (var i = 0; i < geometry.Payloads.Length; i++)
        {
            if (geometry.Payloads[i] is PackedPrimitive packed)
                result = result.WithPacked(i, packed with { Transform = packed.Transform * transform });
            else if (geometry.Payloads[i] is Volume volume)
                result = result.WithVolume(i, new(volume.Name, volume.Resolution, volume.IndexToWorld * transform, volume.Voxels));
        }
        return result;
    }

    private static Vector3 UnitOrZero(Vector3 v) => v.LengthSquared() > 0 ? Vector3.Normalize(v) : v;

    private static AttributeValues Mapped(AttributeValues values, Func<Vector3, Vector3> map, Matrix4x4? exact)
    {
        if (values.Type == AttributeType.Float64 && exact is { } m) return Mapped64(values, m);
        if (values.Type != AttributeType.Float32) return values;
        var source = values.Float32;
        var target = new float[source.Length];
        for (var i = 0; i < source.Length; i += 3) map(new(source.Slice(i, 3))).CopyTo(target.AsSpan(i, 3));
        return AttributeValues.Of(target, 3);
    }

    // Float64 positions keep their precision: only the matrix is float32.
    private static AttributeValues Mapped64(AttributeValues values, Matrix4x4 m)
    {
        var source = values.Float64;
        var target = new double[source.Length];
        for (var i = 0; i < source.Length; i += 3)
        {
            var (x, y, z) = (source[i], source[i + 1], source[i + 2]);
            target[i] = x * m.M11 + y * m.M21 + z * m.M31 + m.M41;
            target[i + 1] = x * m.M12 + y * m.M22 + z * m.M32 + m.M42;
            target[i + 2] = x * m.M13 + y * m.M23 + z * m.M33 + m.M43;
        }
        return AttributeValues.Of(target, 3);
    }
}
