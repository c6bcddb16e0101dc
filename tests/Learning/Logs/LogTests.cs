using System.Buffers.Binary;
using ExampleMlFarm.Learning.Logs;
using ExampleMlFarm.Learning.Training;
using ExampleMlFarm.Tests.Learning.Oracles;

namespace ExampleMlFarm.Tests.Learning.Logs;

public class LogTests
{
    private static readonly EpochRow[] Rows = [new(1, 0.5, null, 1e-3, 0.25), new(2, 0.25, 0.125, 1e-3, 0.5)];

    [Fact]
    public void Csv_has_a_header_and_an_empty_field_where_nothing_was_measured()
        => Assert.Equal("epoch,train_loss,validation_loss,learning_rate,seconds\n1,0.5,,0.001,0.250\n2,0.25,0.125,0.001,0.500\n", TrainingLog.Csv(Rows));

    [Fact]
    public void Columns_are_training_left_and_validation_right() => Assert.Equal("0.5\n0.25 0.125\n", TrainingLog.Columns(Rows));

    [Fact]
    public void Checksum_is_crc32c_of_the_published_vector_masked()
    {
        // CRC-32C of "123456789" is e3069283 (RFC 3720, appendix B.4).
        const uint crc = 0xe3069283;
        Assert.Equal(((crc >> 15) | (crc << 17)) + 0xa282ead8, TensorBoardEvents.Masked("123456789"u8));
    }

    [Fact]
    public void Event_file_is_a_chain_of_checked_records()
    {
        byte[] file = TensorBoardEvents.Write(Rows, 1_700_000_000);
        int records = 0;
        for (int at = 0; at < file.Length; records++)
        {
            int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(TensorBoardEvents.Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            Assert.Equal(TensorBoardEvents.Masked(file.AsSpan(at + 12, length)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            at += 16 + length;
        }
        Assert.Equal(3, records);
        Assert.Equal("events.out.tfevents.1700000000.mlfarm", TensorBoardEvents.FileName(1_700_000_000, "mlfarm"));
    }

    [Fact]
    public void Events_are_read_by_protobuf_as_tensorboard_reads_them()
    {
        Python.Require("google.protobuf");
        string output = Python.Run("""
            import struct
            from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
            f = descriptor_pb2.FileDescriptorProto(name='e.proto', package='t', syntax='proto3')
            def message(name, *fields):
                m = f.message_type.add(name=name)
                for field, number, kind, label, ref in fields:
                    x = m.field.add(name=field, number=number, type=kind, label=label)
                    if ref: x.type_name = ref
            message('Value', ('tag', 1, 9, 1, None), ('simple_value', 2, 2, 1, None))
            message('Summary', ('value', 1, 11, 3, '.t.Value'))
            message('Event', ('wall_time', 1, 1, 1, None), ('step', 2, 3, 1, None), ('file_version', 3, 9, 1, None), ('summary', 5, 11, 1, '.t.Summary'))
            pool = descriptor_pool.DescriptorPool(); pool.Add(f)
            Event = message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName('t.Event'))
            data = open('events', 'rb').read(); at = 0
            while at < len(data):
                n = struct.unpack_from('<Q', data, at)[0]
                e = Event.FromString(data[at + 12:at + 12 + n]); at += 16 + n
                print(e.wall_time, e.step, e.file_version, ' '.join(f'{v.tag}={v.simple_value:g}' for v in e.summary.value), sep='|')
            """, ("events", TensorBoardEvents.Write(Rows, 1000)));
        Assert.Equal("1000.0|0|brain.Event:2|\n1000.25|1||loss/train=0.5 learning_rate=0.001\n1000.5|2||loss/train=0.25 loss/validation=0.125 learning_rate=0.001\n", output);
    }
}
