using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;

namespace LoraPS.Engine.Tests.Training;

/// <summary>What trained files say of themselves, and of the VAE they were made with.</summary>
public sealed class DescriptionTests : IDisposable
{
    private readonly TrainingFolder _folder = new();

    [Fact]
    public void Its_maker_s_words_are_written_beside_what_the_training_knows()
    {
        var picture = Path.Combine(_folder.Pictures, "0.png");
        var metadata = Train(_folder.Options() with
        {
            ModelDescription = new Dictionary<string, string> { ["title"] = "A circle", ["usage_hint"] = "Say circle.", ["thumbnail"] = picture },
        });
        Assert.Equal(("A circle", "Say circle."), (metadata["modelspec.title"], metadata["modelspec.usage_hint"]));
        Assert.Equal($"data:image/png;base64,{Convert.ToBase64String(File.ReadAllBytes(picture))}", metadata["modelspec.thumbnail"]);
        Assert.Equal(("64x64", "cat"), (metadata["modelspec.resolution"], metadata["ss_output_name"]));
    }

    [Fact]
    public void What_cannot_be_written_is_refused_before_a_model_loads()
    {
        TrainingOptions Described(string name, string value) => _folder.Options() with { ModelDescription = new Dictionary<string, string> { [name] = value } };
        Assert.Contains("trigger_phrase", Assert.Throws<ArgumentException>(() => Train(Described("trigger", "cat"))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Train(Described("hash_sha256", "0")));
        Assert.Throws<MissingFileException>(() => Train(Described("thumbnail", _folder["missing.png"])));
        Assert.Throws<ArgumentException>(() => Train(Described("thumbnail", _folder["missing.txt"])));
        File.WriteAllBytes(_folder["large.png"], new byte[(1 << 20) + 1]);
        Assert.Throws<UnreadableFileException>(() => Train(Described("thumbnail", _folder["large.png"])));
    }

    [Fact]
    public void Without_metadata_files_tell_what_the_network_is_and_no_more()
    {
        var metadata = Train(_folder.Options() with { NoMetadata = true, Network = new() { ConvRank = 2 } });
        Assert.Equal(
            ["ss_base_model_version", "ss_network_alpha", "ss_network_args", "ss_network_dim", "ss_network_module", "ss_v2"],
            metadata.Keys.Where(key => key.StartsWith(LoraMetadata.Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal("cat", metadata["modelspec.title"]);
    }

    [Fact]
    public void Another_VAE_encodes_the_pictures_is_recorded_and_must_be_there_when_the_run_is_taken_up()
    {
        var plain = Train(_folder.Options());
        var options = _folder.Options("other.safetensors") with { VaePath = OtherVae() };
        var other = Train(options);
        Assert.NotEqual(plain[LoraMetadata.ModelHashKey], other[LoraMetadata.ModelHashKey]);
        Assert.Equal(("None", "other.vae"), (plain["ss_vae_name"], other["ss_vae_name"]));

        Train(options with { DestinationPath = _folder["kept.safetensors"], SaveStateOnTrainEnd = true });
        var error = Assert.Throws<ResumeMismatchException>(() => Train(options with
        {
            DestinationPath = _folder["kept.safetensors"], Overwrite = true, MaxTrainSteps = 6, ResumePath = _folder["kept.state.safetensors"], VaePath = null,
        }));
        Assert.Contains("Vae was other.vae ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Latents_of_one_VAE_are_never_taken_for_those_of_another()
    {
        var options = _folder.Options() with { CachePath = _folder["cache"], Overwrite = true };
        var plain = Train(options);
        var other = Train(options with { VaePath = OtherVae() });
        Assert.NotEqual(plain[LoraMetadata.ModelHashKey], other[LoraMetadata.ModelHashKey]);
        Assert.Equal(other[LoraMetadata.ModelHashKey], Train(options with { VaePath = OtherVae(), CachePath = null })[LoraMetadata.ModelHashKey]);
    }

    public void Dispose() => _folder.Dispose();

    private string OtherVae()
    {
        Directory.CreateDirectory(_folder["other.vae"]);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_folder.Model, "vae")))
            File.Copy(file, Path.Combine(_folder["other.vae"], Path.GetFileName(file)), overwrite: true);
        _folder.ChangeModel(_folder["other.vae/diffusion_pytorch_model.safetensors"], tensors => tensors["encoder.conv_in.bias"].fill_(0.5));
        return _folder["other.vae"];
    }

    private Dictionary<string, string> Train(TrainingOptions options)
    {
        using var file = SafetensorsFile.Open(LoraTrainer.Train(_folder.Model, _folder.Dataset(), options with { MaxTrainSteps = options.ResumePath is null ? 1 : 6 }).Path);
        return file.Metadata.ToDictionary();
    }
}
