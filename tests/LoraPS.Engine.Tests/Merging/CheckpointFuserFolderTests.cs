using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Naming;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

public sealed class CheckpointFuserFolderTests : IDisposable
{
    private static readonly CheckpointFuseOptions Replace = new() { Overwrite = true };

    private readonly FuseCase _case = new();
    private readonly string _model;
    private readonly string _destination;

    public CheckpointFuserFolderTests()
    {
        _destination = _case.File("merged");
        _model = _case.WriteFolder("model", FuseCase.Model);
        File.WriteAllText(Path.Combine(_model, "unet", "config.json"), "{}");
        File.WriteAllText(Path.Combine(_model, "unet", "diffusion_pytorch_model.bin"), "old weights");
        File.WriteAllText(Path.Combine(_model, "model_index.json"), "{\"_class_name\": \"StableDiffusionPipeline\"}");
    }

    public void Dispose() => _case.Dispose();

    [Fact]
    public void A_folder_gets_the_weights_a_single_file_gets()
    {
        var single = _case.Merge(new LoraSource(FuseCase.C3Lier, 0.8));
        var result = Merge(new LoraSource(FuseCase.C3Lier, 0.8));
        Assert.Equal((single.MergedModules, single.TensorsChanged), (result.MergedModules, result.TensorsChanged));
        var expected = FuseCase.Bytes(single.Path);
        foreach (var (part, path) in new[] { (ModelPart.UNet, "unet/diffusion_pytorch_model.safetensors"), (ModelPart.TextEncoder, "text_encoder/model.safetensors") })
        {
            var actual = FuseCase.Bytes(Path.Combine(_destination, path));
            var names = expected.Keys.Where(key => LdmNames.TryToDiffusers(key, out var found, out _) && found == part).ToList();
            Assert.Equal(names.Count, actual.Count);
            Assert.All(names, key => Assert.Equal(expected[key], LdmNames.TryToDiffusers(key, out _, out var name) ? actual[name] : ""));
        }
    }

    [Fact]
    public void Everything_else_is_copied_but_old_pickled_weights()
    {
        Merge(new LoraSource(FuseCase.C3Lier));
        Assert.Equal(
            ["model_index.json", "text_encoder/model.safetensors", "unet/config.json", "unet/diffusion_pytorch_model.safetensors", "vae/diffusion_pytorch_model.safetensors"],
            FilesOf(_destination));
        Assert.Equal(File.ReadAllBytes(Path.Combine(_model, "vae/diffusion_pytorch_model.safetensors")), File.ReadAllBytes(Path.Combine(_destination, "vae/diffusion_pytorch_model.safetensors")));
        Assert.Equal(["merged", "model"], _case.Entries.Order());
    }

    [Fact]
    public void A_folder_is_replaced_whole_and_only_when_asked()
    {
        Directory.CreateDirectory(Path.Combine(_destination, "unet"));
        File.WriteAllText(Path.Combine(_destination, "old.txt"), "");
        Assert.Throws<DestinationExistsException>(() => Merge(new LoraSource(FuseCase.C3Lier)));
        Merge(Replace, new LoraSource(FuseCase.C3Lier));
        Assert.False(File.Exists(Path.Combine(_destination, "old.txt")));
        Assert.Equal(["merged", "model"], _case.Entries.Order());
    }

    [Fact]
    public void The_model_folder_itself_may_be_replaced()
    {
        var apart = Merge(new LoraSource(FuseCase.C3Lier));
        CheckpointFuser.Merge(_model, [new(FuseCase.C3Lier)], _model, new() { Overwrite = true });
        Assert.Equal(FilesOf(apart.Path), FilesOf(_model));
        Assert.Equal(FuseCase.Bytes(Path.Combine(_destination, "unet/diffusion_pytorch_model.safetensors")), FuseCase.Bytes(Path.Combine(_model, "unet/diffusion_pytorch_model.safetensors")));
    }

    [Fact]
    public void A_folder_of_something_else_is_never_replaced()
    {
        Directory.CreateDirectory(_destination);
        File.WriteAllText(Path.Combine(_destination, "thesis.txt"), "precious");
        Assert.Throws<ArgumentException>(() => Merge(Replace, new LoraSource(FuseCase.C3Lier)));
        Assert.Throws<ArgumentException>(() => CheckpointFuser.Merge(_model, [new(FuseCase.C3Lier)], _case.File(""), new() { Overwrite = true }));
        Assert.Equal("precious", File.ReadAllText(Path.Combine(_destination, "thesis.txt")));
        Assert.Equal(["merged", "model"], _case.Entries.Order());
    }

    [Fact]
    public void A_failing_merge_leaves_the_old_folder_and_no_other()
    {
        using var scope = NewDisposeScope();
        var broken = _case.WriteLora("broken.safetensors", "lora_unet_mid_block_attentions_0_proj_in", full([1, 64], float.NaN), ones(64, 1));
        Directory.CreateDirectory(Path.Combine(_destination, "unet"));
        File.WriteAllText(Path.Combine(_destination, "old.txt"), "");
        Assert.Throws<LoraMergeException>(() => Merge(Replace, new LoraSource(broken)));
        Assert.Equal(["old.txt"], FilesOf(_destination));
        Assert.Equal(["broken.safetensors", "merged", "model"], _case.Entries.Order());
    }

    [Fact]
    public void A_folder_without_a_U_Net_is_no_model()
    {
        Directory.Delete(Path.Combine(_model, "unet"), recursive: true);
        Assert.Equal("ModelNotFound", Assert.Throws<MissingFileException>(() => Merge(new LoraSource(FuseCase.C3Lier))).ErrorId);
    }

    private CheckpointFuseResult Merge(params LoraSource[] loras) => Merge(new CheckpointFuseOptions(), loras);

    private CheckpointFuseResult Merge(CheckpointFuseOptions options, params LoraSource[] loras) => CheckpointFuser.Merge(_model, loras, _destination, options);

    private static IEnumerable<string> FilesOf(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal);
}
