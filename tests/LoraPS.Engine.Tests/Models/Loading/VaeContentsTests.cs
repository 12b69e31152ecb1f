using LoraPS.Engine.Formats;
using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Models.Loading;

/// <summary>A VAE in the place of the model's own.</summary>
public sealed class VaeContentsTests : IDisposable
{
    private const string Prefix = "first_stage_model.";

    private readonly ModelFolder _folder = new();

    public static TheoryData<string> Forms => ["whole file", "file in LDM names", "file in names of diffusers", "folder", "whole folder"];

    [Theory]
    [MemberData(nameof(Forms))]
    public void It_is_found_in_every_form_and_nothing_else_changes(string form)
    {
        var vae = Make(form);
        if (form != "whole folder")
            _folder.Change("vae/diffusion_pytorch_model.safetensors", tensors => tensors["encoder.conv_in.bias"].fill_(7));
        using StableDiffusionModel expected = TinyModels.Sd1(), model = StableDiffusionModel.Load(_folder.Path, new ModelLoadOptions(VaePath: vae));
        AssertSame(expected.Vae, model.Vae);
        AssertSame(expected.UNet, model.UNet);
        Assert.Equal(expected.Config.Vae.Channels, CheckpointLoader.ReadConfig(_folder.Path, vae).Vae.Channels);
    }

    [Fact]
    public void One_that_does_not_fit_is_told_by_its_own_path()
    {
        var path = Make("file in names of diffusers", tensors => tensors.Remove("decoder.conv_in.bias"));
        var error = Assert.Throws<StateDictException>(() => StableDiffusionModel.Load(_folder.Path, new ModelLoadOptions(VaePath: path)));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("decoder.conv_in.bias", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing.safetensors")]
    [InlineData("unet/diffusion_pytorch_model.safetensors")]
    public void What_is_no_VAE_is_refused(string name) =>
        Assert.Throws<ModelNotFoundException>(() => StableDiffusionModel.Load(_folder.Path, new ModelLoadOptions(VaePath: _folder[name])).Dispose());

    public void Dispose() => _folder.Dispose();

    private string Make(string form, Action<Dictionary<string, Tensor>>? change = null) => form switch
    {
        "whole file" => TinyModels.Sd1Checkpoint,
        "whole folder" => _folder.Path,
        "file in LDM names" => Copy(TinyModels.Sd1Checkpoint, "vae.safetensors", tensors =>
        {
            foreach (var (name, value) in tensors.ToList())
            {
                tensors.Remove(name);
                if (name.StartsWith(Prefix, StringComparison.Ordinal))
                    tensors[name[Prefix.Length..]] = value;
            }

            tensors["loss.logvar"] = zeros(1);
        }),
        "folder" => CopyFolder(),
        _ => Copy(_folder["vae/diffusion_pytorch_model.safetensors"], "vae.safetensors", change ?? (_ => { })),
    };

    private string CopyFolder()
    {
        Directory.CreateDirectory(_folder["other"]);
        foreach (var file in Directory.EnumerateFiles(_folder["vae"]))
            File.Copy(file, _folder[$"other/{Path.GetFileName(file)}"]);
        return _folder["other"];
    }

    private string Copy(string from, string to, Action<Dictionary<string, Tensor>> change)
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors;
        using (var file = SafetensorsFile.Open(from))
            tensors = file.Tensors.ToDictionary(info => info.Name, info => file.Read(info.Name).clone());
        change(tensors);
        SafetensorsWriter.Write(_folder[to], tensors, new Dictionary<string, string>());
        return _folder[to];
    }

    private static void AssertSame(nn.Module expected, nn.Module actual) =>
        Assert.All(expected.state_dict().Zip(actual.state_dict()), pair => Assert.True(pair.First.Value.equal(pair.Second.Value).all().item<bool>(), pair.First.Key));
}
