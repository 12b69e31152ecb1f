using System.Text;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Training;
using static TorchSharp.torch;

namespace LoraPS.Reliability.Fuzzing.Targets;

/// <summary>States of trainings.</summary>
internal sealed class TrainingStateTarget : FuzzTarget
{
    private static readonly Dictionary<string, string> Settings = new() { ["Rank"] = "4", ["Seed"] = "1" };

    public override string Name => "states";

    protected override IReadOnlyList<byte[]> Seeds { get; } = Utf8(
        "{\"Step\":3,\"Seed\":1,\"StartedAt\":\"2026-01-01T00:00:00+00:00\",\"Settings\":{\"Rank\":\"4\",\"Seed\":\"1\"},\"Losses\":[0.5,\"NaN\"]}");

    protected override IReadOnlyList<byte[]> Tokens { get; } = Utf8("\"Step\":", "\"Settings\":null", "\"Losses\":null", "null", "-5", "\"Infinity\"", "{\"a\":null}", "[null]");

    public override void Try(byte[] input, string folder)
    {
        var path = Path.Combine(folder, "x.safetensors");
        using var scope = NewDisposeScope();
        var memory = new Dictionary<string, Tensor> { ["a"] = zeros(2, 2) };
        SafetensorsWriter.Write(path, memory, new Dictionary<string, string> { ["loraps.state"] = Encoding.UTF8.GetString(input) });
        var state = TrainingState.Read(path);
        TrainingState.Restore(path, memory);
        state.ThrowIfDifferent(path, Settings, TrainingLength.From(new TrainingOptions { DestinationPath = "x" }, 4));
        _ = new LossAverage(state.Losses).Value;
    }
}
