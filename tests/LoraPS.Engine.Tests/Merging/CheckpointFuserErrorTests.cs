using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

public sealed class CheckpointFuserErrorTests : IDisposable
{
    private const string ToQ = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";

    private readonly FuseCase _case = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public CheckpointFuserErrorTests() => File.WriteAllText(_case.Destination, "old");

    public void Dispose()
    {
        _scope.Dispose();
        _case.Dispose();
    }

    [Fact]
    public void A_LoRA_without_a_module_of_the_model_is_refused_and_both_families_are_named()
    {
        var lora = _case.WriteLora("xl.safetensors", "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k", ones(1, 2048), ones(640, 1));
        var e = Refused<LoraModelMismatchException>(new LoraSource(lora));
        Assert.Equal("LoraModelMismatch", e.ErrorId);
        Assert.Contains("Stable Diffusion XL", e.Message, StringComparison.Ordinal);
        Assert.Contains("lora_unet_input_blocks_4_1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_LoRA_of_another_family_is_refused_before_its_shapes_are_looked_at()
    {
        const string module = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";
        var model = _case.Write("model.safetensors", (FuseCase.Prefix + "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight", ones(8, 768)));
        var lora = _case.WriteLora("sd2.safetensors", module, ones(1, 1024), ones(8, 1));
        var e = Refused<LoraModelMismatchException>(model, new LoraSource(lora));
        Assert.Contains("Stable Diffusion 2", e.Message, StringComparison.Ordinal);
        Assert.Contains("Stable Diffusion 1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shape_that_does_not_fit_is_told_with_what_was_expected_and_found()
    {
        var lora = _case.WriteLora("wide.safetensors", ToQ, ones(1, 48), ones(32, 1));
        var e = Refused<LoraModelMismatchException>(new LoraSource(lora));
        Assert.Contains($"{ToQ} changes a weight of [32, 48]", e.Message, StringComparison.Ordinal);
        Assert.Contains("F16 [32, 32]", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Numbers_that_are_not_finite_are_never_merged(float value)
    {
        var lora = _case.WriteLora("broken.safetensors", ToQ, ones(1, 32), full([32, 1], value));
        var e = Refused<LoraMergeException>(new LoraSource(lora));
        Assert.Equal("LoraNotFinite", e.ErrorId);
        Assert.Contains(ToQ, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_its_type_cannot_hold_is_refused()
    {
        var lora = _case.WriteLora("strong.safetensors", ToQ, ones(1, 32), ones(32, 1));
        var e = Refused<LoraMergeException>(new LoraSource(lora, 1e6));
        Assert.Equal("MergedWeightNotFinite", e.ErrorId);
        Assert.Contains("F16", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dora_scale", "DoRA")]
    [InlineData("lora_mid.weight", "Tucker")]
    public void Kinds_that_would_be_merged_wrongly_are_named(string suffix, string kind)
    {
        var lora = _case.Write(
            "other.safetensors", ($"{ToQ}.lora_down.weight", ones(1, 32)), ($"{ToQ}.lora_up.weight", ones(32, 1)), ($"{ToQ}.{suffix}", ones(32, 1)));
        Assert.Contains(kind, Refused<UnrecognisedLoraException>(new LoraSource(lora)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_exists_is_replaced_only_when_asked()
    {
        var e = Assert.Throws<DestinationExistsException>(() => _case.Merge(new LoraSource(FuseCase.C3Lier)));
        Assert.Equal("DestinationExists", e.ErrorId);
        AssertUntouched();
    }

    [Fact]
    public void A_missing_model_and_a_missing_LoRA_have_errors_of_their_own()
    {
        var source = new LoraSource(FuseCase.C3Lier);
        Assert.Equal("ModelNotFound", Refused<MissingFileException>(_case.File("none.safetensors"), source).ErrorId);
        Assert.Equal("LoraFileNotFound", Refused<MissingFileException>(new LoraSource(_case.File("none.safetensors"))).ErrorId);
    }

    [Fact]
    public void A_truncated_model_is_refused()
    {
        var model = _case.File("cut.safetensors");
        File.WriteAllBytes(model, File.ReadAllBytes(FuseCase.Model)[..^1]);
        Assert.Equal(SafetensorsProblem.IncompleteBuffer, Refused<SafetensorsFormatException>(model, new LoraSource(FuseCase.C3Lier)).Problem);
    }

    [Fact]
    public void Arguments_that_cannot_be_are_refused()
    {
        Refused<ArgumentException>();
        Refused<ArgumentException>(new LoraSource(FuseCase.C3Lier, double.NaN));
        var options = new CheckpointFuseOptions { SaveDType = SafetensorsDType.I8 };
        Assert.Throws<ArgumentException>(() => CheckpointFuser.Merge(FuseCase.Model, [new(FuseCase.C3Lier)], _case.File("new.safetensors"), options));
        Assert.Throws<DestinationFormatException>(() => CheckpointFuser.Merge(FuseCase.Model, [new(FuseCase.C3Lier)], _case.File("new.ckpt"), new()));
    }

    [Fact]
    public void A_cancelled_merge_leaves_nothing_behind()
    {
        using var stop = new CancellationTokenSource();
        var progress = new StopAtHalf(stop);
        Assert.ThrowsAny<OperationCanceledException>(() => CheckpointFuser.Merge(
            FuseCase.Model, [new(FuseCase.C3Lier)], _case.Destination, new() { Overwrite = true }, progress, stop.Token));
        Assert.InRange(progress.Last, 0.5, 0.6);
        AssertUntouched();
    }

    private T Refused<T>(params LoraSource[] loras)
        where T : Exception => Refused<T>(FuseCase.Model, loras);

    private T Refused<T>(string model, params LoraSource[] loras)
        where T : Exception
    {
        var e = Assert.ThrowsAny<T>(() => _case.Merge(model, new() { Overwrite = true }, loras));
        AssertUntouched();
        return e;
    }

    private void AssertUntouched()
    {
        Assert.Equal("old", File.ReadAllText(_case.Destination));
        Assert.DoesNotContain(_case.Entries, name => name.EndsWith(".tmp", StringComparison.Ordinal));
    }

    private sealed class StopAtHalf(CancellationTokenSource stop) : IProgress<EngineEvent>
    {
        public double Last { get; private set; }

        public void Report(EngineEvent value)
        {
            Last = value is ProgressEvent progress ? progress.Fraction : Last;
            if (Last >= 0.5)
                stop.Cancel();
        }
    }
}
