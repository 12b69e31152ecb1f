using System.Text.Json;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Tests.Models.Clip;
using LoraPS.Engine.Training;
using Tensorboard;

namespace LoraPS.Engine.Tests.Training;

/// <summary>What a run writes down while it goes on.</summary>
public sealed class RunLogTests : IDisposable
{
    private readonly TrainingFolder _folder = new();
    private readonly EventList _events = [];

    [Fact]
    public void Every_step_epoch_and_file_is_a_line_and_the_settings_are_the_first()
    {
        Train(_folder.Options() with { SaveEverySteps = 2 });
        var lines = Lines();
        Assert.Equal(
            ["settings", "dataset", "step", "step", "saved", "epoch", "step", "step", "saved", "epoch", "step", "epoch", "saved", "finished"],
            lines.Select(line => line.GetProperty("event").GetString()));
        var settings = lines[0].GetProperty("settings").EnumerateObject().ToDictionary(setting => setting.Name, setting => setting.Value.GetString()!);
        Assert.Equal(_events.OfType<RunStartedEvent>().Single().Settings, settings);
        Assert.Matches("^[0-9a-f]{64}$", lines[0].GetProperty("hash").GetString());
        Assert.Equal("0.001", settings["UNetLearningRate"]);
        var told = _events.OfType<TrainingStepEvent>().Select(e => e.Step).ToList();
        var written = lines.Where(line => line.GetProperty("event").GetString() == "step").ToList();
        Assert.Equal(told.Select(step => step.Loss), written.Select(line => line.GetProperty("loss").GetDouble()));
        Assert.Equal(told.Select(step => step.LearningRate), written.Select(line => line.GetProperty("learningRate").GetDouble()));
        Assert.All(lines, line => Assert.Equal("2026-01-01T00:00:00.000Z", line.GetProperty("time").GetString()));
    }

    [Fact]
    public void A_run_taken_up_goes_on_in_the_same_file()
    {
        using var stop = new CancellationTokenSource();
        Assert.Throws<TrainingStoppedException>(() => LoraTrainer.Train(
            _folder.Model, _folder.Dataset(), Logged(_folder.Options()), new StopAtFirstStep(stop), stop.Token));
        Train(_folder.Options() with { ResumePath = _folder["cat.state.safetensors"] });
        var lines = Lines();
        Assert.Equal(
            ["settings", "dataset", "step", "saved", "stopped", "settings", "dataset", "step", "epoch", "step", "step", "epoch", "step", "epoch", "saved", "finished"],
            lines.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal(lines[0].GetProperty("hash").GetString(), lines[5].GetProperty("hash").GetString());
        Assert.Equal((0, 1), (lines[0].GetProperty("firstStep").GetInt32(), lines[5].GetProperty("firstStep").GetInt32()));
    }

    [Fact]
    public void Warnings_and_the_error_that_ends_a_run_are_lines_too()
    {
        _folder.ChangeModel("unet/diffusion_pytorch_model.safetensors", tensors => tensors["conv_out.bias"].fill_(float.NaN));
        var path = Path.Combine(_folder.Pictures, "2.png");
        var dataset = _folder.Dataset();
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..100]);
        Assert.Throws<NonFiniteLossException>(() => LoraTrainer.Train(_folder.Model, dataset, Logged(_folder.Options()), _events));
        var lines = Lines();
        Assert.Equal(["settings", "warning", "dataset", "failed"], lines.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal("ImageUnreadable", lines[1].GetProperty("id").GetString());
        Assert.Equal("LossNotFinite", lines[3].GetProperty("error").GetString());
    }

    [Fact]
    public void A_log_that_cannot_be_opened_ends_the_run_before_it_begins()
    {
        Assert.Throws<WriteFailedException>(() => Train(_folder.Options() with { LogPath = _folder.Pictures }));
        Assert.DoesNotContain("cat.safetensors", _folder.Entries);
    }

    /// <summary>Read back with the message classes that TorchSharp carries.</summary>
    [Fact]
    public void TensorBoard_reads_its_curves()
    {
        LoraTrainer.Train(_folder.Model, _folder.Dataset(), _folder.Options() with { TensorBoardPath = _folder["board"] }, _events);
        var file = Assert.Single(Directory.EnumerateFiles(_folder["board/cat-20260101000000"]));
        Assert.StartsWith("events.out.tfevents.", Path.GetFileName(file), StringComparison.Ordinal);
        var events = Records(File.ReadAllBytes(file)).Select(Event.Parser.ParseFrom).ToList();
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.All(events, e => Assert.Equal(1767225600, e.WallTime));
        var curve = events.Where(e => e.Summary is not null)
            .SelectMany(e => e.Summary.Value.Select(value => (e.Step, value.Tag, value.SimpleValue)))
            .Where(point => point.Tag == "loss/current");
        Assert.Equal(
            _events.OfType<TrainingStepEvent>().Select(e => ((long)e.Step.Step, "loss/current", (float)e.Step.Loss)), curve);
    }

    /// <summary>Why TorchSharp's own writer is not used: when this fails, look whether it can be.</summary>
    [Fact]
    public void TorchSharps_writer_dates_the_beginning_of_a_file_in_ticks_instead_of_seconds()
    {
        TorchSharp.torch.utils.tensorboard.SummaryWriter(_folder["board"]).add_scalar("loss", 1, 1, walltime: 1767225600);
        var events = Records(File.ReadAllBytes(Directory.EnumerateFiles(_folder["board"]).Single())).Select(Event.Parser.ParseFrom).ToList();
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.True(events[0].WallTime > 6e17, $"{events[0].WallTime}");
        Assert.Equal(1767225600, events[1].WallTime);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Records of TensorFlow: length, checksum, data, checksum. The known checksum of eight zero bytes' length comes from its own writer.</summary>
    private static IEnumerable<byte[]> Records(byte[] file)
    {
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BitConverter.ToInt64(file, at);
            Assert.Equal(MaskedCrc(file.AsSpan(at, 8)), BitConverter.ToUInt32(file, at + 8));
            Assert.Equal(MaskedCrc(file.AsSpan(at + 12, length)), BitConverter.ToUInt32(file, at + 12 + length));
            yield return file[(at + 12)..(at + 12 + length)];
            at += length + 16;
        }
    }

    /// <summary>CRC-32C bit by bit (Castagnoli's polynomial), masked as TensorFlow does.</summary>
    private static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
        }

        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }

    private TrainingOptions Logged(TrainingOptions options) => options with { LogPath = options.LogPath ?? _folder["log.jsonl"] };

    private TrainingResult Train(TrainingOptions options) => LoraTrainer.Train(_folder.Model, _folder.Dataset(), Logged(options), _events);

    private List<JsonElement> Lines() => [.. File.ReadLines(_folder["log.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement.Clone())];

    private sealed class StopAtFirstStep(CancellationTokenSource stop) : IProgress<LoraPS.Engine.Runtime.EngineEvent>
    {
        public void Report(LoraPS.Engine.Runtime.EngineEvent value)
        {
            if (value is TrainingStepEvent)
                stop.Cancel();
        }
    }
}
