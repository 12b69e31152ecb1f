using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Sampling;
using SkiaSharp;
using TorchSharp;

namespace LoraPS.Engine.Tests.Sampling;

public sealed class ImageGeneratorTests : IDisposable
{
    private readonly PictureCase _case = new();

    [Fact]
    public void A_picture_follows_from_its_seed_alone()
    {
        var three = _case.Make(PictureCase.Options with { Count = 3 });
        var alone = _case.Make(PictureCase.Options with { Seed = 6, DestinationPath = "alone.png" }).Single();

        Assert.Equal(["5.png", "6.png", "7.png"], three.Select(image => Path.GetFileName(image.Path)));
        Assert.Equal(File.ReadAllBytes(three[1].Path), File.ReadAllBytes(alone.Path));
        Assert.NotEqual(Pixels(three[0]), Pixels(three[1]));
    }

    [Fact]
    public void It_has_the_size_asked_for_and_says_how_it_was_made()
    {
        var image = _case.Make(PictureCase.Options with { Width = 128, ClipSkip = 2 }).Single();

        using var picture = SKBitmap.Decode(image.Path);
        Assert.Equal((128, 64), (picture.Width, picture.Height));
        Assert.Equal(
            "a zorb\nNegative prompt: grey\nSteps: 3, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 128x64, Model: tiny, Clip skip: 2, Version: LoraPS",
            PngPicture.ReadText(image.Path, "parameters"));
    }

    [Fact]
    public void The_prompts_count()
    {
        var first = Pixels(_case.Make(PictureCase.Options).Single());

        Assert.NotEqual(first, Pixels(_case.Make(PictureCase.Options with { Prompt = "a car", Overwrite = true }).Single()));
        Assert.NotEqual(first, Pixels(_case.Make(PictureCase.Options with { NegativePrompt = "", Overwrite = true }).Single()));
    }

    [Fact]
    public void At_scale_one_the_negative_prompt_does_not_count()
    {
        var options = PictureCase.Options with { GuidanceScale = 1 };
        var first = Pixels(_case.Make(options).Single());

        Assert.Equal(first, Pixels(_case.Make(options with { NegativePrompt = "blue", Overwrite = true }).Single()));
    }

    [Fact]
    public void Words_may_carry_weights()
    {
        var first = Pixels(_case.Make(PictureCase.Options).Single());

        Assert.Equal(first, Pixels(_case.Make(PictureCase.Options with { Prompt = "a (zorb:1.0)", Overwrite = true }).Single()));
        Assert.NotEqual(first, Pixels(_case.Make(PictureCase.Options with { Prompt = "a (zorb:1.5)", Overwrite = true }).Single()));
    }

    [Fact]
    public void A_prompt_of_more_than_75_tokens_is_read_to_its_end()
    {
        var words = string.Join(' ', Enumerable.Repeat("zorb", 80));
        var first = Pixels(_case.Make(PictureCase.Options with { Prompt = words }).Single());

        Assert.NotEqual(first, Pixels(_case.Make(PictureCase.Options with { Prompt = words + " car", Overwrite = true }).Single()));
    }

    [Fact]
    public void LoRAs_at_work_make_the_pictures_of_the_merged_model()
    {
        LoraSource[] loras = [new(_case.WriteLora("a.safetensors", 1), 0.7), new(_case.WriteLora("b.safetensors", 2), -0.4, BlockWeights.Parse("MID=0,IN01=2"))];
        CheckpointFuser.Merge(PictureCase.Model, loras, _case.File("merged"), new() { SaveDType = SafetensorsDType.F32 });
        // Smaller pictures are too small for the tiny model's norms (see AttachedLorasTests).
        var options = PictureCase.Options with { Width = 128, Height = 128 };
        var plain = Pixels(_case.Make(options).Single());

        var attached = Pixels(_case.Make(options with { Loras = loras, DestinationPath = "attached.png" }).Single());
        var merged = Pixels(_case.Make(options with { DestinationPath = "merged.png" }, _case.File("merged")).Single());

        Assert.InRange(attached.Zip(merged, (a, b) => Math.Abs(a - b)).Max(), 0, 1);
        Assert.True(plain.Zip(merged, (a, b) => Math.Abs(a - b)).Max() > 8);
    }

    [Fact]
    public void A_LoRA_without_weight_changes_nothing()
    {
        var lora = _case.WriteLora("a.safetensors", 1);
        var plain = Pixels(_case.Make(PictureCase.Options).Single());

        Assert.Equal(plain, Pixels(_case.Make(PictureCase.Options with { Loras = [new(lora, 0)], Overwrite = true }).Single()));
        Assert.Equal(plain, Pixels(_case.Make(PictureCase.Options with { Loras = [new(lora, 1, BlockWeights.FromList(new double[26]))], Overwrite = true }).Single()));
    }

    [Fact]
    public void A_LoRA_of_another_model_is_refused()
    {
        var lora = TestFiles.Fixture("lora/lierla_init.safetensors");

        var error = Assert.ThrowsAny<EngineException>(() => _case.Make(PictureCase.Options with { Loras = [new(lora)] }));

        Assert.Equal("LoraModelMismatch", error.ErrorId);
        Assert.Empty(_case.Entries);
    }

    [Fact]
    public void A_picture_that_exists_is_kept()
    {
        var path = _case.Make(PictureCase.Options).Single().Path;
        File.WriteAllText(path, "mine");

        Assert.Throws<DestinationExistsException>(() => _case.Make(PictureCase.Options with { Seed = 4, Count = 2 }));
        Assert.Equal("mine", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void A_run_can_be_stopped_between_steps()
    {
        using var stop = new CancellationTokenSource();
        var options = PictureCase.Options with { DestinationPath = _case.File("stopped"), Count = 2 };


        Assert.ThrowsAny<OperationCanceledException>(() => ImageGenerator.Generate(PictureCase.Model, options, new StopAtFirst(stop), stop.Token));
        Assert.Equal(["5.png"], Directory.GetFiles(_case.File("stopped")).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(60, 64)]
    [InlineData(64, 32)]
    public void A_size_the_model_cannot_make_is_refused_with_the_unit(int width, int height) =>
        Assert.Contains("64", Assert.Throws<ArgumentException>(() => _case.Make(PictureCase.Options with { Width = width, Height = height })).Message, StringComparison.Ordinal);

    [Fact]
    public void Several_pictures_do_not_fit_one_file() =>
        Assert.Throws<ArgumentException>(() => _case.Make(PictureCase.Options with { Count = 2, DestinationPath = "one.png" }));

    [Fact]
    public void No_tensor_is_left_behind()
    {
        var lora = _case.WriteLora("a.safetensors", 1);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        _case.Make(PictureCase.Options with { Loras = [new(lora)] });

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    public void Dispose() => _case.Dispose();

    private static int[] Pixels(GeneratedImage image)
    {
        using var picture = SKBitmap.Decode(image.Path);
        return [.. picture.Pixels.SelectMany(pixel => new int[] { pixel.Red, pixel.Green, pixel.Blue })];
    }

    private sealed class StopAtFirst(CancellationTokenSource stop) : IProgress<EngineEvent>
    {
        public void Report(EngineEvent value)
        {
            if (value is ImageMadeEvent)
                stop.Cancel();
        }
    }
}
