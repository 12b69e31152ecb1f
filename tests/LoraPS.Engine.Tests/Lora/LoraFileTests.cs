using System.Reflection;
using System.Runtime.Loader;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Lora;

public sealed class LoraFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_of_the_reference_is_described_from_its_header()
    {
        var path = TestFiles.Fixture("lora/c3lier_init.safetensors");
        var lora = LoraFile.Read(path);
        Assert.Equal((path, "c3lier_init", new FileInfo(path).Length), (lora.Path, lora.Name, lora.Length));
        Assert.Equal((295, 277, 18), (lora.ModuleCount, lora.UNetModules, lora.TextEncoderModules));
        Assert.Equal([4L], lora.Ranks);
        Assert.Equal((4L, 4L, 2.0), (lora.Rank, lora.ConvRank, lora.Alpha));
        Assert.Equal(("networks.lora", "sd_v1"), (lora.NetworkModule, lora.BaseModel));
        Assert.Equal("{\"conv_dim\": \"4\", \"conv_alpha\": \"1\"}", lora.Metadata["ss_network_args"]);
        Assert.Empty(lora.TriggerWords);
    }

    [Fact]
    public void Ranks_of_matrices_and_kernels_are_told_apart_and_alpha_defaults_to_the_rank()
    {
        var mixed = LoraFile.Read(TestFiles.Fixture("merge/C.safetensors"));
        Assert.Equal([6L, 8L], mixed.Ranks);
        Assert.Equal((8L, 6L), (mixed.Rank, mixed.ConvRank));
        Assert.Null(mixed.BaseModel);
        Assert.Equal(4.0, LoraFile.Read(TestFiles.Fixture("merge/N.safetensors")).Alpha);
    }

    [Fact]
    public void The_trigger_phrase_and_the_most_frequent_tags_are_the_trigger_words()
    {
        var tags = string.Join(',', Enumerable.Range(1, 12).Select(i => $"\"t{i:00}\":{i}"));
        var lora = LoraFile.Read(Write("words.safetensors", new() { ["ss_tag_frequency"] = $"{{\"10_x\":{{{tags}}}}}", ["modelspec.trigger_phrase"] = "sks cat" }));
        Assert.Equal(["sks cat", "t12", "t11", "t10", "t09", "t08", "t07", "t06", "t05", "t04", "t03"], lora.TriggerWords);
    }

    [Fact]
    public void A_kernel_only_file_has_the_rank_of_its_kernels()
    {
        using var down = zeros(3, 8, 3, 3);
        using var up = zeros(8, 3, 1, 1);
        var lora = LoraFile.Read(Write("kernel.safetensors", [], ("lora_unet_x.lora_down.weight", down), ("lora_unet_x.lora_up.weight", up)));
        Assert.Equal((3L, 3L, 3.0), (lora.Rank, lora.ConvRank, lora.Alpha));
    }

    [Fact]
    public void Reading_a_file_loads_no_libtorch()
    {
        // A second copy of the engine: the one of the test run has libtorch loaded already.
        var context = new AssemblyLoadContext("header only", isCollectible: true);
        context.Resolving += (c, name) => c.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, name.Name + ".dll"));
        var engine = context.LoadFromAssemblyPath(typeof(LoraFile).Assembly.Location);
        var lora = engine.GetType(typeof(LoraFile).FullName!)!.GetMethod(nameof(LoraFile.Read))!.Invoke(null, [TestFiles.Fixture("lora/c3lier_init.safetensors")]);
        Assert.Equal(295, lora!.GetType().GetProperty(nameof(LoraFile.ModuleCount))!.GetValue(lora));
        var runtime = engine.GetType("LoraPS.Engine.Runtime.TorchRuntime")!;
        Assert.False((bool)runtime.GetProperty("IsLoaded", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!);
    }

    [Fact]
    public void A_checkpoint_is_no_LoRA_and_the_error_names_keys()
    {
        var e = Assert.Throws<UnrecognisedLoraException>(() => LoraFile.Read(TestFiles.Fixture("unet/sd1_checkpoint.safetensors")));
        Assert.Equal("UnrecognisedLoraFormat", e.ErrorId);
        Assert.Contains("a whole checkpoint", e.Message, StringComparison.Ordinal);
        Assert.Contains("alphas_cumprod", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x.hada_w1_a", "LoHa")]
    [InlineData("unet.x.lora_A.weight", "PEFT")]
    [InlineData("unet:0:down", "cloneofsimo")]
    [InlineData("x.lora_down.weight", "do not belong together")]
    [InlineData("anything", "not a LoRA")]
    public void Other_kinds_are_named(string key, string kind)
    {
        using var weight = zeros(2, 2);
        var e = Assert.Throws<UnrecognisedLoraException>(() => LoraFile.Read(Write("other.safetensors", [], (key, weight))));
        Assert.Contains(kind, e.Message, StringComparison.Ordinal);
        Assert.Equal([key], e.Keys);
    }

    [Fact]
    public void A_file_without_tensors_is_no_LoRA() =>
        Assert.Throws<UnrecognisedLoraException>(() => LoraFile.Read(Write("empty.safetensors", [], tensors: [])));

    [Fact]
    public void Factors_that_do_not_fit_each_other_are_refused()
    {
        using var scope = NewDisposeScope();
        var path = Write(
            "misfit.safetensors", [],
            ("good.lora_down.weight", zeros(2, 5)), ("good.lora_up.weight", zeros(5, 2)),
            ("bad.lora_down.weight", zeros(2, 5)), ("bad.lora_up.weight", zeros(5, 3)),
            ("odd.lora_down.weight", zeros(2, 5)), ("odd.lora_up.weight", zeros(5, 2)), ("odd.alpha", zeros(2)));
        Assert.Equal(["bad.lora_down.weight", "odd.lora_down.weight"], Assert.Throws<UnrecognisedLoraException>(() => LoraFile.Read(path)).Keys);
    }

    [Fact]
    public void A_missing_file_has_an_error_of_its_own() =>
        Assert.Equal("LoraFileNotFound", Assert.Throws<MissingFileException>(() => LoraFile.Read(_folder.File("none.safetensors"))).ErrorId);

    private string Write(string name, Dictionary<string, string> metadata, params (string Key, Tensor Value)[] tensors)
    {
        using var scope = NewDisposeScope();
        if (metadata.Count > 0)
            tensors = [("lora_unet_x.lora_down.weight", zeros(1, 2)), ("lora_unet_x.lora_up.weight", zeros(2, 1))];
        var path = _folder.File(name);
        SafetensorsWriter.Write(path, tensors.ToDictionary(t => t.Key, t => t.Value), metadata);
        return path;
    }
}
