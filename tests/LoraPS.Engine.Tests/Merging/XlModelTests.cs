using LoraPS.Engine.Formats;
using LoraPS.Engine.Inspection;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Models.Clip;
using LoraPS.Engine.Tests.Naming;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

/// <summary>Merging into Stable Diffusion XL and extracting from it: every name of the full-size model, with sizes a 64th as large.</summary>
public sealed class XlModelTests : IDisposable
{
    private const int Modules = 1052;
    private const string FirstEncoder = "conditioner.embedders.0.transformer.";
    private const string SecondEncoder = "conditioner.embedders.1.model.transformer.resblocks.";

    private static readonly (string Module, string Tensor)[] SecondEncoderLayers =
        [("mlp_fc1", "mlp.c_fc.weight"), ("mlp_fc2", "mlp.c_proj.weight"), ("self_attn_out_proj", "attn.out_proj.weight")];

    private readonly FuseCase _case = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private static Dictionary<string, Tensor> Read(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Tensors.ToDictionary(info => info.Name, info => file.Read(info.Name).to(float64));
    }

    [Fact]
    public void A_LoRA_of_every_module_changes_each_weight_by_its_product_and_nothing_else()
    {
        var (model, lora) = (WriteModel(), WriteLora("lora.safetensors"));
        var result = _case.Merge(model, new() { SaveDType = SafetensorsDType.F32 }, new LoraSource(lora, 0.5));
        // In each of 32 layers one tensor holds three modules.
        Assert.Equal((Modules, 0, Modules - 64), (result.MergedModules, result.UnmatchedModules.Count, result.TensorsChanged));

        var (before, after, deltas) = (Read(model), Read(result.Path), LoraDeltas.Of(lora));
        foreach (var (name, tensor) in before)
            Assert.InRange((after[name] - tensor - (0.5 * Expected(name, tensor, deltas))).abs().max().item<double>(), 0, 1e-6);
        Assert.Empty(deltas);
    }

    [Theory]
    [InlineData("loha")]
    [InlineData("lokr")]
    [InlineData("lokr whole")]
    public void LoHa_and_LoKr_change_each_weight_as_they_define_it(string kind)
    {
        var (model, deltas) = (WriteModel(), new Dictionary<string, Tensor>());
        var tensors = new List<(string, Tensor)>();
        foreach (var (module, shape) in Weights())
        {
            var (parts, delta) = kind == "loha" ? Loha(module, shape) : Lokr(module, shape, kind == "lokr whole");
            tensors.AddRange(parts);
            deltas.Add(module, delta);
        }

        var result = _case.Merge(model, new() { SaveDType = SafetensorsDType.F32 }, new LoraSource(_case.Write("lycoris.safetensors", [.. tensors]), 0.5));
        Assert.Equal((Modules, 0, Modules - 64), (result.MergedModules, result.UnmatchedModules.Count, result.TensorsChanged));
        var (before, after) = (Read(model), Read(result.Path));
        foreach (var (name, tensor) in before)
            Assert.InRange((after[name] - tensor - (0.5 * Expected(name, tensor, deltas))).abs().max().item<double>(), 0, 2e-5);
        Assert.Empty(deltas);
    }

    [Fact]
    public void The_diffusers_spelling_of_other_trainers_is_merged_into_the_same_bytes()
    {
        var (model, lora) = (WriteModel(), WriteLora("lora.safetensors"));
        var kohya = LoraNamings.For(LoraFormat.Kohya, [], isXl: true);
        using (var file = SafetensorsFile.Open(lora))
        {
            var spelled = file.Tensors.ToDictionary(
                info => kohya.Parse(info.Name) is { Part: ModelPart.UNet } name ? KohyaNames.ForUNet(name.Path) + info.Name[info.Name.IndexOf('.', StringComparison.Ordinal)..] : info.Name, info => file.Read(info.Name));
            SafetensorsWriter.Write(_case.File("spelled.safetensors"), spelled, new Dictionary<string, string>());
        }

        var expected = FuseCase.Bytes(_case.Merge(model, new(), new LoraSource(lora)).Path);
        var result = _case.Merge(model, new() { Overwrite = true }, new LoraSource(_case.File("spelled.safetensors")));
        Assert.Equal((Modules, 0), (result.MergedModules, result.UnmatchedModules.Count));
        Assert.Equal(expected, FuseCase.Bytes(result.Path));
    }

    [Fact]
    public void LoRAs_in_both_spellings_are_merged_module_by_module()
    {
        var (lora, other) = (WriteLora("lora.safetensors"), _case.WriteLora("other.safetensors", "lora_unet_down_blocks_1_attentions_0_transformer_blocks_1_attn1_to_q", ones(3, 10), ones(10, 3)));
        var result = LoraMerger.Merge([new(lora), new(other, -2)], _case.File("both.safetensors"));
        Assert.Equal(Modules, result.Modules.Count);
        const string module = "lora_unet_input_blocks_4_1_transformer_blocks_1_attn1_to_q";
        var (merged, expected) = (LoraDeltas.Of(result.Path)[module], LoraDeltas.Of(lora)[module] + (ones(10, 10) * -6));
        Assert.InRange((merged - expected).abs().max().item<float>(), 0, 1e-5);
    }

    [Fact]
    public void A_folder_takes_the_LoRA_in_all_three_networks_and_gives_it_back()
    {
        var folder = _case.File("folder");
        foreach (var (part, file, list) in new[] { ("unet", "diffusion_pytorch_model", "sdxl.unet.diffusers"), ("text_encoder", "model", "sdxl.text_encoder.diffusers"), ("text_encoder_2", "model", "sdxl.text_encoder_2.diffusers") })
            SafetensorsWriter.Write(Path.Combine(folder, part, file + ".safetensors"), KeyLists.Read(list).ToDictionary(entry => entry.Key, entry => Normal(entry.Key, Small(entry.Value, whole: true))), new Dictionary<string, string>());
        var lora = WriteLora("lora.safetensors", isNarrow: false);
        var result = CheckpointFuser.Merge(folder, [new(lora)], _case.File("merged"), new());
        Assert.Equal((Modules, 0, Modules), (result.MergedModules, result.UnmatchedModules.Count, result.TensorsChanged));
        var extracted = LoraExtractor.Extract(folder, result.Path, _case.File("extracted.safetensors"), new() { Rank = 2, ConvRank = 2, MinDifference = 0, SaveDType = SafetensorsDType.F32 });
        Assert.InRange(LoraDeltas.Distance(LoraDeltas.Of(extracted.Path), LoraDeltas.Of(lora)), 0, 1e-4);
    }

    [Fact]
    public void Shapes_of_shares_are_checked_too()
    {
        var lora = _case.WriteLora("wrong.safetensors", "lora_te2_text_model_encoder_layers_0_self_attn_k_proj", ones(1, 20), ones(60, 1));
        var e = Assert.Throws<LoraModelMismatchException>(() => _case.Merge(WriteModel(), new(), new LoraSource(lora)));
        Assert.Contains("in_proj_weight", e.Message, StringComparison.Ordinal);
        var elsewhere = _case.WriteLora("sd1.safetensors", "lora_unet_up_blocks_3_resnets_0_conv1", ones(1, 20, 3, 3), ones(60, 1, 1, 1));
        Assert.Throws<LoraModelMismatchException>(() => _case.Merge(WriteModel(), new(), new LoraSource(elsewhere)));
    }

    [Fact]
    public void What_was_merged_is_extracted_again()
    {
        var (model, lora) = (WriteModel(), WriteLora("lora.safetensors"));
        var tuned = _case.Merge(model, new() { SaveDType = SafetensorsDType.F32 }, new LoraSource(lora)).Path;
        var events = new EventList();
        var result = LoraExtractor.Extract(model, tuned, _case.File("extracted.safetensors"), new() { Rank = 2, ConvRank = 2, MinDifference = 0, SaveDType = SafetensorsDType.F32 }, events);
        Assert.Equal(Modules, result.Modules.Count);
        Assert.Empty(result.UncoveredTensors);
        Assert.Empty(events.OfType<WarningEvent>());
        Assert.InRange(LoraDeltas.Distance(LoraDeltas.Of(result.Path), LoraDeltas.Of(lora)), 0, 1e-4);
        var metadata = LoraFile.Read(result.Path).Metadata;
        Assert.Equal(("sdxl_base_v1-0", "False", "stable-diffusion-xl-v1-base/lora"), (metadata["ss_base_model_version"], metadata["ss_v2"], metadata["modelspec.architecture"]));
    }

    [Fact]
    public void Without_convolutions_the_modules_are_those_of_LierLa()
    {
        var (model, lora) = (WriteModel(), WriteLora("lora.safetensors"));
        var tuned = _case.Merge(model, new(), new LoraSource(lora)).Path;
        var result = LoraExtractor.Extract(model, tuned, _case.File("extracted.safetensors"), new() { Rank = 1, MinDifference = 0 });
        Assert.Equal((986, 66), (result.Modules.Count, result.UncoveredTensors.Count));
    }

    [Fact]
    public void A_LoRA_is_held_against_the_model()
    {
        var check = LoraCheck.Check(WriteLora("lora.safetensors"), WriteModel());
        Assert.Equal((Modules, Modules), (check.MatchedModules, check.ModelModules));
        Assert.DoesNotContain(check.Problems, problem => problem.IsError);
    }

    // The rule of the reference's names, told once more: U-Net and first encoder by putting _ for dots, the second by its layers.
    private static Tensor Expected(string name, Tensor tensor, Dictionary<string, Tensor> deltas)
    {
        foreach (var (prefix, lora) in new[] { (FuseCase.Prefix, "lora_unet_"), (FirstEncoder, "lora_te1_") })
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal) && name.EndsWith(".weight", StringComparison.Ordinal))
                return Take(lora + name[prefix.Length..^".weight".Length].Replace('.', '_'));
        }

        if (!name.StartsWith(SecondEncoder, StringComparison.Ordinal))
            return zeros_like(tensor);
        var layer = name[SecondEncoder.Length..].Split('.')[0];
        if (name.EndsWith("attn.in_proj_weight", StringComparison.Ordinal))
            return cat([.. new[] { "q", "k", "v" }.Select(part => deltas.Remove($"lora_te2_text_model_encoder_layers_{layer}_self_attn_{part}_proj", out var delta) ? delta.to(float64) : throw new KeyNotFoundException(name))]);
        var known = Array.Find(SecondEncoderLayers, entry => name.EndsWith(layer + "." + entry.Tensor, StringComparison.Ordinal)).Module;
        return known is null ? zeros_like(tensor) : Take($"lora_te2_text_model_encoder_layers_{layer}_{known}");

        Tensor Take(string module) => deltas.Remove(module, out var delta) ? delta.to(float64).reshape(tensor.shape) : zeros_like(tensor);
    }

    private static IEnumerable<(string Module, long[] Shape)> Weights()
    {
        var list = KeyLists.Read("sdxl.lora.c3lier.r16c8");
        foreach (var key in list.Keys.Where(key => key.EndsWith(KohyaNames.DownSuffix, StringComparison.Ordinal)))
        {
            var module = key[..^KohyaNames.DownSuffix.Length];
            yield return (module, [Small(list[module + KohyaNames.UpSuffix])[0], .. Small(list[key])[1..]]);
        }
    }

    private static ((string, Tensor)[] Parts, Tensor Delta) Loha(string module, long[] shape)
    {
        var columns = shape.Skip(1).Aggregate(1L, (product, side) => product * side);
        string[] names = [".hada_w1_a", ".hada_w1_b", ".hada_w2_a", ".hada_w2_b"];
        var parts = names.Select(name => (Name: module + name, Value: Normal(module + name, name.EndsWith('a') ? [shape[0], 3] : [3, columns]))).ToArray();
        var delta = parts[0].Value.matmul(parts[1].Value) * parts[2].Value.matmul(parts[3].Value) * (1.5 / 3);
        return ([.. parts, (module + ".alpha", tensor(1.5f))], delta);
    }

    private static ((string, Tensor)[] Parts, Tensor Delta) Lokr(string module, long[] shape, bool isWhole)
    {
        var ((outSmall, outLarge), (inSmall, inLarge)) = (LokrAdapter.Split(shape[0], 4), LokrAdapter.Split(shape[1], 4));
        long[] kernel = [.. shape.Skip(2)];
        var area = kernel.Aggregate(1L, (product, side) => product * side);
        var small = Normal(module + "w1", [outSmall, inSmall]);
        if (isWhole)
        {
            var whole = Normal(module + "w2", [outLarge, inLarge, .. kernel]);
            return ([(module + ".lokr_w1", small), (module + ".lokr_w2", whole), (module + ".alpha", tensor(7f))], Product(whole));
        }

        var (a, b) = (Normal(module + "a", [outLarge, 2]), Normal(module + "b", [2, inLarge * area]));
        return ([(module + ".lokr_w1", small), (module + ".lokr_w2_a", a), (module + ".lokr_w2_b", b), (module + ".alpha", tensor(1f))], Product(a.matmul(b).reshape([outLarge, inLarge, .. kernel])) * 0.5);

        Tensor Product(Tensor large) => kron(small.reshape([outSmall, inSmall, .. kernel.Select(_ => 1L)]), large);
    }

    private string WriteModel() => _case.Write("model.safetensors", [.. KeyLists.Read("sdxl.checkpoint.ldm").Select(entry => (entry.Key, Normal(entry.Key, Small(entry.Value))))]);

    private string WriteLora(string name, bool isNarrow = true) => _case.Write(name, [.. KeyLists.Read("sdxl.lora.c3lier.r16c8").Select(entry => (entry.Key, Factor(entry.Key, entry.Value, isNarrow)))]);

    private static Tensor Factor(string key, string shape, bool isNarrow)
    {
        if (shape.Length == 0)
            return tensor(1f);
        var sides = Small(shape, whole: !isNarrow);
        sides[key.Contains("lora_down", StringComparison.Ordinal) ? 0 : 1] = 2;
        return Normal(key, sides);
    }

    private static Tensor Normal(string key, long[] shape) =>
        shape.Length == 0 ? tensor(1f) : new CounterRandom(7, RandomPurpose.NetworkInit, item: key.Aggregate(17, (hash, letter) => unchecked((hash * 31) + letter)) & 0xFFFFFF).Normal(shape);

    // The width of the context stays where the model is told by it.
    private static long[] Small(string shape, bool whole = false) =>
        [.. (shape.Length == 0 ? [] : shape.Split(',')).Select(long.Parse).Select(side => side == 2048 && whole ? side : side >= 64 ? side / 64 : side)];

    public void Dispose()
    {
        _scope.Dispose();
        _case.Dispose();
    }
}
