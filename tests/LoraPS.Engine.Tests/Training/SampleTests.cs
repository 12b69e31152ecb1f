using LoraPS.Engine.Data.Configuration;
using LoraPS.Engine.Diffusion;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Sampling;
using LoraPS.Engine.Tests.Models;
using LoraPS.Engine.Tests.Models.Clip;
using LoraPS.Engine.Training;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

/// <summary>Pictures that a run makes on the way.</summary>
public sealed class SampleTests : IDisposable
{
    private static readonly SampleOptions Samples = new()
    {
        Prompts = ["a (circle:1.2) --n grey --w 32 --h 64 --d 7 --s 2 --l 3 --ss euler_a", "a circle --w 32 --h 32 --s 1"], EverySteps = 2, EveryEpochs = 3, AtFirst = true,
    };

    private readonly TrainingFolder _folder = new();
    private readonly EventList _events = [];

    [Fact]
    public void Pictures_are_named_after_steps_and_told_of_and_change_nothing_that_is_trained()
    {
        var options = RandomRun.Options(_folder["cat.safetensors"]);
        Train(options);
        var plain = File.ReadAllBytes(options.DestinationPath);
        var result = Train(options with { Samples = Samples, Overwrite = true, LogPath = _folder["log.jsonl"] });
        Assert.Equal(plain, File.ReadAllBytes(options.DestinationPath));

        // Seven steps of two an epoch: after 2, 4, 6, after the third epoch, which is 6 again, and before the first.
        string[] names = [.. new[] { 0, 2, 4, 6 }.SelectMany(step => new[] { $"sample/cat-step0000000{step}-00.png", $"sample/cat-step0000000{step}-01.png" })];
        Assert.Equal(names.Select(name => _folder[name]), result.SamplePaths);
        Assert.Equal(names.Select(name => Path.GetFileName(name)), Directory.GetFiles(_folder["sample"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        var told = _events.OfType<SampleMadeEvent>().ToList();
        Assert.Equal([(0, 1), (0, 1), (2, 1), (2, 1), (4, 2), (4, 2), (6, 3), (6, 3)], told.Select(e => (e.Step, e.Epoch)));
        Assert.Equal((7L, 2L), (told[0].Image.Seed, told[1].Image.Seed));
        Assert.Equal((32, 64, 2, 3, "Euler a", "DDIM"), (told[0].Image.Width, told[0].Image.Height, told[0].Image.Steps, told[0].Image.GuidanceScale, told[0].Image.Sampler, told[1].Image.Sampler));
        Assert.StartsWith("a (circle:1.2)\nNegative prompt: grey\nSteps: 2, Sampler: Euler a, CFG scale: 3, Seed: 7", PngPicture.ReadText(told[0].Image.Path, "parameters"), StringComparison.Ordinal);
        Assert.Equal(8, File.ReadLines(_folder["log.jsonl"]).Count(line => line.Contains("\"event\":\"sample\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_run_with_pictures_that_was_stopped_and_taken_up_ends_with_the_same_bytes()
    {
        var options = RandomRun.Options(_folder["cat.safetensors"]) with { Samples = Samples, Overwrite = true };
        Train(options);
        var (whole, picture) = (File.ReadAllBytes(options.DestinationPath), File.ReadAllBytes(_folder["sample/cat-step00000006-00.png"]));
        using var stop = new CancellationTokenSource();
        var stopped = Assert.Throws<TrainingStoppedException>(() => LoraTrainer.Train(_folder.Model, RandomRun.Dataset(_folder.Pictures), options, new CancelAtFirstSample(2, stop), stop.Token));
        Assert.Equal(2, stopped.Step);
        Train(options with { ResumePath = stopped.StatePath });
        Assert.Equal(whole, File.ReadAllBytes(options.DestinationPath));
        Assert.Equal(picture, File.ReadAllBytes(_folder["sample/cat-step00000006-00.png"]));
    }

    [Fact]
    public void They_show_the_model_with_the_LoRA_as_it_is_then()
    {
        var options = _folder.Options() with { LearningRate = 0.05, MaxTrainSteps = 2, Samples = Samples with { Prompts = [Samples.Prompts[0]], EverySteps = 2 } };
        var result = Train(options);
        var image = new ImageOptions
        {
            Prompt = "a (circle:1.2)", NegativePrompt = "grey", Width = 32, Height = 64, Seed = 7, Steps = 2, GuidanceScale = 3, Sampler = "Euler a", DestinationPath = _folder["plain.png"],
        };
        ImageGenerator.Generate(_folder.Model, image);
        ImageGenerator.Generate(_folder.Model, image with { Loras = [new LoraSource(result.Path)], DestinationPath = _folder["lora.png"] });
        // Attached here and there by other arithmetic.
        Assert.Equal(0, Difference(_folder["plain.png"], result.SamplePaths[0]));
        Assert.InRange(Difference(_folder["lora.png"], result.SamplePaths[1]), 0, 2);
        Assert.True(Difference(_folder["plain.png"], result.SamplePaths[1]) > 4);
    }

    [Theory]
    [InlineData(TrainingPrecision.FullBf16)]
    [InlineData(TrainingPrecision.MixedFp16)]
    public void They_are_made_in_half_precision_too_and_leave_no_tensor_behind(TrainingPrecision precision)
    {
        var options = _folder.Options() with { Precision = precision, GradientCheckpointing = true, MaxTrainSteps = 1, Samples = Samples with { Prompts = [Samples.Prompts[1]], EverySteps = 1 } };
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Assert.Equal(2, Train(options).SamplePaths.Count);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.DoesNotContain(_events, e => e is WarningEvent);
    }

    [Fact]
    public void A_picture_that_cannot_be_made_does_not_cost_the_run()
    {
        File.WriteAllText(_folder["sample"], "in the way");
        var result = Train(_folder.Options() with { MaxTrainSteps = 2, Samples = Samples with { AtFirst = false } });
        Assert.Empty(result.SamplePaths);
        Assert.Equal(["SampleFailed", "SampleFailed"], _events.OfType<WarningEvent>().Select(e => e.Id));
        Assert.True(File.Exists(result.Path));
    }

    [Fact]
    public void Pictures_that_are_there_are_replaced_only_where_that_was_said()
    {
        Directory.CreateDirectory(_folder["sample"]);
        File.WriteAllText(_folder["sample/cat-step00000004-01.png"], "mine");
        Assert.Throws<Engine.Formats.DestinationExistsException>(() => Train(_folder.Options() with { Samples = Samples }));
        Assert.Equal("mine", File.ReadAllText(_folder["sample/cat-step00000004-01.png"]));
    }

    [Theory]
    [InlineData("a cat --q 3", "--q, which is not known")]
    [InlineData("a cat --w big", "'big' where a whole number")]
    [InlineData("a cat --s 1001", "from 1 to 1000")]
    [InlineData("a cat --l much", "'much' where a number")]
    [InlineData("a cat --ss pndm", "no sampler 'pndm'")]
    [InlineData("a cat --w 36", "multiples of")]
    public void What_cannot_be_done_is_refused_before_the_model_loads(string prompt, string message)
    {
        var options = _folder.Options() with { Samples = new() { Prompts = [prompt], EverySteps = 1 } };
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => Train(options)).Message, StringComparison.Ordinal);
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => LoraTrainer.Plan(_folder.Model, _folder.Dataset(), options)).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_events, e => e is ProgressEvent);
    }

    [Fact]
    public void Prompts_need_a_time_and_times_need_a_prompt()
    {
        Assert.Throws<ArgumentException>(() => Train(_folder.Options() with { Samples = new() { Prompts = ["a cat"] } }));
        Assert.Throws<ArgumentException>(() => Train(_folder.Options() with { Samples = new() { EverySteps = 1 } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Train(_folder.Options() with { Samples = Samples with { EveryEpochs = 0 } }));
    }

    [Theory]
    [InlineData("txt", "# comment\n\na cat --n dog --w 64 --s 5 \n a dog\n")]
    [InlineData("toml", "[prompt]\nwidth = 64\n[[prompt.subset]]\nprompt = \"a cat\"\nnegative_prompt = \"dog\"\nsample_steps = 5\n[[prompt.subset]]\nprompt = \"a dog\"\n")]
    [InlineData("json", "[{\"prompt\": \"a cat\", \"negative_prompt\": \"dog\", \"width\": 64, \"sample_steps\": 5}, {\"prompt\": \"a dog\"}]")]
    public void Prompt_files_of_the_reference_are_read(string extension, string text)
    {
        var path = _folder[$"prompts.{extension}"];
        File.WriteAllText(path, text);
        var prompts = SamplePromptFile.Read(path).Select(SamplePrompt.Parse).ToList();
        Assert.Equal(new SamplePrompt("a cat") { NegativePrompt = "dog", Width = 64, Steps = 5 }, prompts[0]);
        Assert.Equal("a dog", prompts[1].Prompt);
        Assert.Throws<ConfigFileNotFoundException>(() => SamplePromptFile.Read(_folder[$"none.{extension}"]));
    }

    [Theory]
    [InlineData("toml", "[prompt]\nwidth = 64")]
    [InlineData("toml", "[[prompt.subset]]\nprompt = \"a\"\ncolour = 1")]
    [InlineData("json", "[{\"width\": 64}]")]
    [InlineData("json", "not json")]
    public void A_prompt_file_that_cannot_be_understood_is_refused(string extension, string text)
    {
        File.WriteAllText(_folder[$"prompts.{extension}"], text);
        Assert.Throws<TrainingPromptException>(() => SamplePromptFile.Read(_folder[$"prompts.{extension}"]));
    }

    /// <summary>Whatever the U-Net says, taken for noise o gives x - σo, and taken for a velocity √ᾱ(√ᾱx) - √(1-ᾱ)o.</summary>
    [Fact]
    public void A_velocity_leads_to_the_clean_latents_too()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var model = TinyModels.Sd1();
        using var schedule = new NoiseSchedule();
        var sigmas = new SigmaSchedule(schedule);
        const double sigma = 1.5;
        var sample = new CounterRandom(1, RandomPurpose.Noise).Normal([1, 4, 8, 8]);
        var states = new CounterRandom(2, RandomPurpose.Noise).Normal([1, 77, model.UNet.Config.CrossAttentionDim]);
        var ofNoise = new GuidedDenoiser(model.UNet, sigmas, states, states, 1).Denoise(sample, sigma);
        var ofVelocity = new GuidedDenoiser(model.UNet, sigmas, states, states, 1, predictsVelocity: true).Denoise(sample, sigma);
        var said = (sample - ofNoise).DividedBy(sigma);
        var signal = 1 / Math.Sqrt(1 + (sigma * sigma));
        var expected = sample.Times(signal * signal) - said.Times(sigma * signal);
        Assert.True((expected - ofVelocity).abs().max().item<float>() < 1e-5);
    }

    public void Dispose() => _folder.Dispose();

    private TrainingResult Train(TrainingOptions options) => LoraTrainer.Train(_folder.Model, RandomRun.Dataset(_folder.Pictures), options, _events);

    /// <summary>Largest difference of two pictures in any channel, 0 to 255.</summary>
    private static int Difference(string one, string other)
    {
        using SKBitmap a = SKBitmap.Decode(one), b = SKBitmap.Decode(other);
        return a.Bytes.Zip(b.Bytes, (x, y) => Math.Abs(x - y)).Max();
    }

    private sealed class CancelAtFirstSample(int step, CancellationTokenSource stop) : IProgress<EngineEvent>
    {
        public void Report(EngineEvent value)
        {
            if (value is SampleMadeEvent made && made.Step == step)
                stop.Cancel();
        }
    }
}
