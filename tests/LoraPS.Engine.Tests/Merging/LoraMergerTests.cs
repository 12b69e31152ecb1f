using System.Text.Json;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Models.Clip;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

public sealed class LoraMergerTests : IDisposable
{
    private const string SomeModule = "lora_unet_mid_block_attentions_0_proj_out";

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private string Output => _folder.File("out.safetensors");

    private static Tensor Normal(int item, params long[] shape) => new CounterRandom(5, RandomPurpose.NetworkInit, item: item).Normal(shape);

    private static string Lora(string name) => TestFiles.Fixture($"merge/{name}.safetensors");

    private static JsonElement Json(string name) => JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture($"merge/{name}.json"))).RootElement;

    private LoraMergeResult Merge(LoraMergeOptions options, params LoraSource[] sources) => LoraMerger.Merge(sources, Output, options);

    private static List<LoraSource> SourcesOf(JsonElement item)
    {
        var weights = item.TryGetProperty("lbws", out var lists) ? lists.EnumerateArray().ToList() : [];
        return [.. item.GetProperty("models").EnumerateArray().Zip(item.GetProperty("ratios").EnumerateArray()).Select((pair, i) => new LoraSource(
            Lora(pair.First.GetString()!), pair.Second.GetDouble(),
            i < weights.Count ? BlockWeights.FromList([.. weights[i].EnumerateArray().Select(w => w.GetDouble())]) : null))];
    }

    private string Write(string name, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var path = _folder.File(name);
        SafetensorsWriter.Write(path, tensors, metadata ?? new Dictionary<string, string>());
        return path;
    }

    private string WriteModule(string name, string module, Tensor up, Tensor down, string? baseModel = null) => Write(
        name,
        new Dictionary<string, Tensor> { [module + ".lora_up.weight"] = up, [module + ".lora_down.weight"] = down },
        baseModel is null ? null : new Dictionary<string, string> { ["ss_base_model_version"] = baseModel });

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
    [InlineData(9)]
    public void The_factor_sum_equals_sd_scripts(int number)
    {
        var item = Json("lora_merge")[number];
        var numbers = new MergeMethodOptions
        {
            Concat = item.GetProperty("concat").GetBoolean(),
            Precision = item.GetProperty("precision").GetString() == "fp16" ? SafetensorsDType.F16 : SafetensorsDType.F32,
        };
        var result = Merge(new() { Method = "FactorSum", Numbers = numbers }, [.. SourcesOf(item)]);
        var deltas = LoraDeltas.Of(Output);
        var isHalf = item.GetProperty("dtypes")[0].GetString() == "F16";
        foreach (var expected in item.GetProperty("effective_delta_stats").EnumerateObject())
        {
            var numbersExpected = expected.Value.EnumerateArray().Select(v => v.GetDouble()).ToArray();
            var tolerance = isHalf ? 1e-3 : 1e-5;
            Assert.All(LoraDeltas.Stats(deltas[expected.Name]).Zip(numbersExpected).Take(2), pair => Assert.Equal(pair.Second, pair.First, tolerance * numbersExpected[1]));
            Assert.All(LoraDeltas.Stats(deltas[expected.Name]).Zip(numbersExpected).Skip(2), pair => Assert.Equal(pair.Second, pair.First, isHalf ? 1e-4 : 1e-6));
        }

        Assert.Equal(
            item.GetProperty("alphas").EnumerateObject().ToDictionary(a => a.Name[..^".alpha".Length], a => a.Value.GetDouble()),
            result.Modules.ToDictionary(module => module.Name, module => module.Alpha));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Products_of_an_svd_merge_equal_sd_scripts_without_its_clipping(int number)
    {
        var item = Json("svd_merge").GetProperty("cases")[number];
        var numbers = new MergeMethodOptions { Rank = item.GetProperty("new_rank").GetInt32(), ConvRank = item.GetProperty("new_conv_rank").ValueKind == JsonValueKind.Null ? null : item.GetProperty("new_conv_rank").GetInt32() };
        var result = Merge(new() { Method = "Svd", Numbers = numbers }, [.. SourcesOf(item)]);
        var deltas = LoraDeltas.Of(Output);
        using var reference = GoldenTensors.Open($"merge/svd_merge_{number}.safetensors");
        var modules = reference.Names.Where(n => n.StartsWith("unclamped.", StringComparison.Ordinal)).Select(n => n.Split('.')[1]).Distinct().ToList();
        Assert.NotEmpty(modules);
        foreach (var module in modules)
        {
            var up = reference[$"unclamped.{module}.lora_up.weight"];
            var expected = up.flatten(1).matmul(reference[$"unclamped.{module}.lora_down.weight"].flatten(1));
            Assert.InRange((deltas[module] - expected).abs().max().item<float>(), 0, 1e-5);
            Assert.Equal(up.shape[1], result.Modules.Single(m => m.Name == module).Rank);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Clipping_equals_that_of_sd_scripts(int number)
    {
        using var reference = GoldenTensors.Open($"merge/svd_merge_{number}.safetensors");
        foreach (var name in reference.Names.Where(n => n.StartsWith("unclamped.", StringComparison.Ordinal) && n.EndsWith("lora_up.weight", StringComparison.Ordinal)))
        {
            var module = name["unclamped.".Length..^".lora_up.weight".Length];
            var (up, down) = FactorClamp.Apply(reference[name], reference[$"unclamped.{module}.lora_down.weight"], 0.99);
            reference.AssertNear($"clamped.{module}.lora_up.weight", up, 1e-6);
            reference.AssertNear($"clamped.{module}.lora_down.weight", down, 1e-6);
        }
    }

    [Fact]
    public void The_default_is_the_exact_sum_of_the_differences()
    {
        var result = Merge(new(), new(Lora("A"), 0.7), new(Lora("B"), -0.4), new(Lora("C"), 2), new(Lora("N"), 0.1));
        var (a, b, c, n) = (LoraDeltas.Of(Lora("A")), LoraDeltas.Of(Lora("B")), LoraDeltas.Of(Lora("C")), LoraDeltas.Of(Lora("N")));
        var expected = a.Keys.ToDictionary(k => k, k => (0.7 * a[k]) - (0.4 * b[k]) + (2 * c[k]) + (0.1 * n[k]));
        Assert.InRange(LoraDeltas.Distance(LoraDeltas.Of(Output), expected), 0, 1e-6);
        Assert.Equal(0, result.RelativeError);
        Assert.Equal(4 + 4 + 8 + 4, result.Modules.Single(m => m.Name == SomeModule).Rank);
    }

    [Fact]
    public void One_source_of_ratio_one_stays_what_it_is()
    {
        Merge(new(), new LoraSource(Lora("B")));
        Assert.InRange(LoraDeltas.Distance(LoraDeltas.Of(Output), LoraDeltas.Of(Lora("B"))), 0, 1e-3); // saved as float16
        Merge(new() { SaveDType = SafetensorsDType.F32, Force = true }, new LoraSource(Lora("B")));
        Assert.InRange(LoraDeltas.Distance(LoraDeltas.Of(Output), LoraDeltas.Of(Lora("B"))), 0, 1e-6);
    }

    [Fact]
    public void Block_weights_act_once_and_a_weight_of_zero_leaves_modules_out()
    {
        var weights = BlockWeights.Parse("MID=-0.5,BASE=0");
        Merge(new(), new LoraSource(Lora("A"), 0.5, weights));
        var (merged, source) = (LoraDeltas.Of(Output), LoraDeltas.Of(Lora("A")));
        Assert.Equal(source.Keys.Where(k => !k.StartsWith("lora_te", StringComparison.Ordinal)).Order(), merged.Keys.Order());
        Assert.InRange((merged[SomeModule] + (0.25 * source[SomeModule])).abs().max().item<float>(), 0, 1e-7);
        Assert.InRange((merged["lora_unet_up_blocks_3_attentions_1_proj_in"] - (0.5 * source["lora_unet_up_blocks_3_attentions_1_proj_in"])).abs().max().item<float>(), 0, 1e-7);
    }

    [Fact]
    public void Nothing_is_written_when_all_weights_are_zero()
    {
        var error = Assert.Throws<LoraMergeException>(() => Merge(new(), new LoraSource(Lora("A"), 0)));
        Assert.Equal("LoraMergeEmpty", error.ErrorId);
        Assert.Empty(_folder.Entries);
    }

    [Fact]
    public void Matrices_and_1x1_convolutions_are_one_thing()
    {
        var (up, down) = (Normal(1, 6, 2), Normal(2, 2, 5));
        var flat = WriteModule("flat.safetensors", SomeModule, up, down);
        var deep = WriteModule("deep.safetensors", SomeModule, up.reshape(6, 2, 1, 1), down.reshape(2, 5, 1, 1));
        Merge(new() { Method = "Svd" }, new(deep, 0.5), new(flat, 0.5));
        var merged = LoraDeltas.Of(Output)[SomeModule];
        Assert.InRange((merged - up.matmul(down)).abs().max().item<float>(), 0, 1e-5);
        using var file = SafetensorsFile.Open(Output);
        Assert.True(file.TryGet(SomeModule + ".lora_down.weight", out var info));
        Assert.Equal([4L, 5, 1, 1], info.Shape);
    }

    [Fact]
    public void Metadata_tells_rank_alpha_base_model_sources_and_true_hashes()
    {
        var result = Merge(new() { Method = "Svd", Numbers = new() { Rank = 3, ConvRank = 2 }, SaveDType = SafetensorsDType.F16 }, new(Lora("A"), 0.5), new(Lora("B"), 0.25, BlockWeights.Parse("IN04=0.5")));
        using var file = SafetensorsFile.Open(Output);
        Assert.Equal(("3", "3.0", "networks.lora"), (file.Metadata["ss_network_dim"], file.Metadata["ss_network_alpha"], file.Metadata["ss_network_module"]));
        Assert.Equal("""{"conv_dim":"2","conv_alpha":"2.0"}""", file.Metadata["ss_network_args"]);
        Assert.Equal(("False", "sd_v1"), (file.Metadata["ss_v2"], file.Metadata["ss_base_model_version"]));
        Assert.Equal(("stable-diffusion-v1/lora", "out", "A, B"), (file.Metadata["modelspec.architecture"], file.Metadata["modelspec.title"], file.Metadata["modelspec.merged_from"]));
        Assert.False(file.Metadata.ContainsKey("modelspec.date"));

        var record = JsonDocument.Parse(file.Metadata["loraps.merge"]).RootElement;
        Assert.Equal("Svd", record.GetProperty("method").GetString());
        var source = record.GetProperty("sources")[1];
        Assert.Equal(("B.safetensors", 0.25, "IN04=0.5"), (source.GetProperty("name").GetString(), source.GetProperty("ratio").GetDouble(), source.GetProperty("blocks").GetString()));
        Assert.Equal(ModelHashes.Sha256(Lora("B")), source.GetProperty("sha256").GetString());

        var tensors = file.Tensors.ToDictionary(t => t.Name, t => file.Read(t.Name));
        Assert.Equal(ModelHashes.OfLora(tensors, file.Metadata), result.Hashes);
        Assert.Equal(result.Hashes.Model, file.Metadata["sshs_model_hash"]);
        Assert.All(file.Tensors, t => Assert.Equal(SafetensorsDType.F16, t.DType));
    }

    [Fact]
    public void Ranks_that_differ_are_called_dynamic()
    {
        Merge(new(), new(Lora("A")), new(Lora("C"), 1, BlockWeights.Parse("MID=0")));
        Assert.Equal("Dynamic", LoraFile.Read(Output).Metadata["ss_network_dim"]);
    }

    [Fact]
    public void The_type_of_the_sources_is_kept_where_they_share_one()
    {
        Assert.Equal(SafetensorsDType.F16, Merge(new(), new(Lora("B")), new(Lora("B"))).DType);
        Assert.Equal(SafetensorsDType.F32, Merge(new() { Force = true }, new(Lora("B")), new(Lora("A"))).DType);
    }

    [Fact]
    public void Rounding_alpha_to_the_saved_type_does_not_change_the_strength()
    {
        var path = Write("third.safetensors", new Dictionary<string, Tensor>
        {
            [SomeModule + ".lora_up.weight"] = Normal(3, 200, 2), [SomeModule + ".lora_down.weight"] = Normal(4, 2, 200), [SomeModule + ".alpha"] = tensor(2 / 3f),
        });
        LoraResizer.Resize(path, Output, new() { Rank = 2, SaveDType = SafetensorsDType.BF16 });
        var (actual, expected) = (LoraDeltas.Of(Output)[SomeModule], LoraDeltas.Of(path)[SomeModule]);
        Assert.Equal(1, ((actual * expected).sum() / expected.square().sum()).item<float>(), 5e-4); // bfloat16's 2/3 is 2e-3 off
    }

    [Theory]
    [InlineData("WeightedSum")]
    [InlineData("Svd")]
    [InlineData("Ties")]
    [InlineData("Dare")]
    [InlineData("FactorSum")]
    public void Equal_inputs_give_equal_bytes_and_leave_no_tensor_behind(string method)
    {
        var options = new LoraMergeOptions { Method = method, Numbers = new() { Rank = 2 }, Force = true };
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Merge(options, new(Lora("A"), 0.5), new(Lora("B"), -0.5));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        var first = File.ReadAllBytes(Output);
        Merge(options, new(Lora("A"), 0.5), new(Lora("B"), -0.5));
        Assert.Equal(first, File.ReadAllBytes(Output));
    }

    [Fact]
    public void The_result_tells_how_much_of_the_sum_was_kept()
    {
        var exact = Merge(new(), new(Lora("A")), new(Lora("C")));
        var whole = LoraDeltas.Of(Output);
        var cut = Merge(new() { Method = "Svd", Numbers = new() { Rank = 4 }, Force = true }, new(Lora("A")), new(Lora("C")));
        var kept = LoraDeltas.Of(Output);
        Assert.All(cut.Modules, module => Assert.Equal(((kept[module.Name] - whole[module.Name]).norm() / whole[module.Name].norm()).item<float>(), module.RelativeError, 1e-5));
        var (distance, norm) = (whole.Sum(m => Math.Pow((kept[m.Key] - m.Value).norm().item<float>(), 2)), whole.Sum(m => Math.Pow(m.Value.norm().item<float>(), 2)));
        Assert.Equal(Math.Sqrt(distance / norm), cut.RelativeError, 1e-5);
        Assert.Equal(UNetBlock.MID, exact.Modules.Single(m => m.Name == SomeModule).Block);
    }

    [Fact]
    public void An_existing_file_is_kept_unless_it_may_be_replaced()
    {
        File.WriteAllText(Output, "old");
        Assert.Throws<DestinationExistsException>(() => Merge(new(), new LoraSource(Lora("A"))));
        Assert.Equal("old", File.ReadAllText(Output));
    }

    [Fact]
    public void A_source_may_be_replaced_by_the_result_when_asked()
    {
        File.Copy(Lora("A"), Output);
        Merge(new() { Force = true }, new LoraSource(Output, 0.5));
        var source = LoraDeltas.Of(Lora("A"));
        Assert.InRange(LoraDeltas.Distance(LoraDeltas.Of(Output), source.ToDictionary(s => s.Key, s => 0.5 * s.Value)), 0, 1e-6);
    }

    [Fact]
    public void A_cancelled_merge_leaves_the_old_file_and_no_other()
    {
        File.WriteAllText(Output, "old");
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => LoraMerger.Merge([new(Lora("A"))], Output, new() { Force = true }, cancellationToken: stop.Token));
        Assert.Equal(["out.safetensors"], _folder.Entries);
        Assert.Equal("old", File.ReadAllText(Output));
    }

    [Fact]
    public void Progress_counts_the_modules()
    {
        var events = new EventList();
        LoraMerger.Merge([new(Lora("A"))], Output, events: events);
        Assert.Equal(14, events.Count);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Numbers_that_are_not_finite_are_refused_with_the_module(float bad)
    {
        var path = WriteModule("bad.safetensors", SomeModule, ones(64, 2), full([2, 64], bad));
        var error = Assert.Throws<LoraMergeException>(() => Merge(new(), new(Lora("A")), new(path)));
        Assert.Equal(("LoraNotFinite", path), (error.ErrorId, error.Target));
        Assert.Contains(SomeModule, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Output));
    }

    [Fact]
    public void Results_too_large_for_their_type_are_refused()
    {
        var path = WriteModule("large.safetensors", SomeModule, ones(4, 2), full([2, 4], 1e5f));
        var error = Assert.Throws<LoraMergeException>(() => Merge(new() { SaveDType = SafetensorsDType.F16 }, new LoraSource(path)));
        Assert.Equal("LoraOverflow", error.ErrorId);
        Assert.False(File.Exists(Output));
    }

    [Theory]
    [InlineData("hada_w1_a", "LoHa")]
    [InlineData("lokr_w1", "LoKr")]
    [InlineData("dora_scale", "DoRA")]
    [InlineData("on_input", "IA")]
    [InlineData("a1.weight", "GLoRA")]
    [InlineData("diff", "full differences")]
    [InlineData("lora_mid.weight", "Tucker")]
    [InlineData("oft_blocks", "OFT")]
    public void Kinds_without_two_factors_are_refused_by_name(string tensorName, string kind)
    {
        var path = Write("other.safetensors", new Dictionary<string, Tensor>
        {
            [SomeModule + ".lora_up.weight"] = ones(4, 2),
            [SomeModule + ".lora_down.weight"] = ones(2, 4),
            [SomeModule + "." + tensorName] = ones(2, 2),
        });
        var error = Assert.Throws<UnrecognisedLoraException>(() => Merge(new(), new LoraSource(path)));
        Assert.Contains(kind, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loras_of_different_families_are_refused_with_both_families_and_files()
    {
        const string module = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k";
        var first = WriteModule("one.safetensors", module, ones(4, 2), ones(2, 768));
        var second = WriteModule("two.safetensors", module, ones(4, 2), ones(2, 1024));
        var error = Assert.Throws<LoraMergeException>(() => Merge(new(), new(first), new(second)));
        Assert.Equal("LoraModelMismatch", error.ErrorId);
        Assert.All(new[] { "Stable Diffusion 1", "Stable Diffusion 2", first, second }, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_base_model_that_only_metadata_names_counts_too()
    {
        var path = WriteModule("xl.safetensors", SomeModule, ones(64, 2), ones(2, 64), "sdxl_base_v1-0");
        Assert.Equal("LoraModelMismatch", Assert.Throws<LoraMergeException>(() => Merge(new(), new(Lora("A")), new(path))).ErrorId);
    }

    [Fact]
    public void Weights_of_different_shapes_are_refused_with_module_and_files()
    {
        var path = WriteModule("narrow.safetensors", SomeModule, ones(64, 2), ones(2, 63));
        var error = Assert.Throws<LoraMergeException>(() => Merge(new(), new(Lora("A")), new(path)));
        Assert.Equal("LoraModelMismatch", error.ErrorId);
        Assert.Contains(SomeModule, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ratios_must_be_numbers() =>
        Assert.Throws<ArgumentException>(() => Merge(new(), new LoraSource(Lora("A"), double.NaN)));

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }
}
