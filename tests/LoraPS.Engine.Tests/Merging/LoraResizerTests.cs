using System.Text.Json;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Models.Clip;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

public sealed class LoraResizerTests : IDisposable
{
    private const string SomeModule = "lora_unet_mid_block_attentions_0_proj_out";

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private string Output => _folder.File("out.safetensors");

    private static Tensor Normal(int item, params long[] shape) => new CounterRandom(5, RandomPurpose.NetworkInit, item: item).Normal(shape);

    private static string Lora(string name) => TestFiles.Fixture($"merge/{name}.safetensors");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Ranks_alphas_strength_and_metadata_equal_sd_scripts(int number)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("merge/resize.json")));
        var item = document.RootElement[number];
        var isHalf = item.GetProperty("save_precision").GetString() == "fp16";
        var result = LoraResizer.Resize(Lora(item.GetProperty("model").GetString()!), Output, OptionsOf(item) with { SaveDType = isHalf ? SafetensorsDType.F16 : SafetensorsDType.F32 });

        Assert.Equal(Numbers(item, "rank"), result.Modules.ToDictionary(m => m.Name, m => (double)m.Rank));
        Assert.All(Numbers(item, "alpha"), alpha => Assert.Equal(alpha.Value, result.Modules.Single(m => m.Name == alpha.Key).Alpha, isHalf ? 1e-3 : 1e-6));
        using var file = SafetensorsFile.Open(Output);
        foreach (var stats in item.GetProperty("product_stats").EnumerateObject())
        {
            var expected = stats.Value.EnumerateArray().Select(v => v.GetDouble()).ToArray();
            var product = file.Read(stats.Name + ".lora_up.weight").to(float32).flatten(1).matmul(file.Read(stats.Name + ".lora_down.weight").to(float32).flatten(1));
            var actual = LoraDeltas.Stats(product);
            Assert.Equal(expected[1], actual[1], (isHalf ? 1e-3 : 1e-5) * expected[1]);
            Assert.All(new[] { 2, 3 }, i => Assert.Equal(expected[i], actual[i], isHalf ? 1e-3 : 1e-5));
        }

        var metadata = item.GetProperty("metadata");
        Assert.Equal(metadata.GetProperty("ss_training_comment").GetString(), file.Metadata["ss_training_comment"]);
        Assert.Equal(metadata.GetProperty("ss_network_dim").GetString(), file.Metadata["ss_network_dim"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    public void The_report_equals_the_retention_sd_scripts_prints(int number)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("merge/resize.json")));
        var item = document.RootElement[number];
        var result = LoraResizer.Resize(Lora(item.GetProperty("model").GetString()!), Output, OptionsOf(item));
        foreach (var module in result.Modules)
        {
            var line = item.GetProperty("verbose").EnumerateArray().Select(v => v.GetString()!).Single(v => v.StartsWith(module.Name + " ", StringComparison.Ordinal));
            Assert.Contains(FormattableString.Invariant($"fro retained: {module.Retained:P1}").Replace(" %", "%", StringComparison.Ordinal), line, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(6)]
    public void Whole_products_equal_sd_scripts(int number)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("merge/resize.json")));
        var item = document.RootElement[number];
        LoraResizer.Resize(Lora("C"), Output, OptionsOf(item));
        var distance = LoraDeltas.Distance(LoraDeltas.Of(Output), LoraDeltas.Of(Lora($"resize_{number}")));
        Assert.InRange(distance, 0, number == 1 ? 1e-3 : 1e-5);
    }

    [Fact]
    public void A_rank_no_lower_than_its_own_leaves_a_lora_what_it_is()
    {
        var result = LoraResizer.Resize(Lora("A"), Output, new() { Rank = 20 });
        Assert.InRange(LoraDeltas.Distance(LoraDeltas.Of(Output), LoraDeltas.Of(Lora("A"))), 0, 1e-5);
        Assert.InRange(result.RelativeError, 0, 1e-6);
        Assert.All(result.Modules, module => Assert.Equal(20, module.Rank));
    }

    [Fact]
    public void Metadata_is_kept_and_numbers_in_it_follow_the_file()
    {
        var source = _folder.File("source.safetensors");
        var metadata = new Dictionary<string, string>(LoraFile.Read(Lora("A")).Metadata)
        {
            ["ss_network_args"] = """{"conv_dim":"4","dropout":"0.1"}""", ["mine"] = "kept",
        };
        using (var file = SafetensorsFile.Open(Lora("A")))
            SafetensorsWriter.Write(source, file.Tensors.ToDictionary(t => t.Name, t => file.Read(t.Name)), metadata);
        var result = LoraResizer.Resize(source, Output, new() { Rank = 3, ConvRank = 2 });
        var after = LoraFile.Read(Output).Metadata;
        Assert.Equal(("3", "0.75", "kept"), (after["ss_network_dim"], after["ss_network_alpha"], after["mine"]));
        Assert.Equal("""{"conv_dim":"2","dropout":"0.1","conv_alpha":"0.5"}""", after["ss_network_args"]);
        Assert.Equal("dimension is resized from 4 to 3 (conv: 2); A", after["ss_training_comment"]);
        Assert.Equal(result.Hashes.Model, after["sshs_model_hash"]);
    }

    [Fact]
    public void Tensors_of_other_kinds_are_copied_with_a_warning()
    {
        var source = _folder.File("dora.safetensors");
        SafetensorsWriter.Write(source, new Dictionary<string, Tensor>
        {
            [SomeModule + ".lora_up.weight"] = Normal(1, 4, 2), [SomeModule + ".lora_down.weight"] = Normal(2, 2, 4), [SomeModule + ".dora_scale"] = arange(4).to(float16).reshape(4, 1),
        }, new Dictionary<string, string>());
        var events = new EventList();
        LoraResizer.Resize(source, Output, new() { Rank = 1 }, events);
        Assert.Equal("TensorsCopied", events.OfType<WarningEvent>().Single().Id);
        using var file = SafetensorsFile.Open(Output);
        Assert.Equal([0f, 1, 2, 3], file.Read(SomeModule + ".dora_scale").to(float32).data<float>().ToArray());
    }

    [Fact]
    public void No_tensor_outlives_a_resize()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        LoraResizer.Resize(Lora("A"), Output);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Ranks_and_thresholds_outside_their_range_are_refused_before_anything_is_written()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => LoraResizer.Resize(Lora("A"), Output, new() { Rank = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => LoraResizer.Resize(Lora("A"), Output, new() { ConvRank = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => LoraResizer.Resize(Lora("A"), Output, new() { Criterion = RankCriterion.SvFro, Threshold = 1.5 }));
        Assert.Empty(_folder.Entries);
    }

    private static LoraResizeOptions OptionsOf(JsonElement item) => new()
    {
        Rank = item.GetProperty("new_rank").GetInt32(),
        ConvRank = item.GetProperty("new_conv_rank").ValueKind == JsonValueKind.Null ? null : item.GetProperty("new_conv_rank").GetInt32(),
        Criterion = item.GetProperty("dynamic_method").GetString() switch { null => RankCriterion.Fixed, "sv_ratio" => RankCriterion.SvRatio, "sv_fro" => RankCriterion.SvFro, _ => RankCriterion.SvCumulative },
        Threshold = item.GetProperty("dynamic_param").ValueKind == JsonValueKind.Null ? 0 : item.GetProperty("dynamic_param").GetDouble(),
    };

    private static Dictionary<string, double> Numbers(JsonElement item, string name) =>
        item.GetProperty(name).EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetDouble());

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }
}
