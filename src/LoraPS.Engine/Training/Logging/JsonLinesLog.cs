using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training.Logging;

/// <summary>A log of one JSON object a line: <c>event</c>, <c>time</c>, and what the event has to say.</summary>
/// <remarks>
/// Events: settings (the first line of each part of a run, with a hash of the settings that decide its numbers), dataset, step, epoch,
/// validation, saved, sample, warning, finished, stopped, failed. A number that is not finite is written as text ("NaN").
/// </remarks>
/// <param name="stream">Where it goes; owned. Lines are added at its end.</param>
/// <param name="clock">Dates the lines.</param>
internal sealed class JsonLinesLog(Stream stream, TimeProvider clock) : RunLog(stream)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // A disk that was full, or a crash of the machine, may have left half a line; it must not spoil the next one.
    private readonly bool _isTorn = stream is FileStream { Name: var path } && EndsInMidLine(path);
    private readonly List<byte> _early = [];
    private bool _hasBegun;

    /// <inheritdoc/>
    protected override byte[] Format(EngineEvent value)
    {
        object? line = value switch
        {
            RunStartedEvent e => new { Event = "settings", Time = Now, e.Hash, e.Settings, e.Seed, e.Steps, e.Epochs, e.FirstStep },
            RunPicturesEvent e => new { Event = "dataset", Time = Now, e.Pictures },
            TrainingStepEvent { Step: var s } => new
            {
                Event = "step", Time = Now, s.Step, s.Epoch, s.Loss, s.AverageLoss, s.GradientNorm, s.LearningRate, Seconds = s.Duration.TotalSeconds,
            },
            EpochEvent e => new { Event = "epoch", Time = Now, e.Epoch, e.Step, e.AverageLoss },
            ValidationEvent e => new { Event = "validation", Time = Now, e.Step, e.Epoch, e.Loss, e.Divergence },
            LoraSavedEvent e => new { Event = "saved", Time = Now, e.Path, e.Step, e.Epoch },
            SampleMadeEvent e => new { Event = "sample", Time = Now, e.Image.Path, e.Step, e.Epoch, e.Image.Prompt, e.Image.Seed },
            WarningEvent e => new { Event = "warning", Time = Now, e.Id, e.Message },
            RunFinishedEvent { Result: var r } => new { Event = "finished", Time = Now, r.Path, r.Steps, r.AverageLoss, r.ValidationLoss, Seconds = r.Duration.TotalSeconds },
            RunFailedEvent { Error: TrainingStoppedException e } => new { Event = "stopped", Time = Now, e.Step, e.LoraPath, e.StatePath },
            RunFailedEvent { Error: var e } => new { Event = "failed", Time = Now, Error = (e as EngineException)?.ErrorId ?? e.GetType().Name, e.Message },
            _ => null,
        };
        return line is null ? [] : Ordered(value, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(line, Json) + "\n"));
    }

    private string Now => clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Keeps what is told before the settings until they are there, because theirs is the first line.</summary>
    private byte[] Ordered(EngineEvent value, byte[] line)
    {
        if (_hasBegun)
            return line;
        if (value is RunFailedEvent)
            return First(line);
        if (value is not RunStartedEvent)
        {
            _early.AddRange(line);
            return [];
        }

        _hasBegun = true;
        return [.. First(line), .. _early];
    }

    private byte[] First(byte[] line) => _isTorn ? [(byte)'\n', .. line] : line;

    private static bool EndsInMidLine(string path)
    {
        if (!File.Exists(path))
            return false;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length == 0)
            return false;
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() != '\n';
    }
}
