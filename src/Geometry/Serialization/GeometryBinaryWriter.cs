using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Geometry.Serialization;

/// <summary>
/// The canonical binary form of a geometry: equal content gives equal bytes, however it was built or shared.
/// </summary>
/// <remarks>
/// Layout (little endian): <c>MLGEO001</c>, int32 object count, then the objects in post-order of first visit, each once per
/// content however often it is referred to; the last is the geometry itself. An object is a tag byte (1 topology, 2 values,
/// 3 group, 4 geometry) and its fields; references are int32 indices of earlier objects.
/// </remarks>
public static class GeometryBinaryWriter
{
    internal static ReadOnlySpan<byte> Magic => "MLGEO001"u8;

    public static byte[] Write(GeometryData geometry)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        Write(geometry, output);
        return output.WrittenSpan.ToArray();
    }

    public static void Write(GeometryData geometry, IBufferWriter<byte> output)
    {
        // The count stands before the objects, so the objects are listed first and written in a second pass.
        var objects = new List<object>();
        var indices = new Dictionary<ContentHash, int>();
        Visit(geometry, objects, indices);
        output.Write(Magic);
        output.Put(objects.Count);
        foreach (var item in objects)
            switch (item)
            {
                case Topology topology: WriteTopology(topology, output); break;
                case AttributeValues values: WriteValues(values, output); break;
                case ElementGroup group: WriteGroup(group, output); break;
                case GeometryData part: WriteGeometry(part, indices, output); break;
            }
    }

    private static void Visit(GeometryData geometry, List<object> objects, Dictionary<ContentHash, int> indices)
    {
        if (indices.ContainsKey(geometry.Hash)) return;
        List(geometry.Topology, geometry.Topology.Hash);
        foreach (var payload in geometry.Payloads)
            if (payload is PackedPrimitive packed) Visit(packed.Geometry, objects, indices);
            else if (payload is Volume volume) List(volume.Voxels, volume.Voxels.Hash);
        foreach (var of in Enum.GetValues<AttributeClass>())
        {
            foreach (var (_, values) in geometry.Attributes(of)) List(values, values.Hash);
            foreach (var (_, group) in geometry.Groups(of)) List(group, group.Hash);
        }
        List(geometry, geometry.Hash);

        void List(object item, ContentHash hash)
        {
            if (indices.TryAdd(hash, objects.Count)) objects.Add(item);
        }
    }

    private static void WriteTopology(Topology topology, IBufferWriter<byte> output)
    {
        output.Put((byte)1);
        output.Put(topology.PointCount);
        output.Put(topology.PrimitiveCount);
        output.Put(topology.VertexCount);
        output.Write(MemoryMarshal.AsBytes(topology.Kinds));
        output.Write(MemoryMarshal.AsBytes(topology.VertexStarts));
        output.Write(MemoryMarshal.AsBytes(topology.VertexPoints));
    }

    private static void WriteValues(AttributeValues values, IBufferWriter<byte> output)
    {
        output.Put((byte)2);
        output.Put((byte)values.Type);
        output.Put((byte)values.TupleSize);
        output.Put(values.Count);
        if (values.IsNumeric) output.Write(values.Bytes);
        else foreach (var text in values.Strings) output.Put(text);
    }

    private static void WriteGroup(ElementGroup group, IBufferWriter<byte> output)
    {
        output.Put((byte)3);
        output.Put(group.Count);
        output.Write(MemoryMarshal.AsBytes(group.Indices));
    }

    private static void WriteGeometry(GeometryData geometry, Dictionary<ContentHash, int> indices, IBufferWriter<byte> output)
    {
        output.Put((byte)4);
        output.Put(indices[geometry.Topology.Hash]);
        output.Put(geometry.Payloads.Length);
        foreach (var payload in geometry.Payloads)
            switch (payload)
            {
                case PackedPrimitive packed:
                    output.Put((byte)1);
                    output.Put(indices[packed.Geometry.Hash]);
                    output.Put(packed.Transform);
                    break;
                case Volume volume:
                    output.Put((byte)2);
                    output.Put(volume.Name);
                    output.Put(volume.Resolution.X);
                    output.Put(volume.Resolution.Y);
                    output.Put(volume.Resolution.Z);
                    output.Put(volume.IndexToWorld);
                    output.Put(indices[volume.Voxels.Hash]);
                    break;
                default:
                    output.Put((byte)0);
                    break;
            }
        foreach (var of in Enum.GetValues<AttributeClass>())
        {
            output.Put(geometry.Attributes(of).Count);
            foreach (var (name, values) in geometry.Attributes(of))
            {
                output.Put(name);
                output.Put(indices[values.Hash]);
            }
            output.Put(geometry.Groups(of).Count);
            foreach (var (name, group) in geometry.Groups(of))
            {
                output.Put(name);
                output.Put(indices[group.Hash]);
            }
        }
    }

    private static void Put(this IBufferWriter<byte> output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    private static void Put(this IBufferWriter<byte> output, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    private static void Put(this IBufferWriter<byte> output, string text)
    {
        var size = Encoding.UTF8.GetByteCount(text);
        output.Put(size);
        Encoding.UTF8.GetBytes(text, output.GetSpan(size));
        output.Advance(size);
    }

    private static void Put(this IBufferWriter<byte> output, Matrix4x4 matrix) =>
        output.Write(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref matrix, 1)));
}
