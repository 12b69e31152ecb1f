using LoraPS.Engine.Formats.Torch;
using LoraPS.Engine.Inspection;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Merging.Conversion;
using LoraPS.Engine.Models;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Tests.Formats.Torch;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

/// <summary>Models and LoRAs in files of torch.save are the same models and LoRAs.</summary>
public sealed class PickledModelTests : IDisposable
{
    private readonly FuseCase _case = new();

    [Fact]
    public void A_merge_of_pickled_files_gives_the_bytes_of_one_of_safetensors()
    {
        var model = RawArchive.WriteCopy(_case.File("model.ckpt"), FuseCase.Model, wrapped: true);
        var lora = RawArchive.WriteCopy(_case.File("lora.pt"), FuseCase.C3Lier, wrapped: false);
        var pickled = CheckpointFuser.Merge(model, [new(lora, 0.8)], _case.File("pickled.safetensors"), new());
        var plain = _case.Merge(new LoraSource(FuseCase.C3Lier, 0.8));
        Assert.Equal(FuseCase.Bytes(plain.Path), FuseCase.Bytes(pickled.Path));
        Assert.Equal((plain.MergedModules, plain.TensorsChanged, plain.TensorCount), (pickled.MergedModules, pickled.TensorsChanged, pickled.TensorCount));
    }

    [Fact]
    public void A_pickled_checkpoint_loads_as_the_model_it_is()
    {
        var path = RawArchive.WriteCopy(_case.File("model.ckpt"), FuseCase.Model, wrapped: true);
        using var scope = NewDisposeScope();
        using StableDiffusionModel pickled = StableDiffusionModel.Load(path), plain = StableDiffusionModel.Load(FuseCase.Model);
        Assert.Equal(plain.Config.UNet.CrossAttentionDim, pickled.Config.UNet.CrossAttentionDim);
        foreach (var (expected, actual) in plain.UNet.named_parameters().Zip(pickled.UNet.named_parameters()))
            Assert.True(expected.name == actual.name && expected.parameter.eq(actual.parameter).all().item<bool>(), actual.name);
    }

    [Fact]
    public void A_pickled_LoRA_is_read_checked_and_converted()
    {
        var path = RawArchive.WriteCopy(_case.File("lora.pt"), FuseCase.LierLa, wrapped: false);
        Assert.Equal(LoraFile.Read(FuseCase.LierLa).ModuleCount, LoraFile.Read(path).ModuleCount);
        Assert.True(LoraCheck.Check(path, FuseCase.Model).IsSound);
        Assert.True(LoraComparison.Compare(FuseCase.LierLa, path).AreEqual);
        var converted = LoraConverter.Convert(path, _case.File("lora.safetensors"), LoraFormat.Kohya);
        Assert.Equal(FuseCase.Bytes(FuseCase.LierLa), FuseCase.Bytes(converted.Path));
    }

    [Fact]
    public void A_file_that_would_run_code_is_refused_everywhere_and_a_finding_of_the_check()
    {
        var path = RawArchive.Write(_case.File("evil.ckpt"), new RawPickle().Global("os", "system").Do("(").Text("true").Do("tR."));
        Assert.Equal("InvalidTorchFileGlobal", Assert.Throws<TorchFileException>(() => StableDiffusionModel.Load(path)).ErrorId);
        Assert.Throws<TorchFileException>(() => _case.Merge(path, new(), new LoraSource(FuseCase.LierLa)));
        Assert.Throws<TorchFileException>(() => _case.Merge(new LoraSource(path)));
        var problem = Assert.Single(LoraCheck.Check(path).Problems);
        Assert.Equal(LoraProblemKind.Damaged, problem.Kind);
        Assert.Contains("os.system", problem.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_case.Destination));
    }

    [Fact]
    public void A_folder_of_pickled_weights_loads_and_merges_into_one_of_safetensors()
    {
        var plain = _case.WriteFolder("plain", FuseCase.Model);
        var pickled = _case.WriteFolder("pickled", FuseCase.Model);
        foreach (var (name, target) in Weights)
        {
            RawArchive.WriteCopy(Path.Combine(pickled, target), Path.Combine(pickled, name), wrapped: false);
            File.Delete(Path.Combine(pickled, name));
        }

        var expected = CheckpointFuser.Merge(plain, [new(FuseCase.C3Lier)], _case.File("a"), new());
        var result = CheckpointFuser.Merge(pickled, [new(FuseCase.C3Lier)], _case.File("b"), new());
        Assert.Equal(expected.TensorsChanged, result.TensorsChanged);
        Assert.All(Weights, weights => Assert.Equal(FuseCase.Bytes(Path.Combine(expected.Path, weights.Name)), FuseCase.Bytes(Path.Combine(result.Path, weights.Name))));
        Assert.Empty(Directory.EnumerateFiles(result.Path, "*.bin", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_diffusers_folder_with_pickled_weights_loads()
    {
        var example = Path.Combine(TestFiles.RepositoryRoot, "examples", "models", "tiny");
        foreach (var part in new[] { "unet", "vae", "text_encoder" })
        {
            Directory.CreateDirectory(_case.File("tiny/" + part));
            File.Copy(Path.Combine(example, part, "config.json"), _case.File($"tiny/{part}/config.json"));
        }

        foreach (var (name, target) in Weights)
            RawArchive.WriteCopy(_case.File("tiny/" + target), Path.Combine(example, name), wrapped: false);
        using var scope = NewDisposeScope();
        using StableDiffusionModel pickled = StableDiffusionModel.Load(_case.File("tiny")), plain = StableDiffusionModel.Load(example);
        foreach (var (expected, actual) in plain.TextEncoder.named_parameters().Zip(pickled.TextEncoder.named_parameters()))
            Assert.True(expected.parameter.eq(actual.parameter).all().item<bool>(), actual.name);
    }

    private static (string Name, string Pickled)[] Weights =>
    [
        ("unet/diffusion_pytorch_model.safetensors", "unet/diffusion_pytorch_model.bin"), ("vae/diffusion_pytorch_model.safetensors", "vae/diffusion_pytorch_model.bin"),
        ("text_encoder/model.safetensors", "text_encoder/pytorch_model.bin"),
    ];

    public void Dispose() => _case.Dispose();
}
