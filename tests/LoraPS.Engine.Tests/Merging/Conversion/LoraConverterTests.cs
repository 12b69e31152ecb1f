using System.Text.Json.Nodes;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Inspection;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Merging.Conversion;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Models.Clip;
using LoraPS.Engine.Tests.Naming;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging.Conversion;

public sealed class LoraConverterTests : IDisposable
{
    private const string ToQ = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q";
    private const string KohyaToQ = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q";

    private readonly FuseCase _case = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private string Middle => _case.File("middle.safetensors");

    private string Back => _case.File("back.safetensors");

    private static Tensor Normal(int item, params long[] shape) => new CounterRandom(7, RandomPurpose.NetworkInit, item: item).Normal(shape);

    [Theory]
    [InlineData("lora/c3lier_init.safetensors")]
    [InlineData("lora/lierla_init.safetensors")]
    [InlineData("merge/A.safetensors")]
    [InlineData("merge/B.safetensors")]
    public void There_and_back_through_PEFT_gives_the_same_bytes(string fixture)
    {
        var source = TestFiles.Fixture(fixture);
        var there = LoraConverter.Convert(source, Middle, LoraFormat.Peft);
        var back = LoraConverter.Convert(Middle, Back, LoraFormat.Kohya);
        Assert.Equal((LoraFormat.Kohya, LoraFormat.Peft, LoraFormat.Peft, LoraFormat.Kohya), (there.From, there.To, back.From, back.To));
        Assert.Equal(FuseCase.Bytes(source), FuseCase.Bytes(Back));
        Assert.Empty(LoraCheck.Check(Back).Problems);
    }

    [Theory]
    [InlineData(LoraFormat.Diffusers)]
    [InlineData(LoraFormat.DiffusersProcessor)]
    public void Forms_without_alphas_keep_the_weight_difference(LoraFormat format)
    {
        var source = _case.WriteLora("source.safetensors", KohyaToQ, Normal(1, 4, 16), Normal(2, 8, 4), tensor(3f));
        var there = LoraConverter.Convert(source, Middle, format);
        LoraConverter.Convert(Middle, Back, LoraFormat.Kohya);
        Assert.Equal(1, there.FoldedModules);
        var module = Assert.Single(LoraComparison.Compare(source, Back).Modules);
        Assert.InRange(module.RelativeDifference, 0, 1e-6);
        Assert.Equal(4, Assert.Single(LoraMeasure.Measure(Back).Modules).Alpha);
    }

    [Fact]
    public void Folding_a_power_of_two_is_exact_in_half_precision_too()
    {
        var source = _case.WriteLora("source.safetensors", KohyaToQ, Normal(1, 4, 16).to(float16), Normal(2, 8, 4).to(float16), tensor(1f).to(float16));
        LoraConverter.Convert(source, Middle, LoraFormat.Diffusers);
        LoraConverter.Convert(Middle, Back, LoraFormat.Kohya);
        Assert.Equal(0, Assert.Single(LoraComparison.Compare(source, Back).Modules).RelativeDifference, 1e-12);
    }

    [Fact]
    public void Alphas_and_ranks_that_differ_are_said_in_the_metadata_and_come_back()
    {
        var source = _case.Write(
            "source.safetensors",
            [.. Module(KohyaToQ, 4, 2), .. Module(KohyaToQ[..^1] + "k", 4, 2), .. Module(KohyaToQ[..^1] + "v", 8, 0.3), .. Module("lora_te_text_model_encoder_layers_0_mlp_fc1", 2, 2)]);
        var events = new EventList();
        LoraConverter.Convert(source, Middle, LoraFormat.Peft, events: events);
        using var file = SafetensorsFile.Open(Middle);
        var root = JsonNode.Parse(file.Metadata["lora_adapter_metadata"])!;
        Assert.Equal((4, 2, 8, 2), ((int)root["unet.r"]!, (int)root["unet.lora_alpha"]!, (int)root["unet.rank_pattern"]![ToQ[..^1] + "v"]!, (int)root["text_encoder.lora_alpha"]!));
        Assert.Equal(0.3f, (float)(double)root["unet.alpha_pattern"]![ToQ[..^1] + "v"]!);
        Assert.Equal("AlphasInMetadata", events.OfType<WarningEvent>().Single().Id);
        LoraConverter.Convert(Middle, Back, LoraFormat.Kohya);
        Assert.Equal(FuseCase.Bytes(source), FuseCase.Bytes(Back));

        static (string, Tensor)[] Module(string name, long rank, double alpha) =>
            [(name + ".lora_down.weight", Normal(1, rank, 16)), (name + ".lora_up.weight", Normal(2, 8, rank)), (name + ".alpha", tensor((float)alpha))];
    }

    [Fact]
    public void Alphas_of_PEFT_patterns_and_of_rank_stabilised_networks_are_understood()
    {
        var path = _case.File("peft.safetensors");
        SafetensorsWriter.Write(
            path, new Dictionary<string, Tensor> { [$"unet.{ToQ}.lora_A.weight"] = Normal(1, 4, 16), [$"unet.{ToQ}.lora_B.weight"] = Normal(2, 8, 4) },
            new Dictionary<string, string> { ["lora_adapter_metadata"] = """{"unet.r":4,"unet.lora_alpha":16,"unet.alpha_pattern":{"attn1.to_q":3},"unet.use_rslora":true}""" });
        LoraConverter.Convert(path, Back, LoraFormat.Kohya);
        Assert.Equal(6, Assert.Single(LoraMeasure.Measure(Back).Modules).Alpha);
    }

    [Fact]
    public void Folding_when_asked_leaves_PEFT_files_at_strength_one()
    {
        var source = _case.WriteLora("source.safetensors", KohyaToQ, Normal(1, 4, 16), Normal(2, 8, 4), tensor(3f));
        Assert.Equal(1, LoraConverter.Convert(source, Middle, LoraFormat.Peft, new() { FoldAlpha = true }).FoldedModules);
        using var file = SafetensorsFile.Open(Middle);
        Assert.Equal(4, (int)JsonNode.Parse(file.Metadata["lora_adapter_metadata"])!["unet.lora_alpha"]!);
        Assert.InRange((file.Read($"unet.{ToQ}.lora_B.weight") - (Normal(2, 8, 4) * 0.75)).abs().max().item<float>(), 0, 1e-6);
    }

    [Fact]
    public void Cloneofsimo_files_go_there_and_back_and_carry_their_ranks()
    {
        var source = WholeAttentions("source.safetensors");
        LoraConverter.Convert(source, Middle, LoraFormat.Cloneofsimo);
        using (var file = SafetensorsFile.Open(Middle))
        {
            Assert.Equal(("[\"CrossAttention\", \"Attention\", \"GEGLU\"]", "[\"CLIPAttention\"]"), (file.Metadata["unet"], file.Metadata["text_encoder"]));
            Assert.Equal(("2", "2"), (file.Metadata["unet:143:rank"], file.Metadata["text_encoder:7:rank"]));
            Assert.Equal((64, 8), (file.Read("unet:4:up").shape[0], file.Read("unet:4:down").shape[1]));
        }

        LoraConverter.Convert(Middle, Back, LoraFormat.Kohya);
        Assert.Equal(FuseCase.Bytes(source), FuseCase.Bytes(Back));
        Assert.DoesNotContain(LoraFile.Read(Back).Metadata, entry => entry.Key.Contains(':', StringComparison.Ordinal));
    }

    [Fact]
    public void A_cloneofsimo_file_whose_layers_count_otherwise_is_refused()
    {
        var source = WholeAttentions("source.safetensors");
        LoraConverter.Convert(source, Middle, LoraFormat.Cloneofsimo);
        using (var file = SafetensorsFile.Open(Middle))
        {
            var tensors = file.Tensors.ToDictionary(t => t.Name, t => file.Read(t.Name));
            foreach (var end in new[] { ":up", ":down" })
                (tensors["unet:4" + end], tensors["unet:5" + end]) = (tensors["unet:5" + end], tensors["unet:4" + end]);
            SafetensorsWriter.Write(_case.File("turned.safetensors"), tensors, file.Metadata);
        }

        Assert.Contains("in another order", Refused<LoraMergeException>(_case.File("turned.safetensors"), LoraFormat.Kohya, "LoraKeysUnknown").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_form_cannot_hold_is_refused_with_names()
    {
        var e = Refused<LoraMergeException>(FuseCase.LierLa, LoraFormat.DiffusersProcessor, "LoraFormatCannotHold");
        Assert.Contains("proj_in", e.Message, StringComparison.Ordinal);
        var partial = _case.WriteLora("partial.safetensors", KohyaToQ, Normal(1, 4, 16), Normal(2, 8, 4));
        Assert.Contains("lacks 127", Refused<LoraMergeException>(partial, LoraFormat.Cloneofsimo, "LoraFormatCannotHold").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_of_other_models_and_kinds_are_refused_with_names()
    {
        var flux = _case.WriteLora("flux.safetensors", "lora_unet_double_blocks_0_img_attn_proj", ones(1, 4), ones(4, 1));
        Assert.Contains("double_blocks_0", Refused<LoraMergeException>(flux, LoraFormat.Peft, "LoraKeysUnknown").Message, StringComparison.Ordinal);
        var dora = _case.Write("dora.safetensors", (KohyaToQ + ".lora_down.weight", ones(1, 4)), (KohyaToQ + ".lora_up.weight", ones(4, 1)), (KohyaToQ + ".dora_scale", ones(4, 1)));
        Assert.Contains("dora_scale", Refused<LoraMergeException>(dora, LoraFormat.Peft, "LoraKeysUnknown").Message, StringComparison.Ordinal);
        var half = _case.Write("half.safetensors", (KohyaToQ + ".lora_down.weight", ones(1, 4)));
        Refused<UnrecognisedLoraException>(half, LoraFormat.Peft, "UnrecognisedLoraFormat");
        Refused<UnrecognisedLoraException>(FuseCase.Model, LoraFormat.Peft, "UnrecognisedLoraFormat");
    }

    [Fact]
    public void A_product_its_type_cannot_hold_is_refused()
    {
        var strong = _case.WriteLora("strong.safetensors", KohyaToQ, ones(1, 4).to(float16), full([4, 1], 60000).to(float16), tensor(2f));
        Refused<LoraMergeException>(strong, LoraFormat.Diffusers, "LoraOverflow");
    }

    [Fact]
    public void Metadata_stays_but_for_hashes_that_are_no_longer_true()
    {
        var source = LoraResizer.Resize(TestFiles.Fixture("merge/A.safetensors"), _case.File("resized.safetensors")).Path;
        LoraConverter.Convert(source, Middle, LoraFormat.Peft);
        using (var file = SafetensorsFile.Open(Middle))
        {
            Assert.Equal("sd_v1", file.Metadata["ss_base_model_version"]);
            Assert.DoesNotContain("sshs_model_hash", file.Metadata);
        }

        LoraConverter.Convert(Middle, Back, LoraFormat.Kohya);
        Assert.Equal(LoraFile.Read(source).Metadata["sshs_model_hash"], LoraFile.Read(Back).Metadata["sshs_model_hash"]);
    }

    [Fact]
    public void A_file_may_take_its_own_place_only_when_asked()
    {
        File.Copy(FuseCase.LierLa, Middle);
        Assert.Throws<DestinationExistsException>(() => LoraConverter.Convert(Middle, Middle, LoraFormat.Peft));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        LoraConverter.Convert(Middle, Middle, LoraFormat.Peft, new() { Overwrite = true });
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        LoraConverter.Convert(Middle, Back, LoraFormat.Kohya);
        Assert.Equal(FuseCase.Bytes(FuseCase.LierLa), FuseCase.Bytes(Back));
    }

    private T Refused<T>(string path, LoraFormat format, string errorId)
        where T : EngineException
    {
        var e = Assert.Throws<T>(() => LoraConverter.Convert(path, Back, format));
        Assert.Equal(errorId, e.ErrorId);
        Assert.False(File.Exists(Back));
        return e;
    }

    /// <summary>A LoRA with all layers of attentions and gates, and of two text encoder layers, rank 2, alpha 2.</summary>
    private string WholeAttentions(string name)
    {
        string[] paths =
        [
            .. KeyLists.Read("sd15.lora.lierla.r16").Keys.Where(key => key.EndsWith(".alpha", StringComparison.Ordinal)).Select(key => key[..^".alpha".Length])
                .Where(key => key.Contains("attn1_to", StringComparison.Ordinal) || key.Contains("attn2_to", StringComparison.Ordinal) || key.EndsWith("ff_net_0_proj", StringComparison.Ordinal)
                    || (key.Contains("self_attn", StringComparison.Ordinal) && (key.Contains("layers_0_", StringComparison.Ordinal) || key.Contains("layers_1_", StringComparison.Ordinal)))),
        ];
        return _case.Write(name, [.. paths.SelectMany((path, i) => new[]
        {
            (path + ".lora_down.weight", Normal(i, 2, 8)), (path + ".lora_up.weight", Normal(1000 + i, path.EndsWith("ff_net_0_proj", StringComparison.Ordinal) ? 64 : 8, 2)), (path + ".alpha", tensor(2f)),
        })]);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _case.Dispose();
    }
}
