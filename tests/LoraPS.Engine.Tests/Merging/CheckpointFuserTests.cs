using System.Text.Json;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Models.Clip;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

public sealed class CheckpointFuserTests : IDisposable
{
    private const string ToQ = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
    private const string ToQKey = FuseCase.Prefix + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight";
    private const string ProjIn = "lora_unet_down_blocks_0_attentions_0_proj_in";
    private const string ProjInKey = FuseCase.Prefix + "input_blocks.1.1.proj_in.weight";

    private readonly FuseCase _case = new();

    public void Dispose() => _case.Dispose();

    // Computed by sd-scripts 48d368fa, networks/merge_lora.py. The first case has one LoRA and saves float32, the second two and float16.
    [Theory]
    [InlineData(0, SafetensorsDType.F32, 1e-6)]
    [InlineData(1, SafetensorsDType.F16, 1.0 / 1024)]
    public void Weights_equal_those_of_the_reference(int index, SafetensorsDType type, double relative)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("merge/checkpoint_merged.json")));
        var expected = document.RootElement[index];
        var ratios = expected.GetProperty("ratios").EnumerateArray().Select(ratio => ratio.GetDouble());
        var result = _case.Merge(
            FuseCase.Model, new() { SaveDType = type }, [.. new[] { FuseCase.C3Lier, FuseCase.LierLa }.Zip(ratios, (path, ratio) => new LoraSource(path, ratio))]);

        Assert.Equal((expected.GetProperty("changed").GetInt32(), 979), (result.TensorsChanged, result.TensorCount));
        using var merged = SafetensorsFile.Open(result.Path);
        AssertStatistics(merged, expected.GetProperty("stats"), relative);
        using var golden = GoldenTensors.Open("merge/checkpoint_merged.safetensors");
        foreach (var name in golden.Names.Where(name => name.StartsWith($"{index}.", StringComparison.Ordinal)))
            AssertWithin(relative, golden[name], merged.Read(name[2..]));
    }

    [Fact]
    public void Types_of_the_result_are_those_of_the_reference()
    {
        var result = _case.Merge(FuseCase.Model, new() { SaveDType = SafetensorsDType.F16 }, new LoraSource(FuseCase.C3Lier));
        using var merged = SafetensorsFile.Open(result.Path);
        Assert.Equal((976, 2, 1), (Count(merged, SafetensorsDType.F16), Count(merged, SafetensorsDType.F32), Count(merged, SafetensorsDType.I64)));
    }

    [Fact]
    public void Tensors_no_LoRA_names_keep_their_bytes_and_all_keep_their_type_and_shape()
    {
        var result = _case.Merge(new LoraSource(FuseCase.C3Lier, 0.8));
        var (before, after) = (FuseCase.Bytes(FuseCase.Model), FuseCase.Bytes(result.Path));
        Assert.Equal(result.TensorsChanged, before.Count(tensor => after[tensor.Key] != tensor.Value));
        Assert.Equal(before.Select(Head).Order(), after.Select(Head).Order());
        Assert.Equal(new FileInfo(result.Path).Length, result.Length);

        static string Head(KeyValuePair<string, string> tensor) => tensor.Key + tensor.Value[..tensor.Value.LastIndexOf(' ')];
    }

    [Fact]
    public void Ratio_zero_changes_no_byte_of_any_tensor()
    {
        var result = _case.Merge(new LoraSource(FuseCase.C3Lier, 0));
        Assert.Equal(FuseCase.Bytes(FuseCase.Model), FuseCase.Bytes(result.Path));
        Assert.Equal((295, 0), (result.MergedModules, result.TensorsChanged));
    }

    [Fact]
    public void A_ratio_and_its_opposite_cancel()
    {
        var merged = CheckpointFuser.Merge(FuseCase.Model, [new(FuseCase.C3Lier, 0.7)], _case.File("once.safetensors"), new() { SaveDType = SafetensorsDType.F32 });
        Assert.InRange(FuseCase.Distance(FuseCase.Model, merged.Path), 1e-3, double.MaxValue);
        var back = _case.Merge(merged.Path, new() { SaveDType = SafetensorsDType.F16 }, new LoraSource(FuseCase.C3Lier, -0.7));
        Assert.Equal(0, FuseCase.Distance(FuseCase.Model, back.Path));
    }

    [Fact]
    public void Two_LoRAs_at_once_are_one_after_the_other()
    {
        var options = new CheckpointFuseOptions { SaveDType = SafetensorsDType.F32 };
        var first = CheckpointFuser.Merge(FuseCase.Model, [new(FuseCase.C3Lier, 0.7)], _case.File("first.safetensors"), options);
        var second = CheckpointFuser.Merge(first.Path, [new(FuseCase.LierLa, -0.35)], _case.File("second.safetensors"), options);
        var both = _case.Merge(FuseCase.Model, options, new(FuseCase.C3Lier, 0.7), new(FuseCase.LierLa, -0.35));
        Assert.InRange(FuseCase.Distance(second.Path, both.Path), 0, 1e-6);
    }

    [Fact]
    public void Matrices_and_pointwise_convolutions_change_each_other()
    {
        using var scope = NewDisposeScope();
        var flat = _case.WriteLora("flat.safetensors", ProjIn, ones(1, 32), ones(32, 1));
        var deep = _case.WriteLora("deep.safetensors", ToQ, ones(1, 32, 1, 1), ones(32, 1, 1, 1));
        var result = _case.Merge(FuseCase.Model, new() { SaveDType = SafetensorsDType.F32 }, new(flat, 2), new(deep, 3));
        Assert.InRange((Difference(result.Path, ProjInKey) - 2).abs().max().item<double>(), 0, 1e-6);
        Assert.InRange((Difference(result.Path, ToQKey) - 3).abs().max().item<double>(), 0, 1e-6);
    }

    [Theory]
    [InlineData(false, 1.0)]
    [InlineData(true, 2.5)]
    public void Strength_is_alpha_by_rank_with_a_whole_number_for_alpha_or_none(bool hasAlpha, double strength)
    {
        using var scope = NewDisposeScope();
        var alpha = hasAlpha ? tensor(5L) : null;
        var lora = _case.WriteLora("lora.safetensors", ToQ, full([2, 32], 0.5f), ones(32, 2), alpha);
        var result = _case.Merge(FuseCase.Model, new() { SaveDType = SafetensorsDType.F32 }, new LoraSource(lora));
        Assert.InRange((Difference(result.Path, ToQKey) - strength).abs().max().item<double>(), 0, 1e-6);
    }

    [Fact]
    public void Block_weights_multiply_the_ratio()
    {
        using var scope = NewDisposeScope();
        var lora = _case.WriteLora("lora.safetensors", ToQ, ones(1, 32), ones(32, 1));
        var source = new LoraSource(lora, 2, BlockWeights.Parse("IN01=0.25"));
        var result = _case.Merge(FuseCase.Model, new() { SaveDType = SafetensorsDType.F32 }, source);
        Assert.InRange((Difference(result.Path, ToQKey) - 0.5).abs().max().item<double>(), 0, 1e-6);
        Assert.Equal(source.Blocks, result.Loras[0].Blocks);
    }

    [Fact]
    public void Float64_weights_lose_nothing()
    {
        using var scope = NewDisposeScope();
        var weight = full([4, 4], 1.0 + 1e-12, float64);
        var model = _case.Write("model.safetensors", (ToQKey, weight));
        var lora = _case.WriteLora("lora.safetensors", ToQ, ones(1, 4), full([4, 1], 0.5f));
        var result = _case.Merge(model, new(), new LoraSource(lora));
        using var merged = SafetensorsFile.Open(result.Path);
        Assert.Equal(1.5 + 1e-12, merged.Read(ToQKey).min().item<double>(), 1e-15);
    }

    [Fact]
    public void Blocks_of_large_weights_join_without_a_seam()
    {
        using var scope = NewDisposeScope();
        var (weight, up, down) = (randn(1500, 1024), randn(1500, 3), randn(3, 1024));
        var model = _case.Write("model.safetensors", (ToQKey, weight.half()), ("after", arange(5)));
        var lora = _case.WriteLora("lora.safetensors", ToQ, down, up);
        var result = _case.Merge(model, new(), new LoraSource(lora, 0.1));
        using var merged = SafetensorsFile.Open(result.Path);
        var expected = weight.half().to(float32) + (0.1f * up.matmul(down));
        Assert.InRange((merged.Read(ToQKey).to(float32) - expected).abs().max().item<float>(), 0, 2e-3f);
        Assert.Equal([0L, 1, 2, 3, 4], merged.Read("after").data<long>().ToArray());
    }

    [Fact]
    public void Metadata_stays_and_tells_what_was_merged()
    {
        using var scope = NewDisposeScope();
        var model = _case.File("base.safetensors");
        using (var file = SafetensorsFile.Open(FuseCase.Model))
        {
            SafetensorsWriter.Write(
                model, file.Tensors.ToDictionary(info => info.Name, info => file.Read(info.Name)),
                new Dictionary<string, string> { ["note"] = "ünï", ["modelspec.title"] = "Base", ["modelspec.prediction_type"] = "v", ["modelspec.hash_sha256"] = "0x1" });
        }

        var result = _case.Merge(model, new(), new LoraSource(FuseCase.C3Lier, 0.5));
        using var merged = SafetensorsFile.Open(result.Path);
        Assert.Equal(("ünï", "v", "merged"), (merged.Metadata["note"], merged.Metadata["modelspec.prediction_type"], merged.Metadata["modelspec.title"]));
        Assert.Equal(("Base, c3lier_init", "stable-diffusion-v1"), (merged.Metadata["modelspec.merged_from"], merged.Metadata["modelspec.architecture"]));
        Assert.DoesNotContain("modelspec.hash_sha256", merged.Metadata);
        using var record = JsonDocument.Parse(merged.Metadata["loraps.merge"]);
        var source = record.RootElement.GetProperty("sources")[0];
        Assert.Equal(("c3lier_init.safetensors", 0.5), (source.GetProperty("name").GetString(), source.GetProperty("ratio").GetDouble()));
        Assert.Equal(ModelHashes.Sha256(FuseCase.C3Lier), source.GetProperty("sha256").GetString());
        Assert.Equal(ModelHashes.Sha256(model), record.RootElement.GetProperty("model").GetProperty("sha256").GetString());
        Assert.Equal(ModelHashes.Sha256(FuseCase.C3Lier), Assert.Single(result.Loras).Sha256);
    }

    [Fact]
    public void Equal_merges_write_equal_bytes()
    {
        var first = _case.Merge(new LoraSource(FuseCase.C3Lier, 0.3));
        var bytes = File.ReadAllBytes(first.Path);
        _case.Merge(FuseCase.Model, new() { Overwrite = true }, new LoraSource(FuseCase.C3Lier, 0.3));
        Assert.Equal(bytes, File.ReadAllBytes(first.Path));
    }

    [Fact]
    public void The_model_itself_may_be_replaced()
    {
        File.Copy(FuseCase.Model, _case.Destination);
        var apart = CheckpointFuser.Merge(FuseCase.Model, [new(FuseCase.C3Lier)], _case.File("apart.safetensors"), new());
        var inPlace = _case.Merge(_case.Destination, new() { Overwrite = true }, new LoraSource(FuseCase.C3Lier));
        Assert.Equal(FuseCase.Bytes(apart.Path), FuseCase.Bytes(inPlace.Path));
    }

    [Fact]
    public void Modules_the_model_lacks_are_told_and_the_rest_is_merged()
    {
        using var scope = NewDisposeScope();
        var lora = _case.Write(
            "lora.safetensors",
            ($"{ToQ}.lora_down.weight", ones(1, 32)), ($"{ToQ}.lora_up.weight", ones(32, 1)),
            ("lora_unet_elsewhere.lora_down.weight", ones(1, 32)), ("lora_unet_elsewhere.lora_up.weight", ones(32, 1)));
        var events = new EventList();
        var result = CheckpointFuser.Merge(FuseCase.Model, [new(lora)], _case.Destination, new(), events);
        Assert.Equal((1, 1), (result.MergedModules, result.TensorsChanged));
        Assert.Equal(["lora_unet_elsewhere"], result.UnmatchedModules);
        Assert.Equal("LoraModulesUnmatched", Assert.Single(events.OfType<WarningEvent>()).Id);
        Assert.Equal(1, events.OfType<ProgressEvent>().Last().Fraction);
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        _case.Merge(new LoraSource(FuseCase.C3Lier, 0.8));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    /// <summary>Element by element, relative to the element: for float16, one unit in the last place is at most 1/1024.</summary>
    private static void AssertWithin(double relative, Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(expected.dtype, actual.dtype);
        var (wide, difference) = (expected.to(float64), expected.to(float64) - actual.to(float64));
        Assert.InRange((difference.abs() - (wide.abs() * relative)).max().item<double>(), double.NegativeInfinity, 1e-7);
    }

    private static int Count(SafetensorsFile file, SafetensorsDType type) => file.Tensors.Count(info => info.DType == type);

    private static Tensor Difference(string path, string key)
    {
        using SafetensorsFile old = SafetensorsFile.Open(FuseCase.Model), merged = SafetensorsFile.Open(path);
        return merged.Read(key).to(float64) - old.Read(key).to(float64);
    }

    private static void AssertStatistics(SafetensorsFile merged, JsonElement stats, double relative)
    {
        foreach (var tensor in stats.EnumerateObject())
        {
            using var scope = NewDisposeScope();
            var values = merged.Read(tensor.Name).to(float64).flatten();
            var expected = tensor.Value.EnumerateArray().Select(value => value.GetDouble()).ToArray();
            var size = expected[1];
            Assert.InRange(Math.Abs(values.sum().item<double>() - expected[0]), 0, relative * size);
            Assert.InRange(Math.Abs(values.abs().sum().item<double>() - size), 0, relative * size);
            Assert.InRange(Math.Abs(values[0].item<double>() - expected[2]), 0, 1e-6 + (relative * Math.Abs(expected[2])));
            Assert.InRange(Math.Abs(values[-1].item<double>() - expected[3]), 0, 1e-6 + (relative * Math.Abs(expected[3])));
        }
    }
}
