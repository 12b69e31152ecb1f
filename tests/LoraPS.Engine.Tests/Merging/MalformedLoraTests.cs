using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Merging.Conversion;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Models.Clip;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

/// <summary>What a merge does with files that are wrong, in whatever way it reads them.</summary>
public sealed class MalformedLoraTests : IDisposable
{
    private const string ToQ = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
    private const string ToK = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_k";

    private readonly FuseCase _case = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    /// <summary>Everything that reads a LoRA to compute with it.</summary>
    public static TheoryData<string> Operations => ["merge", "fuse", "resize"];

    [Theory]
    [MemberData(nameof(Operations))]
    public void A_missing_alpha_is_the_rank(string operation)
    {
        var without = _case.WriteLora("without.safetensors", ToQ, Normal(1, 4, 32), Normal(2, 32, 4));
        var with = _case.WriteLora("with.safetensors", ToQ, Normal(1, 4, 32), Normal(2, 32, 4), tensor(4f));
        Assert.Equal(FuseCase.Bytes(Run(operation, without, "a.safetensors")), FuseCase.Bytes(Run(operation, with, "b.safetensors")));
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Rank_zero_is_refused_and_the_module_named(string operation)
    {
        var path = _case.Write("zero.safetensors", [.. Module(ToK), (ToQ + ".lora_down.weight", zeros(0, 32)), (ToQ + ".lora_up.weight", zeros(32, 0))]);
        var e = Refused<UnrecognisedLoraException>(operation, path);
        Assert.Contains($"{ToQ}.lora_down.weight [0, 32] of rank 0", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Factors_of_different_ranks_are_refused_with_both_shapes(string operation)
    {
        var path = _case.Write("ranks.safetensors", [.. Module(ToK), (ToQ + ".lora_down.weight", ones(4, 32)), (ToQ + ".lora_up.weight", ones(32, 3))]);
        Assert.Contains($"{ToQ}.lora_down.weight [4, 32] with lora_up.weight [32, 3]", Refused<UnrecognisedLoraException>(operation, path).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Half_a_module_is_refused_and_the_missing_half_named(string operation)
    {
        var path = _case.Write("half.safetensors", [.. Module(ToK), (ToQ + ".lora_down.weight", ones(4, 32))]);
        Assert.Contains($"{ToQ}.lora_down.weight [4, 32] without lora_up.weight", Refused<UnrecognisedLoraException>(operation, path).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("merge", ".lora_up.weight", "no down")]
    [InlineData("fuse", ".lora_up.weight", "no down")]
    [InlineData("merge", ".alpha", "no module")]
    [InlineData("fuse", ".alpha", "no module")]
    public void Up_factors_and_alphas_of_no_module_are_refused_by_name(string operation, string suffix, string why)
    {
        var path = _case.Write("orphan.safetensors", [.. Module(ToK), (ToQ + suffix, ones(32, 4))]);
        var e = Refused<UnrecognisedLoraException>(operation, path);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.Contains(ToQ + suffix, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void An_alpha_of_several_numbers_is_refused(string operation)
    {
        var path = _case.Write("alpha.safetensors", [.. Module(ToQ), (ToQ + ".alpha", ones(2))]);
        Assert.Contains($"{ToQ}.alpha, which is not one number", Refused<UnrecognisedLoraException>(operation, path).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void NaN_is_refused_and_the_module_named(string operation)
    {
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity })
        {
            var e = Refused<LoraMergeException>(operation, Broken(bad));
            Assert.Equal("LoraNotFinite", e.ErrorId);
            Assert.Contains(ToQ, e.Message, StringComparison.Ordinal);
        }

        var alpha = _case.Write("alpha.safetensors", [.. Module(ToQ), (ToQ + ".alpha", tensor(float.NaN))]);
        Assert.Equal("LoraNotFinite", Refused<LoraMergeException>(operation, alpha).ErrorId);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void When_asked_modules_with_NaN_are_left_out_with_a_warning_and_the_rest_is_as_without_them(string operation)
    {
        var events = new EventList();
        var result = Run(operation, Broken(float.NaN), "skipped.safetensors", skip: true, events);
        var warning = Assert.Single(events.OfType<WarningEvent>(), e => e.Id == "LoraModulesNotFinite");
        Assert.Contains(ToQ, warning.Message, StringComparison.Ordinal);
        Assert.Equal(FuseCase.Bytes(Run(operation, _case.Write("whole.safetensors", Module(ToK)), "expected.safetensors")), FuseCase.Bytes(result));
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void A_LoRA_of_nothing_but_NaN_is_refused_even_then(string operation)
    {
        var path = _case.WriteLora("all.safetensors", ToQ, ones(1, 32), full([32, 1], float.NaN));
        Assert.Equal("LoraNotFinite", Assert.Throws<LoraMergeException>(() => Run(operation, path, "out.safetensors", skip: true)).ErrorId);
    }

    [Fact]
    public void LoRAs_of_different_base_models_are_refused_with_both()
    {
        var first = _case.WriteLora("first.safetensors", ToQ.Replace("attn1_to_q", "attn2_to_k", StringComparison.Ordinal), ones(1, 768), ones(32, 1));
        var second = _case.WriteLora("second.safetensors", ToQ.Replace("attn1_to_q", "attn2_to_k", StringComparison.Ordinal), ones(1, 1024), ones(32, 1));
        var e = Assert.Throws<LoraMergeException>(() => LoraMerger.Merge([new(first), new(second)], _case.Destination));
        Assert.Equal("LoraModelMismatch", e.ErrorId);
        foreach (var part in new[] { first, second, "Stable Diffusion 1", "Stable Diffusion 2" })
            Assert.Contains(part, e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_case.Destination));
    }

    [Fact]
    public void Embeddings_in_a_file_of_cloneofsimo_are_refused_by_name_and_left_out_when_asked()
    {
        var path = _case.Write("embeddings.safetensors", ("text_encoder:0:down", ones(1, 8)), ("<s1>", ones(768)));
        Assert.Throws<UnrecognisedLoraException>(() => LoraConverter.Convert(path, _case.Destination, LoraFormat.Kohya));
        var whole = _case.File("whole.safetensors");
        SafetensorsWriter.Write(
            whole,
            Enumerable.Range(0, 4).SelectMany(i => new[] { ($"text_encoder:{i}:down", ones(1, 8)), ($"text_encoder:{i}:up", ones(8, 1)) }).Append(("<s1>", ones(768))).ToDictionary(t => t.Item1, t => t.Item2),
            new Dictionary<string, string> { ["text_encoder"] = "[\"CLIPAttention\"]", ["<s1>"] = "<embed>" });
        Assert.Contains("<s1>", Assert.Throws<LoraMergeException>(() => LoraConverter.Convert(whole, _case.Destination, LoraFormat.Kohya)).Message, StringComparison.Ordinal);
        var events = new EventList();
        Assert.Equal(4, LoraConverter.Convert(whole, _case.Destination, LoraFormat.Kohya, new() { SkipOthers = true }, events).ModuleCount);
        Assert.Equal("TensorsLeftOut", events.OfType<WarningEvent>().Single().Id);
    }

    private static Tensor Normal(int item, params long[] shape) => new CounterRandom(9, RandomPurpose.NetworkInit, item: item).Normal(shape);

    private static (string, Tensor)[] Module(string name) => [(name + ".lora_down.weight", Normal(1, 4, 32)), (name + ".lora_up.weight", Normal(2, 32, 4))];

    private string Broken(float bad)
    {
        var up = ones(32, 4);
        up[3, 2] = tensor(bad);
        return _case.Write("broken.safetensors", [.. Module(ToK), (ToQ + ".lora_down.weight", ones(4, 32)), (ToQ + ".lora_up.weight", up), (ToQ + ".alpha", tensor(2f))]);
    }

    private T Refused<T>(string operation, string path)
        where T : EngineException
    {
        var e = Assert.Throws<T>(() => Run(operation, path, "refused.safetensors"));
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_case.File("refused.safetensors")));
        return e;
    }

    private string Run(string operation, string lora, string output, bool skip = false, IProgress<EngineEvent>? events = null)
    {
        var path = _case.File(output);
        return operation switch
        {
            "merge" => LoraMerger.Merge([new(lora, 0.5)], path, new() { SkipNonFinite = skip }, events).Path,
            "fuse" => CheckpointFuser.Merge(FuseCase.Model, [new(lora, 0.5)], path, new() { SkipNonFinite = skip }, events).Path,
            _ => LoraResizer.Resize(lora, path, new() { Rank = 2, SkipNonFinite = skip }, events).Path,
        };
    }

    public void Dispose()
    {
        _scope.Dispose();
        _case.Dispose();
    }
}
