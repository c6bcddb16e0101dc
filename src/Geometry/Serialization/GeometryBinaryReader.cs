using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using ExampleMlFarm.Core;

namespace ExampleMlFarm.Geometry.Serialization;

/// <summary>
/// Reads what <see cref="GeometryBinaryWriter"/> wrote. Any other bytes give a <see cref="FarmException"/>
/// (<c>geometry.corrupt</c>) that says where; nothing larger than the bytes at hand is ever allocated.
/// </summary>
public static class GeometryBinaryReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <param name="bytes">The whole file.</param>
    /// <param name="source">What the message calls it, such as a file name.</param>
    public static GeometryData Read(ReadOnlySpan<byte> bytes, string source = "geometry")
    {
        var cursor = new Cursor(bytes, source);
        if (!cursor.Take(8).SequenceEqual(GeometryBinaryWriter.Magic)) throw cursor.Corrupt("it does not begin with MLGEO001");
        // Every object takes at least five bytes: a count beyond that is damage, not a reason to allocate.
        var count = cursor.Count(5);
        var objects = new List<object>(count);
        for (var i = 0; i < count; i++)
            objects.Add(cursor.Byte() switch
            {
                1 => ReadTopology(ref cursor),
                2 => ReadValues(ref cursor),
                3 => ReadGroup(ref cursor),
                4 => ReadGeometry(ref cursor, objects),
                var tag => throw cursor.Corrupt($"object {i} has the unknown tag {tag}"),
            });
        if (!cursor.AtEnd) throw cursor.Corrupt("bytes follow the last object");
        return objects is [.., GeometryData geometry] ? geometry : throw cursor.Corrupt("the last object is not a geometry");
    }

    private static Topology ReadTopology(ref Cursor cursor)
    {
        var pointCount = cursor.Int();
        var primitives = cursor.Count(1);
        var vertices = cursor.Count(0);
        var kinds = cursor.Array<PrimitiveKind>(primitives);
        var starts = cursor.Array<int>(primitives + 1L);
        var points = cursor.Array<int>(vertices);
        if (Topology.Check(pointCount, kinds, starts, points) is { } wrong) throw cursor.Corrupt(wrong);
        return Topology.Create(pointCount, kinds, starts, points);
    }

    private static AttributeValues ReadValues(ref Cursor cursor)
    {
        var type = (AttributeType)cursor.Byte();
        int tuple = cursor.Byte();
        if (tuple is < 1 or > Limits.MaxTupleSize) throw cursor.Corrupt($"tuple size {tuple}");
        var length = (long)cursor.Count(0) * tuple;
        switch (type)
        {
            case AttributeType.Float32: return AttributeValues.Of(cursor.Array<float>(length), tuple);
            case AttributeType.Float64: return AttributeValues.Of(cursor.Array<double>(length), tuple);
            case AttributeType.Int32: return AttributeValues.Of(cursor.Array<int>(length), tuple);
            case AttributeType.Int64: return AttributeValues.Of(cursor.Array<long>(length), tuple);
            case AttributeType.String:
                if (length * 4 > cursor.Left) throw cursor.Corrupt($"{length} strings do not fit into {cursor.Left} bytes");
                var texts = new string[length];
                for (var i = 0; i < texts.Length; i++) texts[i] = cursor.Text(int.MaxValue);
                return AttributeValues.Of(texts, tuple);
            default: throw cursor.Corrupt($"attribute type {(int)type}");
        }
    }

    private static ElementGroup ReadGroup(ref Cursor cursor) =>
        ElementGroup.TryAdopt(cursor.Array<int>(cursor.Count(4)), out var group) ? group : throw cursor.Corrupt("a group is not ascending");

    private static GeometryData ReadGeometry(ref Cursor cursor, List<object> objects)
    {
        var topology = cursor.Reference<Topology>(objects);
        var payloads = new object?[cursor.Count(1)];
        for (var i = 0; i < payloads.Length; i++)
            payloads[i] = cursor.Byte() switch
            {
                0 => null,
                1 => new PackedPrimitive(cursor.Reference<GeometryData>(objects), cursor.Matrix()),
                2 => ReadVolume(ref cursor, objects),
                var tag => throw cursor.Corrupt($"primitive {i} has the unknown tag {tag}"),
            };
        if (payloads.OfType<PackedPrimitive>().Any(p => p.Geometry.PackedDepth >= Limits.MaxPackedDepth))
            throw cursor.Corrupt($"packed geometry is nested deeper than {Limits.MaxPackedDepth}");
        if (GeometryData.CheckPayloads(topology, payloads) is { } wrong) throw cursor.Corrupt(wrong);
        var geometry = GeometryData.FromTopology(topology, payloads);
        foreach (var of in Enum.GetValues<AttributeClass>())
        {
            for (var left = cursor.TableCount(); left > 0; left--)
            {
                var name = cursor.Name();
                var values = cursor.Reference<AttributeValues>(objects);
                if (values.Count != geometry.ElementCount(of)) throw cursor.Corrupt($"attribute '{name}' has {values.Count} elements");
                geometry = geometry.With(of, name, values);
            }
            for (var left = cursor.TableCount(); left > 0; left--)
            {
                var name = cursor.Name();
                var group = cursor.Reference<ElementGroup>(objects);
                if (of == AttributeClass.Detail || group.Extent > geometry.ElementCount(of)) throw cursor.Corrupt($"group '{name}' reaches too far");
                geometry = geometry.WithGroup(of, name, group);
            }
        }
        return geometry;
    }

    private static Volume ReadVolume(ref Cursor cursor, List<object> objects)
    {
        var name = cursor.Text(4 * Limits.MaxNameLength);
        var resolution = (cursor.Int(), cursor.Int(), cursor.Int());
        var matrix = cursor.Matrix();
        var voxels = cursor.Reference<AttributeValues>(objects);
        return Volume.Check(name, resolution, voxels) is { } wrong ? throw cursor.Corrupt(wrong) : new(name, resolution, matrix, voxels);
    }

    /// <summary>A place in the bytes that never leaves them.</summary>
    private ref struct Cursor(ReadOnlySpan<byte> bytes, string source)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;
        private readonly string _source = source;
        private int _at;

        public readonly int Left => _bytes.Length - _at;

        public readonly bool AtEnd => Left == 0;

        public readonly FarmException Corrupt(string what) => new(new Failure(FailureClass.InvalidInput, "geometry.corrupt",
            $"{_source} is damaged near byte {_at} of {_bytes.Length}: {what}. Cook it again."));

        public ReadOnlySpan<byte> Take(long size)
        {
            if (size < 0 || size > Left) throw Corrupt($"{size} bytes are announced, {Left} are there");
            var slice = _bytes.Slice(_at, (int)size);
            _at += (int)size;
            return slice;
        }

        public byte Byte() => Take(1)[0];

        public int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

        /// <summary>A count whose elements take at least this many bytes each.</summary>
        public int Count(int minimumBytes)
        {
            var count = Int();
            return count >= 0 && (long)count * minimumBytes <= Left ? count : throw Corrupt($"an impossible count of {count}");
        }

        public int TableCount()
        {
            var count = Count(8);
            return count <= Limits.MaxTableEntries ? count : throw Corrupt($"{count} names of one kind");
        }

        public T[] Array<T>(long length) where T : unmanaged
        {
            // Only after Take has shown that the bytes exist is anything allocated.
            var size = Int128.Min((Int128)length * System.Runtime.CompilerServices.Unsafe.SizeOf<T>(), long.MaxValue);
            return MemoryMarshal.Cast<byte, T>(Take((long)size)).ToArray();
        }

        public string Text(int maximumBytes)
        {
            var size = Int();
            if (size > maximumBytes) throw Corrupt($"a text of {size} bytes");
            var bytes = Take(size);
            try
            {
                return StrictUtf8.GetString(bytes);
            }
            catch (DecoderFallbackException)
            {
                throw Corrupt("a text is not UTF-8");
            }
        }

        public string Name()
        {
            var name = Text(4 * Limits.MaxNameLength);
            return name.Length is >= 1 and <= Limits.MaxNameLength ? name : throw Corrupt($"a name of {name.Length} characters");
        }

        public Matrix4x4 Matrix() => MemoryMarshal.Read<Matrix4x4>(Take(64));

        public T Reference<T>(List<object> objects) where T : class
        {
            var index = Int();
            return (uint)index < (uint)objects.Count && objects[index] is T found
                ? found
                : throw Corrupt($"a reference to object {index}, which is no earlier {typeof(T).Name}");
        }
    }
}
