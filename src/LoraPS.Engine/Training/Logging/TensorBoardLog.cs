using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;
using LoraPS.Engine.Runtime;
using Tensorboard;

namespace LoraPS.Engine.Training.Logging;

/// <summary>A file of events that TensorBoard shows as curves.</summary>
/// <remarks>
/// The format of TensorFlow: records of a length, its checksum, an Event message of protocol buffers, and its checksum
/// (tensorflow/core/lib/io/record_writer.h, core/util/event.proto). The messages are TorchSharp's; its SummaryWriter, which
/// would write them, is not used, see docs/architecture.md. Tags as sd-scripts 48d368fa names them.
/// </remarks>
/// <param name="stream">Where it goes; owned.</param>
/// <param name="clock">Dates the events.</param>
internal sealed class TensorBoardLog(Stream stream, TimeProvider clock) : RunLog(stream)
{
    private const string Version = "brain.Event:2";

    /// <inheritdoc/>
    protected override byte[] Format(EngineEvent value) => value switch
    {
        RunStartedEvent => Record(new() { FileVersion = Version }),
        TrainingStepEvent { Step: var s } => Scalars(
            s.Step, ("loss/current", s.Loss), ("loss/average", s.AverageLoss), ("norm/gradient", s.GradientNorm), ("lr", s.LearningRate)),
        EpochEvent e => Scalars(e.Epoch, ("loss/epoch_average", e.AverageLoss)),
        ValidationEvent e => Scalars(e.Step, ("loss/validation/average", e.Loss), ("loss/validation/divergence", e.Divergence)),
        _ => [],
    };

    private byte[] Scalars(int step, params IEnumerable<(string Tag, double Value)> scalars)
    {
        var summary = new Summary();
        summary.Value.Add(scalars.Select(scalar => new Summary.Types.Value { Tag = scalar.Tag, SimpleValue = (float)scalar.Value }));
        return Record(new() { Step = step, Summary = summary });
    }

    private byte[] Record(Event message)
    {
        message.WallTime = clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        var body = message.ToByteArray();
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
}
