using System.Text.Json;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Models.Clip;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

public sealed class LoraExtractorTests : IDisposable
{
    private const string ToQ = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
    private const string ToQKey = FuseCase.Prefix + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight";
    private const string ConvInKey = FuseCase.Prefix + "input_blocks.0.0.weight";

    private readonly FuseCase _case = new();
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly string _output;

    public LoraExtractorTests() => _output = _case.File("extracted.safetensors");

    // Computed by sd-scripts 48d368fa, networks/extract_lora_from_models.py, from this checkpoint and the one with the LoRA merged in.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Modules_ranks_norms_and_metadata_equal_sd_scripts(int number)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("merge/extract.json")));
        var item = document.RootElement.GetProperty("cases")[number];
        var result = Extract(Tuned(1), OptionsOf(item));

        Assert.Equal(item.GetProperty("modules").EnumerateArray().Select(name => name.GetString()).Order(), result.Modules.Select(module => module.Name).Order());
        Assert.All(item.GetProperty("rank").EnumerateObject(), rank => Assert.Equal(rank.Value.GetInt32(), result.Modules.Single(module => module.Name == rank.Name).Rank));
        var deltas = LoraDeltas.Of(_output);
        Assert.All(
            item.GetProperty("unclamped_norms").EnumerateObject(),
            norm => Assert.Equal(norm.Value.GetDouble(), deltas[norm.Name].norm().item<float>(), 1e-5));
        var (expected, actual) = (item.GetProperty("metadata"), LoraFile.Read(_output).Metadata);
        foreach (var key in new[] { "ss_v2", "ss_base_model_version", "ss_network_module", "ss_network_dim", "ss_network_alpha", "sshs_legacy_hash" })
            Assert.Equal(expected.GetProperty(key).GetString(), actual[key]);
        Assert.Equal(expected.GetProperty("ss_network_args").GetString()!.Replace(" ", "", StringComparison.Ordinal), actual["ss_network_args"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Products_equal_sd_scripts(int number)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("merge/extract.json")));
        Extract(Tuned(1), OptionsOf(document.RootElement.GetProperty("cases")[number]));
        using var golden = GoldenTensors.Open($"merge/extract_{number}.safetensors");
        var deltas = LoraDeltas.Of(_output);
        foreach (var up in golden.Names.Where(name => name.StartsWith("unclamped.", StringComparison.Ordinal) && name.EndsWith(".lora_up.weight", StringComparison.Ordinal)))
        {
            var module = up["unclamped.".Length..^".lora_up.weight".Length];
            var product = golden[up].flatten(1).matmul(golden[$"unclamped.{module}.lora_down.weight"].flatten(1));
            Assert.InRange((deltas[module] - product).abs().max().item<float>(), 0, 1e-5);
        }
    }

    [Fact]
    public void What_was_merged_comes_back()
    {
        var result = Extract(Tuned(0.5), new() { Rank = 4, ConvRank = 4, MinDifference = 0 });
        Assert.Equal(295, result.Modules.Count);
        Assert.InRange(result.RelativeError, 0, 1e-3);
        Assert.Empty(result.UncoveredTensors);
        var (halves, wholes) = (LoraDeltas.Of(_output), LoraDeltas.Of(FuseCase.C3Lier));
        Assert.All(wholes, whole => Assert.InRange((halves[whole.Key] + halves[whole.Key] - whole.Value).norm().item<float>(), 0, 2e-3 * whole.Value.norm().item<float>()));
    }

    [Fact]
    public void Extracting_from_folders_gives_the_bytes_of_single_files()
    {
        var tuned = Tuned(1);
        Extract(tuned, new() { MinDifference = 0 });
        var fromFiles = FuseCase.Bytes(_output);
        LoraExtractor.Extract(_case.WriteFolder("original", FuseCase.Model), _case.WriteFolder("tuned", tuned), _output, new() { MinDifference = 0, Overwrite = true });
        Assert.Equal(fromFiles, FuseCase.Bytes(_output));
    }

    [Fact]
    public void The_error_reported_is_the_distance_from_the_difference()
    {
        var result = Extract(Tuned(1), new() { Rank = 1, MinDifference = 0 });
        var (kept, whole) = (LoraDeltas.Of(_output), LoraDeltas.Of(FuseCase.C3Lier));
        foreach (var module in result.Modules)
            Assert.Equal(((kept[module.Name] - whole[module.Name]).norm() / whole[module.Name].norm()).item<float>(), module.RelativeError, 1e-3);
        Assert.InRange(result.RelativeError, 0.1, 1);
    }

    [Fact]
    public void Clipping_costs_accuracy_and_the_error_says_so()
    {
        var tuned = Tuned(1);
        var exact = Extract(tuned, new() { Rank = 4 });
        var clipped = LoraExtractor.Extract(FuseCase.Model, tuned, _output, new() { Rank = 4, ClampQuantile = 0.9, Overwrite = true });
        Assert.True(clipped.RelativeError > exact.RelativeError + 0.05);
        var (kept, whole) = (LoraDeltas.Of(_output), LoraDeltas.Of(FuseCase.C3Lier));
        Assert.All(clipped.Modules, module => Assert.Equal(((kept[module.Name] - whole[module.Name]).norm() / whole[module.Name].norm()).item<float>(), module.RelativeError, 1e-3));
    }

    [Fact]
    public void An_adaptive_rank_is_what_the_difference_needs()
    {
        var first = new CounterRandom(1, RandomPurpose.NetworkInit).Normal(32, 3);
        var second = new CounterRandom(2, RandomPurpose.NetworkInit).Normal(3, 32);
        var original = _case.WriteChanged("f32.safetensors", FuseCase.Model, (_, tensor) => tensor.is_floating_point() ? tensor.to(float32) : tensor);
        var tuned = _case.WriteChanged("tuned.safetensors", original, (name, tensor) => name == ToQKey ? tensor + first.matmul(second) : tensor);
        var result = LoraExtractor.Extract(original, tuned, _output, new() { Rank = 12, Criterion = RankCriterion.SvRatio, Threshold = 1e4 });
        // One more than needed, as the rule of sd-scripts has it.
        Assert.Equal(4, result.Modules.Single(module => module.Name == ToQ).Rank);
        Assert.All(result.Modules.Where(module => module.Name != ToQ), module => Assert.Equal((1, 0.0), (module.Rank, module.Norm)));
    }

    [Fact]
    public void A_text_encoder_that_hardly_differs_is_left_out_and_the_largest_difference_told()
    {
        var events = new EventList();
        var result = LoraExtractor.Extract(FuseCase.Model, Tuned(1), _output, new() { MinDifference = 10 }, events);
        Assert.DoesNotContain(result.Modules, module => module.Name.StartsWith("lora_te_", StringComparison.Ordinal));
        var warning = events.OfType<WarningEvent>().Single(w => w.Id == "TextEncoderUnchanged");
        Assert.Contains(FormattableString.Invariant($"{result.TextEncoderDifference:g4}"), warning.Message, StringComparison.Ordinal);
        Assert.InRange(result.TextEncoderDifference, 1e-3, 1);
    }

    [Fact]
    public void Differences_a_LoRA_cannot_hold_are_named_and_measured()
    {
        var tuned = _case.WriteChanged("tuned.safetensors", Tuned(1), (name, tensor) => name == ConvInKey ? tensor + ones_like(tensor) : tensor);
        var events = new EventList();
        var result = LoraExtractor.Extract(FuseCase.Model, tuned, _output, new() { Rank = 4, ConvRank = 4, MinDifference = 0 }, events);
        Assert.Equal("UNet/conv_in.weight", Assert.Single(result.UncoveredTensors));
        using var file = SafetensorsFile.Open(FuseCase.Model);
        var lost = file.Tensors.Single(info => info.Name == ConvInKey).Shape.Aggregate(1L, (product, side) => product * side);
        Assert.Equal(Math.Sqrt(lost / (lost + result.Modules.Sum(module => module.Norm * module.Norm))), result.UncoveredShare, 1e-3);
        Assert.Contains("conv_in", Assert.Single(events.OfType<WarningEvent>(), w => w.Id == "DifferencesUncovered").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Models_without_a_difference_give_no_LoRA()
    {
        var e = Assert.Throws<LoraMergeException>(() => Extract(FuseCase.Model, new()));
        Assert.Equal("ModelsEqual", e.ErrorId);
        Assert.Empty(_case.Entries);
    }

    [Fact]
    public void Models_of_different_structure_are_refused_and_everything_that_differs_told_at_once()
    {
        var other = _case.WriteChanged("other.safetensors", FuseCase.Model, (name, tensor) => name switch
        {
            ConvInKey => null,
            ToQKey => tensor.narrow(0, 0, 16).contiguous(),
            _ => tensor,
        });
        var e = Assert.Throws<LoraMergeException>(() => Extract(other, new()));
        Assert.Equal("ModelsDiffer", e.ErrorId);
        Assert.Contains("lacks 1 (UNet/conv_in.weight)", e.Message, StringComparison.Ordinal);
        Assert.Contains("is [32, 32] and [16, 32]", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Models_of_other_families_are_refused_and_a_missing_text_encoder_is_told()
    {
        var large = _case.Write("large.safetensors", ("model.diffusion_model.double_blocks.0.img_attn.proj.weight", ones(8, 8)));
        Assert.Equal("ModelUnsupported", Assert.Throws<LoraMergeException>(() => LoraExtractor.Extract(large, large, _output)).ErrorId);
        var unet = _case.WriteChanged("unet.safetensors", Tuned(1), (name, tensor) => name.StartsWith(FuseCase.Prefix, StringComparison.Ordinal) ? tensor : null);
        var events = new EventList();
        LoraExtractor.Extract(FuseCase.Model, unet, _output, events: events);
        Assert.Contains(events.OfType<WarningEvent>(), warning => warning.Id == "TextEncoderMissing");
    }

    [Fact]
    public void A_model_with_NaN_is_refused_and_the_tensor_named()
    {
        var broken = _case.WriteChanged("broken.safetensors", FuseCase.Model, (name, tensor) => name == ToQKey ? zeros_like(tensor) / zeros_like(tensor) : tensor);
        var e = Assert.Throws<LoraMergeException>(() => Extract(broken, new()));
        Assert.Equal("ModelNotFinite", e.ErrorId);
        Assert.Contains(ToQKey, e.Message, StringComparison.Ordinal);
        Assert.Equal(["broken.safetensors"], _case.Entries);
    }

    [Fact]
    public void A_file_at_the_destination_stays_unless_it_may_be_replaced_and_a_cancelled_run_leaves_nothing()
    {
        var tuned = Tuned(1);
        Assert.Equal("DestinationExists", Assert.Throws<DestinationExistsException>(() => LoraExtractor.Extract(FuseCase.Model, tuned, tuned)).ErrorId);
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.Throws<OperationCanceledException>(() => LoraExtractor.Extract(FuseCase.Model, tuned, _output, cancellationToken: stopped.Token));
        Assert.Equal([Path.GetFileName(tuned)], _case.Entries);
    }

    [Fact]
    public void Equal_runs_write_equal_bytes_and_leave_no_tensor_behind()
    {
        var tuned = Tuned(1);
        Extract(tuned, new());
        var bytes = File.ReadAllBytes(_output);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        LoraExtractor.Extract(FuseCase.Model, tuned, _output, new() { Overwrite = true });
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equal(bytes, File.ReadAllBytes(_output));
    }

    [Fact]
    public void Numbers_outside_their_range_are_refused_before_anything_is_read()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Extract("missing", new() { Rank = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Extract("missing", new() { ClampQuantile = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Extract("missing", new() { MinDifference = -1 }));
    }

    private LoraExtractResult Extract(string tuned, LoraExtractOptions options) => LoraExtractor.Extract(FuseCase.Model, tuned, _output, options);

    private string Tuned(double ratio) => CheckpointFuser.Merge(
        FuseCase.Model, [new(FuseCase.C3Lier, ratio)], _case.File("fused.safetensors"), new() { SaveDType = SafetensorsDType.F32 }).Path;

    private static LoraExtractOptions OptionsOf(JsonElement item) => new()
    {
        Rank = item.GetProperty("dim").GetInt32(),
        ConvRank = item.GetProperty("conv_dim").ValueKind == JsonValueKind.Null ? null : item.GetProperty("conv_dim").GetInt32(),
        MinDifference = item.GetProperty("min_diff").GetDouble(),
    };

    public void Dispose()
    {
        _scope.Dispose();
        _case.Dispose();
    }
}
