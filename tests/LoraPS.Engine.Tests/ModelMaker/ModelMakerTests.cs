using LoraPS.Engine.Formats;
using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Clip;
using LoraPS.ModelMaker;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.ModelMaker;

/// <summary>The program in tools/LoraPS.ModelMaker and what it made for the examples.</summary>
public class ModelMakerTests
{
    private static readonly string Example = Path.Combine(TestFiles.RepositoryRoot, "examples", "models", "tiny");

    [Fact]
    public void Makes_the_committed_example_again_byte_for_byte()
    {
        using var folder = new TemporaryFolder();
        DiffusersFolderWriter.Write(folder.Path, new RandomWeights(ModelPresets.Tiny, seed: 1), SafetensorsDType.F16);
        Assert.Equal(Files(Example).Where(name => name != "README.md"), Files(folder.Path));
        Assert.All(Files(folder.Path), name =>
            Assert.Equal(File.ReadAllBytes(Path.Combine(Example, name)), File.ReadAllBytes(folder.File(name))));
    }

    [Fact]
    public void Another_seed_makes_other_weights()
    {
        var (first, second) = (new RandomWeights(ModelPresets.Tiny, seed: 1), new RandomWeights(ModelPresets.Tiny, seed: 2));
        using var scope = NewDisposeScope();
        foreach (var (a, b) in first.Parameters.Zip(second.Parameters).Where(pair => pair.First.Shape.Count > 1))
            Assert.False(Same(first.Make(a), second.Make(b)), a.Name);
    }

    [Fact]
    public void The_example_has_a_tokenizer_whose_ids_fit_its_text_encoder()
    {
        using var model = StableDiffusionModel.Load(Example);
        var tokenizer = TokenizerSource.Find(Example, tokenizerPath: null);
        Assert.Equal(model.Config.TextEncoder.VocabularySize, tokenizer.VocabularySize);
        Assert.Equal("a red ring".Count(char.IsLetter), tokenizer.Encode("a red ring").Count);
    }

    [Fact]
    public void The_example_predicts_noise_of_about_the_size_of_noise()
    {
        using var model = StableDiffusionModel.Load(Example);
        using var prediction = Predict(model);
        Assert.InRange(prediction.var().item<float>(), 0.5f, 2f);
    }

    [Fact]
    public void The_example_turns_pictures_into_finite_latents_and_back()
    {
        using var model = StableDiffusionModel.Load(Example);
        using var scope = NewDisposeScope();
        using var latents = model.Vae.Encode(zeros(1, 3, 64, 64));
        Assert.Equal([1, 4, 8, 8], latents.Mean.shape);
        Assert.True(model.Vae.Decode(latents.Mean).isfinite().all().item<bool>());
    }

    [Fact]
    public void A_single_file_holds_the_same_model_as_the_folder()
    {
        using var folder = new TemporaryFolder();
        SingleFileWriter.Write(folder.File("tiny.safetensors"), new RandomWeights(ModelPresets.Tiny, seed: 1), SafetensorsDType.F16);
        using var fromFile = StableDiffusionModel.Load(folder.File("tiny.safetensors"));
        using var fromFolder = StableDiffusionModel.Load(Example);
        using var scope = NewDisposeScope();
        Assert.True(Same(Predict(fromFile), Predict(fromFolder)));
    }

    [Fact]
    public void A_model_made_in_memory_is_the_one_in_a_float32_file()
    {
        var weights = new RandomWeights(ModelPresets.Tiny, seed: 3);
        using var folder = new TemporaryFolder();
        DiffusersFolderWriter.Write(folder.Path, weights, SafetensorsDType.F32);
        using var fromFolder = StableDiffusionModel.Load(folder.Path);
        using var inMemory = weights.MakeModel();
        using var scope = NewDisposeScope();
        Assert.True(Same(Predict(inMemory), Predict(fromFolder)));
    }

    [Fact]
    public void Names_of_a_full_size_single_file_are_the_approved_ones() => Assert.Equal(
        File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Approvals", "sd15.checkpoint.approved.txt")).Select(line => line.Split('\t')[0]).Order(StringComparer.Ordinal),
        new RandomWeights(StableDiffusionConfig.V15, seed: 1).Parameters.Select(p => LdmKeys.For(p.Part, p.Name)).Order(StringComparer.Ordinal));

    private static Tensor Predict(StableDiffusionModel model)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var text = model.TextEncoder.Encode(full([2, 77], 7, ScalarType.Int64));
        var latents = linspace(-2, 2, 2 * 4 * 16 * 16).reshape(2, 4, 16, 16);
        return model.UNet.call(latents, tensor(new long[] { 10, 900 }), text).MoveToOuterDisposeScope();
    }

    private static bool Same(Tensor first, Tensor second) => first.eq(second).all().item<bool>();

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal);
}
