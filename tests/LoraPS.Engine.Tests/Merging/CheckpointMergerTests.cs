using System.Text.Json.Nodes;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Models.Clip;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

public sealed class CheckpointMergerTests : IDisposable
{
    private const string ToQKey = FuseCase.Prefix + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight";
    private const string ConvInKey = FuseCase.Prefix + "input_blocks.0.0.weight";
    private const string OutKey = FuseCase.Prefix + "out.2.weight";
    private const string TextKey = "cond_stage_model.transformer.text_model.encoder.layers.0.mlp.fc1.weight";

    private readonly FuseCase _case = new();
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly string _a;
    private readonly string _b;

    public CheckpointMergerTests()
    {
        // Every network's weights are 1 in one model and 3 in the other.
        _a = Constant("a.safetensors", 1);
        _b = Constant("b.safetensors", 3);
    }

    [Fact]
    public void Weights_are_summed_with_their_ratios()
    {
        var result = Merge(new(_a, 0.25), new(_b, 0.5));
        Assert.All(Values(result.Path), value => Assert.Equal(1.75f, value.Value));
        Assert.Equal((0.25, 0.5), (result.Sources[0].Ratio, result.Sources[1].Ratio));
        Assert.Equal(ModelHashes.Sha256(_b), result.Sources[1].Sha256);
    }

    [Fact]
    public void Without_ratios_all_have_equal_shares_and_a_first_model_without_one_gets_the_rest()
    {
        Assert.All(Values(Merge(new(_a), new(_b), new(_b), new(_b)).Path), value => Assert.Equal(2.5f, value.Value));
        Assert.All(Values(Merge(new(_a), new(_b, 0.25)).Path), value => Assert.Equal(1.5f, value.Value));
    }

    // What sd-scripts tools/merge_models.py@48d368fa computes: float32 products, added in the order of the models.
    [Fact]
    public void Sums_equal_those_of_torch_tensor_by_tensor()
    {
        var tuned = CheckpointFuser.Merge(FuseCase.Model, [new(FuseCase.C3Lier)], _case.File("tuned.safetensors"), new() { SaveDType = SafetensorsDType.F32 }).Path;
        var result = CheckpointMerger.Merge([new(FuseCase.Model, 0.3), new(tuned, 0.7)], _case.Destination, new() { SaveDType = SafetensorsDType.F32 });
        using SafetensorsFile first = SafetensorsFile.Open(FuseCase.Model), second = SafetensorsFile.Open(tuned), merged = SafetensorsFile.Open(result.Path);
        Assert.Equal(result.TensorsMerged + 3, result.TensorCount);
        foreach (var info in merged.Tensors.Where(info => info.DType == SafetensorsDType.F32 && LdmNames.TryToDiffusers(info.Name, out _, out _)))
        {
            var expected = (first.Read(info.Name).to(float32) * 0.3f) + (second.Read(info.Name).to(float32) * 0.7f);
            Assert.InRange((merged.Read(info.Name) - expected).abs().max().item<float>(), 0, 1e-6f * (1 + expected.abs().max().item<float>()));
        }
    }

    [Fact]
    public void Adding_a_difference_carries_training_over()
    {
        var tuned = CheckpointFuser.Merge(FuseCase.Model, [new(FuseCase.C3Lier)], _case.File("tuned.safetensors"), new() { SaveDType = SafetensorsDType.F32 }).Path;
        var result = CheckpointMerger.Merge(
            CheckpointSource.AddDifference(FuseCase.Model, tuned, FuseCase.Model), _case.Destination, new() { SaveDType = SafetensorsDType.F32 });
        Assert.InRange(FuseCase.Distance(tuned, result.Path), 0, 1e-6);
        Assert.All(
            Values(CheckpointMerger.Merge(CheckpointSource.AddDifference(_a, _b, _a, 0.5), _case.Destination, new() { Overwrite = true }).Path),
            value => Assert.Equal(2f, value.Value));
    }

    [Fact]
    public void Types_and_other_tensors_are_those_of_the_first_model()
    {
        var result = Merge(new(FuseCase.Model, 0.5), new(_b, 0.5));
        var (before, after) = (FuseCase.Bytes(FuseCase.Model), FuseCase.Bytes(result.Path));
        Assert.Equal(before.Select(Head).Order(), after.Select(Head).Order());
        var extras = before.Where(tensor => !LdmNames.TryToDiffusers(tensor.Key, out _, out _) || tensor.Key.EndsWith("position_ids", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(extras);
        Assert.All(extras, tensor => Assert.Equal(tensor.Value, after[tensor.Key]));

        static string Head(KeyValuePair<string, string> tensor) => tensor.Key + tensor.Value[..tensor.Value.LastIndexOf(' ')];
    }

    [Fact]
    public void Ratios_of_one_and_zero_leave_the_first_model_as_it_is()
    {
        var result = Merge(new(FuseCase.Model, 1), new(_b, 0));
        Assert.Equal(FuseCase.Bytes(FuseCase.Model), FuseCase.Bytes(result.Path));
        Assert.Equal(0, result.TensorsMerged);
    }

    [Fact]
    public void Block_weights_multiply_ratios_and_the_first_model_gets_the_rest_block_by_block()
    {
        var values = Values(Merge(new(_a), new(_b, 1, BlockWeights.Parse("BASE=0,IN00=0.5,IN01=0.25,OUT11=0"))).Path);
        Assert.Equal((1f, 2f, 1.5f, 1f), (values[TextKey], values[ConvInKey], values[ToQKey], values[OutKey]));
        Assert.Equal(3f, values[FuseCase.Prefix + "middle_block.1.proj_in.weight"]);
    }

    [Fact]
    public void The_U_Net_alone_is_merged_when_asked()
    {
        var values = Values(CheckpointMerger.Merge([new(_a, 0.5), new(_b, 0.5)], _case.Destination, new() { UNetOnly = true }).Path);
        Assert.Equal((1f, 2f), (values[TextKey], values[ConvInKey]));
        Assert.All(values.Where(value => value.Key.StartsWith("first_stage_model.", StringComparison.Ordinal)), value => Assert.Equal(1f, value.Value));
    }

    [Fact]
    public void Folders_and_single_files_mix_and_the_result_has_the_form_of_the_first()
    {
        var single = Merge(new(_a, 0.5), new(_b, 0.25));
        var folder = CheckpointMerger.Merge([new(_case.WriteFolder("a", _a), 0.5), new(_b, 0.25)], _case.File("out"));
        Assert.Equal(single.TensorsMerged, folder.TensorsMerged);
        using var unet = SafetensorsFile.Open(Path.Combine(folder.Path, "unet", "diffusion_pytorch_model.safetensors"));
        Assert.All(unet.Tensors, info => Assert.Equal(1.25f, unet.Read(info.Name).flatten()[0].to(float32).item<float>()));
        Assert.Equal(4, folder.Sources.Count);
    }

    [Fact]
    public void A_model_without_a_network_leaves_its_share_to_the_first()
    {
        var unetOnly = _case.WriteChanged("unet.safetensors", _b, (name, tensor) => name.StartsWith(FuseCase.Prefix, StringComparison.Ordinal) ? tensor : null);
        var values = Values(Merge(new(_a, 0.5), new(unetOnly, 0.5)).Path);
        Assert.Equal((1f, 2f), (values[TextKey], values[ConvInKey]));
    }

    [Fact]
    public void Weights_under_names_that_are_not_known_are_summed_too_and_compared()
    {
        const string other = "cond_stage_model.model.ln_final.weight", label = FuseCase.Prefix + "label_emb.0.0.weight";
        string With(string name, string model, float value, long size) => _case.Write(name, [.. Tensors(model), (other, full([size], value)), (label, full([2, 2], value))]);
        var (first, second) = (With("first.safetensors", _a, 1, 4), With("second.safetensors", _b, 3, 4));
        using (var merged = SafetensorsFile.Open(Merge(new(first), new(second, 1, BlockWeights.Parse("BASE=0.25"))).Path))
            Assert.Equal((1.5f, 3f), (merged.Read(other)[0].item<float>(), merged.Read(label)[0, 0].item<float>()));
        using (var merged = SafetensorsFile.Open(CheckpointMerger.Merge([new(first), new(second, 1)], _case.Destination, new() { Overwrite = true, UNetOnly = true }).Path))
            Assert.Equal((1f, 3f), (merged.Read(other)[0].item<float>(), merged.Read(label)[0, 0].item<float>()));
        Assert.Contains(other, Assert.Throws<LoraMergeException>(() => Merge(new(first), new(With("third.safetensors", _b, 3, 5), 1))).Message, StringComparison.Ordinal);

        static IEnumerable<(string, Tensor)> Tensors(string path)
        {
            using var file = SafetensorsFile.Open(path);
            return file.Tensors.Select(info => (info.Name, file.Read(info.Name))).ToList();
        }
    }

    [Fact]
    public void Folders_with_two_text_encoders_and_single_files_do_not_mix()
    {
        var folder = _case.WriteFolder("large", _a);
        Directory.CreateDirectory(Path.Combine(folder, "text_encoder_2"));
        Assert.Equal("ModelUnsupported", Assert.Throws<LoraMergeException>(() => CheckpointMerger.Merge([new(folder), new(_a)], _case.File("out"))).ErrorId);
    }

    [Fact]
    public void Models_of_different_structure_are_refused_and_everything_told_at_once()
    {
        var other = _case.WriteChanged("other.safetensors", _b, (name, tensor) => name switch { ConvInKey => null, ToQKey => tensor.narrow(0, 0, 16).contiguous(), _ => tensor });
        var e = Assert.Throws<LoraMergeException>(() => Merge(new(_a, 0.5), new(other, 0.5)));
        Assert.Equal("ModelsDiffer", e.ErrorId);
        Assert.Contains("conv_in.weight", e.Message, StringComparison.Ordinal);
        Assert.Contains("[16, 32]", e.Message, StringComparison.Ordinal);
        Assert.Equal("ModelUnknown", Assert.Throws<LoraMergeException>(() => Merge(new(_a, 0.5), new(FuseCase.C3Lier, 0.5))).ErrorId);
        Assert.False(File.Exists(_case.Destination));
    }

    [Fact]
    public void Numbers_that_do_not_fit_and_NaN_are_refused_and_nothing_is_left_behind()
    {
        var entries = _case.Entries.Order().ToList();
        Assert.Equal("MergedWeightNotFinite", Assert.Throws<LoraMergeException>(() => Merge(new(_a, 1e6), new(_b, 1))).ErrorId);
        var broken = _case.WriteChanged("broken.safetensors", _b, (name, tensor) => name == ToQKey ? full_like(tensor, float.NaN) : tensor);
        Assert.Contains(ToQKey, Assert.Throws<LoraMergeException>(() => Merge(new(_a, 0.5), new(broken, 0.5))).Message, StringComparison.Ordinal);
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => CheckpointMerger.Merge([new(_a), new(_b)], _case.Destination, cancellationToken: stopped.Token));
        Assert.Equal(entries.Append("broken.safetensors").Order(), _case.Entries.Order());
    }

    [Fact]
    public void Arguments_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Merge(new CheckpointSource(_a)));
        Assert.Throws<ArgumentException>(() => Merge(new(_a, double.NaN), new(_b, 1)));
        Assert.Throws<ArgumentException>(() => Merge(new(_a, 0.5), new(_b)));
        Assert.Throws<ArgumentException>(() => CheckpointMerger.Merge([new(_a), new(_b)], _case.File("out")));
        Assert.Equal("DestinationFormat", Assert.Throws<DestinationFormatException>(() => CheckpointMerger.Merge([new(_a), new(_b)], _case.File("out.ckpt"))).ErrorId);
        Assert.Equal("DestinationExists", Assert.Throws<DestinationExistsException>(() => CheckpointMerger.Merge([new(_a), new(_b)], _a)).ErrorId);
        Assert.Equal("ModelNotFound", Assert.Throws<MissingFileException>(() => Merge(new(_a), new("none"))).ErrorId);
    }

    [Fact]
    public void The_result_says_what_it_was_made_of_and_leaves_no_tensor()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var events = new EventList();
        var result = CheckpointMerger.Merge([new(_a, 0.25), new(_b, 0.75)], _case.Destination, events: events);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        using var file = SafetensorsFile.Open(result.Path);
        var record = JsonNode.Parse(file.Metadata["loraps.merge"])!;
        Assert.Equal(("CheckpointSum", 0.75, "b.safetensors"), ((string)record["method"]!, (double)record["sources"]![1]!["ratio"]!, (string)record["sources"]![1]!["name"]!));
        Assert.Equal(1, events.OfType<ProgressEvent>().Last().Fraction);
        Assert.Equal(new FileInfo(result.Path).Length, result.Length);
    }

    private CheckpointMergeResult Merge(params CheckpointSource[] sources) => CheckpointMerger.Merge(sources, _case.Destination, new() { Overwrite = true });

    private string Constant(string name, float value) =>
        _case.WriteChanged(name, FuseCase.Model, (_, tensor) => tensor.is_floating_point() ? full_like(tensor, value) : tensor);

    /// <summary>The one value that all numbers of a tensor have, for all weights of networks.</summary>
    private static Dictionary<string, float> Values(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Tensors.Where(info => LdmNames.TryToDiffusers(info.Name, out _, out _) && !LdmNames.IsExtra(info.Name)).ToDictionary(info => info.Name, info =>
        {
            var values = file.Read(info.Name).to(float32);
            Assert.Equal(values.min().item<float>(), values.max().item<float>());
            return values.max().item<float>();
        });
    }

    public void Dispose()
    {
        _scope.Dispose();
        _case.Dispose();
    }
}
