using LoraPS.Engine.Data;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Models.Clip;
using LoraPS.Engine.Training;
using LoraPS.Engine.Training.Optimizers;

namespace LoraPS.Engine.Tests.Training;

/// <summary>Whole runs with optimizers, schedules, losses and noise of all kinds.</summary>
public sealed class LearningRunTests : IDisposable
{
    private readonly TrainingFolder _folder = new();
    private readonly EventList _events = [];

    public static TheoryData<string> Optimizers => [.. OptimizerKinds.Names];

    private TrainingOptions Everything => _folder.Options() with
    {
        LrSchedule = new() { Name = "cosine_with_restarts", Warmup = 1, Cycles = 2 },
        Loss = new() { Kind = LossKind.Huber, MinSnrGamma = 5, DebiasedEstimation = true },
        Noise = new() { Offset = 0.1, OffsetRandomStrength = true, PyramidLevels = 3, InputPerturbation = 0.1, MinTimestep = 100, MaxTimestep = 900 },
        WeightedCaptions = true,
    };

    [Fact]
    public void The_rate_that_is_told_of_a_step_follows_the_schedule()
    {
        Train(_folder.Options() with { LrSchedule = new() { Name = "linear", Warmup = 0.4 } });
        Assert.Equal([0, 0.5e-3, 1e-3, 2e-3 / 3, 1e-3 / 3], Rates(), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Of_an_optimizer_that_finds_its_rate_what_it_found_is_told()
    {
        Train(_folder.Options() with { Optimizer = "Prodigy", OptimizerArgs = ["d0=1e-5"], LearningRate = 1 });
        var rates = Rates().ToList();
        // It begins at d0 and never falls.
        Assert.Equal(1e-5, rates[0], 1e-9);
        Assert.Equal(rates.Order(), rates);
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void A_run_that_was_stopped_and_taken_up_again_ends_with_the_same_bytes(string optimizer)
    {
        var options = Everything with { Optimizer = optimizer, LearningRate = OptimizerKinds.Find(optimizer).AdaptsRate ? 1 : 1e-3 };
        if (optimizer == "Adafactor")
            options = options with { LrSchedule = new() };
        var unbroken = Train(options with { DestinationPath = _folder["unbroken.safetensors"] }).Path;

        using var stop = new CancellationTokenSource();
        var events = new CallingEvents(engineEvent =>
        {
            if (engineEvent is TrainingStepEvent { Step.Step: 3 })
                stop.Cancel();
        });
        var stopped = Assert.Throws<TrainingStoppedException>(() => LoraTrainer.Train(_folder.Model, _folder.Dataset(), options, events, stop.Token));
        var resumed = Train(options with { ResumePath = stopped.StatePath, Overwrite = true }).Path;

        Assert.Equal(Tensors(unbroken), Tensors(resumed));
    }

    [Theory]
    [InlineData("AdamW8bit")]
    [InlineData("Adafactor")]
    [InlineData("Prodigy")]
    public void All_of_it_goes_together_with_half_precision(string optimizer)
    {
        var options = Everything with
        {
            Optimizer = optimizer, LearningRate = 1, LrSchedule = new(), MaxTrainSteps = 2, Precision = TrainingPrecision.FullBf16, VPrediction = true,
            Network = new() { TrainTextEncoder = false },
        };
        Train(options);
        Assert.All(_events.OfType<TrainingStepEvent>(), e => Assert.True(double.IsFinite(e.Step.Loss)));
    }

    [Fact]
    public void What_changes_numbers_must_be_the_same_when_a_run_is_taken_up_again()
    {
        using var stop = new CancellationTokenSource();
        var events = new CallingEvents(engineEvent =>
        {
            if (engineEvent is TrainingStepEvent)
                stop.Cancel();
        });
        var state = Assert.Throws<TrainingStoppedException>(() => LoraTrainer.Train(_folder.Model, _folder.Dataset(), Everything, events, stop.Token)).StatePath;
        var resumed = Everything with { ResumePath = state, Overwrite = true };
        (TrainingOptions Options, string Told)[] changed =
        [
            (resumed with { Optimizer = "Lion" }, "Optimizer was AdamW and is Lion"),
            (resumed with { OptimizerArgs = ["weight_decay=0.1"] }, "Optimizer.weight_decay was 0.01 and is 0.1"),
            (resumed with { LrSchedule = resumed.LrSchedule with { Cycles = 3 } }, "LrSchedule.Cycles was 2 and is 3"),
            (resumed with { Loss = resumed.Loss with { MinSnrGamma = 1 } }, "Loss.MinSnrGamma was 5 and is 1"),
            (resumed with { Noise = resumed.Noise with { Offset = 0 , OffsetRandomStrength = false } }, "Noise.Offset was 0.1 and is 0"),
            (resumed with { WeightedCaptions = false }, "WeightedCaptions was True and is False"),
            (resumed with { MaxTrainSteps = 7 }, "MaxTrainSteps was 5 and is 7"),
        ];
        foreach (var (options, told) in changed)
            Assert.Contains(told, Assert.Throws<ResumeMismatchException>(() => Train(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_seldom_meant_are_warned_of()
    {
        Train(_folder.Options() with { Optimizer = "Prodigy", LearningRate = 1e-4, MaxTrainSteps = 1, Noise = new() { ZeroTerminalSnr = true } });
        Train(_folder.Options("other.safetensors") with { Optimizer = "Adafactor", UNetLearningRate = 1e-4, MaxTrainSteps = 1 });
        Assert.Equal(["LearningRateLow", "ZeroTerminalSnrWithoutVPrediction", "LearningRateNotUsed"], _events.OfType<WarningEvent>().Select(warning => warning.Id));
    }

    [Fact]
    public void Pictures_that_are_wholly_transparent_teach_nothing()
    {
        Directory.CreateDirectory(_folder["pictures/masks"]);
        foreach (var picture in Directory.EnumerateFiles(_folder.Pictures, "*.png"))
            Data.DatasetFixture.WriteImage(Path.Combine(_folder["pictures/masks"], Path.GetFileName(picture)), Black());
        var dataset = _folder.Dataset(subset: new SubsetOptions { CaptionExtension = ".txt", MaskDirectory = _folder["pictures/masks"] });
        LoraTrainer.Train(_folder.Model, dataset, _folder.Options() with { MaxTrainSteps = 1 }, _events);
        Assert.Equal(0, _events.OfType<TrainingStepEvent>().Single().Step.Loss);
    }

    public void Dispose() => _folder.Dispose();

    private static SkiaSharp.SKBitmap Black()
    {
        var bitmap = new SkiaSharp.SKBitmap(8, 8);
        bitmap.Erase(SkiaSharp.SKColors.Black);
        return bitmap;
    }

    private TrainingResult Train(TrainingOptions options) => LoraTrainer.Train(_folder.Model, _folder.Dataset(), options, _events);

    private IEnumerable<double> Rates() => _events.OfType<TrainingStepEvent>().Select(e => e.Step.LearningRate);

    /// <summary>The bytes behind the header, which holds the file's name.</summary>
    private static byte[] Tensors(string path)
    {
        var bytes = File.ReadAllBytes(path);
        return bytes[(8 + BitConverter.ToInt32(bytes, 0))..];
    }

    private sealed class CallingEvents(Action<EngineEvent> call) : IProgress<EngineEvent>
    {
        public void Report(EngineEvent value) => call(value);
    }
}
