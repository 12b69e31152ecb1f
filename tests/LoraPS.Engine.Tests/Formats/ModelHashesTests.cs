using LoraPS.Engine.Formats;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Formats;

/// <summary>Hashes computed by sd-scripts 48d368fa.</summary>
public sealed class ModelHashesTests : IDisposable
{
    private const string OfNothing = "e3b0c442";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Hashes_of_a_file_equal_the_web_uis()
    {
        var path = TestFiles.Fixture("formats/hash_small.safetensors");
        Assert.Equal("c7dcd4e39a2202bf8735e88fb4f012bcd6b235cdf38b6eaa85f712e9ce8d68c1", ModelHashes.Sha256(path));
        Assert.Equal(OfNothing, ModelHashes.Legacy(path));
    }

    [Theory]
    [InlineData("formats/hash_small.safetensors", "e96e235b676e97a55a5dc7e429619cfae79758d793fa99a88fe8f3b4d2425f80")]
    [InlineData("lora/lierla_init.safetensors", "35dda596496162d847e1b6854b3c028090277d348139c222e5f5a15e20f688ac")]
    [InlineData("lora/c3lier_init.safetensors", "8bebbb54dd62aff9624e6b08bd286b839ee95b14875fba64cd5eb0dccd0e3379")]
    public void A_loras_own_hashes_equal_the_references(string fixture, string model)
    {
        using var file = SafetensorsFile.Open(TestFiles.Fixture(fixture));
        using var scope = NewDisposeScope();
        var hashes = ModelHashes.OfLora(file.Tensors.ToDictionary(t => t.Name, t => file.Read(t.Name)), file.Metadata);
        Assert.Equal(new LoraHashes(model, OfNothing), hashes);
    }

    [Theory]
    [InlineData(false, "4992606e")]
    [InlineData(true, "0060e9ac")]
    public void Only_training_metadata_moves_the_legacy_hash(bool more, string legacy)
    {
        using var big = (arange(400_000, ScalarType.Int64) % 251).to(ScalarType.Float32);
        var metadata = new Dictionary<string, string> { ["ss_a"] = "1" };
        if (more)
            (metadata["ss_b"], metadata["other"]) = (new string('x', 100), "y");
        var hashes = ModelHashes.OfLora(new Dictionary<string, Tensor> { ["big"] = big }, metadata);
        Assert.Equal(new LoraHashes("58153e4620c678a9565daecbc93fb9529bcbf25341f1a40737d940084def44c4", legacy), hashes);
    }

    [Fact]
    public void The_legacy_hash_of_a_file_is_of_the_same_window()
    {
        using var big = (arange(400_000, ScalarType.Int64) % 251).to(ScalarType.Float32);
        var path = _folder.File("big.safetensors");
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { ["big"] = big }, new Dictionary<string, string> { ["ss_a"] = "1" });
        Assert.Equal("4992606e", ModelHashes.Legacy(path));
    }

    [Fact]
    public void A_missing_file_is_an_engine_error() =>
        Assert.Throws<MissingFileException>(() => ModelHashes.Sha256(_folder.File("none")));

    [Fact]
    public void A_written_lora_carries_its_metadata_model_spec_and_hashes()
    {
        using var alpha = tensor(4f);
        var path = _folder.File("lora.safetensors");
        var spec = new ModelSpec { Title = "cat", Resolution = (512, 768), Date = new DateTime(2024, 5, 6, 7, 8, 9), ClipSkip = 2, TimestepRange = (0, 500) };
        var hashes = LoraFileWriter.Write(path, new Dictionary<string, Tensor> { ["a.alpha"] = alpha }, new Dictionary<string, string> { ["ss_seed"] = "1" }, spec);
        using var file = SafetensorsFile.Open(path);
        Assert.Equal(
            [
                "ss_seed=1", "modelspec.architecture=stable-diffusion-v1/lora", "modelspec.implementation=diffusers", "modelspec.title=cat",
                "modelspec.resolution=512x768", "modelspec.sai_model_spec=1.0.1", "modelspec.date=2024-05-06T07:08:09",
                "modelspec.prediction_type=epsilon", "modelspec.timestep_range=0,500", "modelspec.encoder_layer=2",
                $"modelspec.implementation_version={ModelSpec.ImplementationVersion}", $"sshs_model_hash={hashes.Model}", $"sshs_legacy_hash={hashes.Legacy}",
            ],
            file.Metadata.Select(pair => $"{pair.Key}={pair.Value}"));
    }
}
