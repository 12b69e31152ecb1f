using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training.Logging;

/// <summary>A file of events that TensorBoard shows as curves.</summary>
/// <remarks>
/// The format of TensorFlow: records of a length, its checksum, an Event message of protocol buffers, and its checksum
/// (tensorflow/core/lib/io/record_writer.h, core/util/event.proto). Tags as sd-scripts 48d368fa names them.
/// </remarks>
/// <param name="stream">Where it goes; owned.</param>
/// <param name="clock">Dates the events.</param>
internal sealed class TensorBoardLog(Stream stream, TimeProvider clock) : RunLog(stream)
{
    private const string Version = "brain.Event:2";

    /// <inheritdoc/>
    protected override byte[] Format(EngineEvent value) => value switch
    {
        RunStartedEvent => Record(Message.Event(Seconds).Text(3, Version)),
        TrainingStepEvent { Step: var s } => Scalars(
            s.Step, ("loss/current", s.Loss), ("loss/average", s.AverageLoss), ("norm/gradient", s.GradientNorm), ("lr", s.LearningRate)),
        EpochEvent e => Scalars(e.Epoch, ("loss/epoch_average", e.AverageLoss)),
        ValidationEvent e => Scalars(e.Step, ("loss/validation/average", e.Loss), ("loss/validation/divergence", e.Divergence)),
        _ => [],
    };

    private double Seconds => clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    private byte[] Scalars(int step, params (string Tag, double Value)[] scalars)
    {
        var summary = new Message();
        foreach (var (tag, value) in scalars)
            summary.Nested(1, new Message().Text(1, tag).Float(2, (float)value));
        return Record(Message.Event(Seconds).Whole(2, step).Nested(5, summary));
    }

    private static byte[] Record(Message message)
    {
        var body = message.ToArray();
        var record = new byte[body.Length + 16];
        BinaryPrimitives.WriteInt64LittleEndian(record, body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Checksum(record.AsSpan(0, 8)));
        body.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + body.Length), Checksum(body));
        return record;
    }

    /// <summary>CRC-32C, turned and shifted so that a checksum of data with checksums in it is as good.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + 0xA282EAD8u;
    }

    /// <summary>A message of protocol buffers in the making.</summary>
    private sealed class Message
    {
        private readonly List<byte> _bytes = [];

        private enum Wire
        {
            Varint = 0, Fixed64 = 1, Delimited = 2, Fixed32 = 5,
        }

        public static Message Event(double seconds)
        {
            var message = new Message();
            message.Tag(1, Wire.Fixed64);
            message._bytes.AddRange(BitConverter.GetBytes(seconds));
            return message;
        }

        public Message Whole(int field, long value)
        {
            Tag(field, Wire.Varint);
            return Varint((ulong)value);
        }

        public Message Float(int field, float value)
        {
            Tag(field, Wire.Fixed32);
            _bytes.AddRange(BitConverter.GetBytes(value));
            return this;
        }

        public Message Text(int field, string text) => Delimited(field, Encoding.UTF8.GetBytes(text));

        public Message Nested(int field, Message message) => Delimited(field, message.ToArray());

        public byte[] ToArray() => [.. _bytes];

        private Message Delimited(int field, byte[] bytes)
        {
            Tag(field, Wire.Delimited);
            Varint((ulong)bytes.Length);
            _bytes.AddRange(bytes);
            return this;
        }

        private void Tag(int field, Wire wire) => Varint(((ulong)field << 3) | (ulong)wire);

        private Message Varint(ulong value)
        {
            for (; value > 0x7F; value >>= 7)
                _bytes.Add((byte)(value | 0x80));
            _bytes.Add((byte)value);
            return this;
        }
    }
}
