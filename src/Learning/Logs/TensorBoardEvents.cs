using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using ExampleMlFarm.Learning.Training;
using ExampleMlFarm.Learning.Wire;

namespace ExampleMlFarm.Learning.Logs;

/// <summary>
/// Writes TensorBoard's event files: records of (length, masked CRC, event, masked CRC), each event a protobuf of wall time, step
/// and named scalars. Time is the caller's.
/// </summary>
/// <remarks>Source: tensorflow/core/util/event.proto and tensorflow/core/lib/io/record_writer.</remarks>
public static class TensorBoardEvents
{
    /// <summary>A file of its own: the version record, then loss/train, loss/validation and learning_rate of every row.</summary>
    /// <param name="rows">Epochs to write.</param>
    /// <param name="startedUnixSeconds">Wall time of the start; a row's own time is this plus its seconds.</param>
    public static byte[] Write(IEnumerable<EpochRow> rows, double startedUnixSeconds)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var file = new MemoryStream();
        Record(file, Event(startedUnixSeconds).Text(3, "brain.Event:2").ToBytes());
        foreach (var row in rows)
        {
            var summary = new WireWriter().Message(1, Scalar("loss/train", row.TrainLoss));
            if (row.ValidationLoss is { } validation) summary.Message(1, Scalar("loss/validation", validation));
            summary.Message(1, Scalar("learning_rate", row.LearningRate));
            Record(file, Event(startedUnixSeconds + row.Seconds).Integer(2, row.Epoch).Message(5, summary).ToBytes());
        }
        return file.ToArray();
    }

    /// <summary>The name TensorBoard looks for.</summary>
    public static string FileName(double startedUnixSeconds, string writer)
        => string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{(long)startedUnixSeconds:d10}.{writer}");

    private static WireWriter Event(double wallTime) => new WireWriter().Double(1, wallTime);

    private static WireWriter Scalar(string tag, double value) => new WireWriter().Text(1, tag).Float(2, (float)value);

    private static void Record(MemoryStream file, byte[] data)
    {
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(head, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], Masked(head[..8]));
        file.Write(head);
        file.Write(data);
        Span<byte> tail = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, Masked(data));
        file.Write(tail);
    }

    /// <summary>CRC-32C, rotated and shifted, so that a checksum over data with checksums in it stays sound.</summary>
    internal static uint Masked(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data) crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }
}
