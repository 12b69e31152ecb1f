using LoraPS.Engine.Formats;
using LoraPS.Engine.Inspection;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Tests.Merging;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Inspection;

public sealed class LoraCheckTests : IDisposable
{
    private const string Module = "lora_unet_mid_block_attentions_0_proj_in";

    private readonly FuseCase _case = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [InlineData("merge/A.safetensors")]
    [InlineData("merge/B.safetensors")]
    [InlineData("merge/C.safetensors")]
    [InlineData("lora/lierla_init.safetensors")]
    public void Files_sd_scripts_wrote_are_sound(string fixture)
    {
        var result = LoraCheck.Check(TestFiles.Fixture(fixture));
        Assert.True(result.IsSound, string.Join('\n', result.Problems));
        Assert.Empty(result.Problems);
    }

    [Fact]
    public void A_LoRA_of_the_model_covers_it()
    {
        var result = LoraCheck.Check(FuseCase.C3Lier, FuseCase.Model);
        Assert.True(result.IsSound);
        Assert.Equal((295, 295, 295), (result.ModuleCount, result.MatchedModules, result.ModelModules));
        var half = LoraCheck.Check(FuseCase.LierLa, FuseCase.Model);
        Assert.Equal((half.ModuleCount, half.ModuleCount), (half.MatchedModules, half.ModelModules));
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        var path = _case.Write(
            "wrong.safetensors",
            ("a.lora_down.weight", eye(2, 4)),
            ("b.lora_up.weight", eye(4, 2)),
            ("c.alpha", tensor(1f)),
            ("d.lora_down.weight", zeros(0, 4)), ("d.lora_up.weight", zeros(4, 0)),
            ("e.lora_down.weight", eye(2, 4)), ("e.lora_up.weight", eye(4, 3)),
            ("f.lora_down.weight", eye(2, 4)), ("f.lora_up.weight", eye(4, 2)), ("f.alpha", ones(2)),
            ("g.lora_down.weight", eye(2, 4)), ("g.lora_up.weight", full([4, 2], float.NaN)), ("g.alpha", tensor(0f)),
            ("g.dora_scale", ones(4, 1)));
        var result = LoraCheck.Check(path);
        Assert.Equal(
            [
                (LoraProblemKind.MissingUp, "a"), (LoraProblemKind.MissingDown, "b"), (LoraProblemKind.OrphanAlpha, "c"), (LoraProblemKind.ZeroRank, "d"),
                (LoraProblemKind.FactorShapes, "e"), (LoraProblemKind.AlphaShape, "f.alpha"), (LoraProblemKind.ZeroAlpha, "g.alpha"),
                (LoraProblemKind.NotFinite, "g.lora_up.weight"), (LoraProblemKind.UnknownTensor, "g.dora_scale"),
            ],
            result.Problems.Select(problem => (problem.Kind, problem.Where)).OrderBy(problem => problem.Kind));
        Assert.Equal(2, result.ModuleCount);
        Assert.Equal([LoraProblemKind.ZeroAlpha, LoraProblemKind.UnknownTensor], result.Problems.Where(problem => !problem.IsError).Select(problem => problem.Kind).Order());
        Assert.Contains("8 NaN and 0 infinite of 8", result.Problems.Single(problem => problem.Kind == LoraProblemKind.NotFinite).Message, StringComparison.Ordinal);
        Assert.False(result.IsSound);
    }

    [Fact]
    public void A_damaged_file_is_a_finding_and_a_missing_one_an_error()
    {
        File.WriteAllBytes(_case.File("cut.safetensors"), File.ReadAllBytes(FuseCase.C3Lier)[..^5]);
        var problem = Assert.Single(LoraCheck.Check(_case.File("cut.safetensors"), FuseCase.Model).Problems);
        Assert.Equal((LoraProblemKind.Damaged, true), (problem.Kind, problem.IsError));
        Assert.Equal("LoraFileNotFound", Assert.Throws<MissingFileException>(() => LoraCheck.Check(_case.File("none.safetensors"))).ErrorId);
        Assert.Equal("ModelNotFound", Assert.Throws<MissingFileException>(() => LoraCheck.Check(FuseCase.C3Lier, _case.File("none"))).ErrorId);
    }

    [Fact]
    public void A_whole_checkpoint_is_no_LoRA() =>
        Assert.Contains(LoraCheck.Check(FuseCase.Model).Problems, problem => problem is { Kind: LoraProblemKind.NoModules, IsError: true });

    [Fact]
    public void A_number_changed_after_writing_is_found_by_the_hash()
    {
        var whole = LoraResizer.Resize(TestFiles.Fixture("merge/A.safetensors"), _case.File("whole.safetensors")).Path;
        Assert.Empty(LoraCheck.Check(whole).Problems);
        var bytes = File.ReadAllBytes(whole);
        bytes[^3] ^= 1;
        File.WriteAllBytes(_case.File("changed.safetensors"), bytes);
        var problem = Assert.Single(LoraCheck.Check(_case.File("changed.safetensors")).Problems);
        Assert.Equal((LoraProblemKind.Hash, true, "sshs_model_hash"), (problem.Kind, problem.IsError, problem.Where));
    }

    [Fact]
    public void Metadata_that_names_another_rank_is_told()
    {
        var path = _case.File("rank.safetensors");
        SafetensorsWriter.Write(
            path, new Dictionary<string, Tensor> { [Module + ".lora_down.weight"] = eye(2, 64), [Module + ".lora_up.weight"] = eye(64, 2) },
            new Dictionary<string, string> { ["ss_network_dim"] = "8" });
        var result = LoraCheck.Check(path);
        Assert.Equal((LoraProblemKind.RankMetadata, true), (Assert.Single(result.Problems).Kind, result.IsSound));
    }

    [Fact]
    public void Modules_the_model_lacks_and_weights_of_other_shapes_are_named()
    {
        var path = _case.Write(
            "other.safetensors",
            (Module + ".lora_down.weight", eye(2, 48)), (Module + ".lora_up.weight", eye(64, 2)),
            ("lora_unet_nowhere.lora_down.weight", eye(2, 4)), ("lora_unet_nowhere.lora_up.weight", eye(4, 2)));
        var result = LoraCheck.Check(path, FuseCase.Model);
        Assert.Equal(0, result.MatchedModules);
        Assert.Equal(
            [(LoraProblemKind.ModuleUnmatched, null), (LoraProblemKind.ModuleUnmatched, "lora_unet_nowhere"), (LoraProblemKind.WeightShape, Module)],
            result.Problems.Select(problem => (problem.Kind, problem.Where)).OrderBy(problem => problem));
    }

    [Fact]
    public void A_LoRA_of_another_family_is_told()
    {
        var model = _case.Write("model.safetensors", (FuseCase.Prefix + "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight", ones(8, 768)));
        var lora = _case.WriteLora("sd2.safetensors", "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k", ones(1, 1024), ones(8, 1));
        Assert.Contains(LoraCheck.Check(lora, model).Problems, problem => problem is { Kind: LoraProblemKind.ModelFamily, IsError: true });
    }

    public void Dispose()
    {
        _scope.Dispose();
        _case.Dispose();
    }
}
