using System.Management.Automation;

namespace LoraPS.Cmdlets.Tests;

public sealed class MergeLoraTests : IDisposable
{
    private const string Output = "out.safetensors";

    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    public MergeLoraTests()
    {
        _folder.Copy(TestFiles.Lora("A"), "a.safetensors");
        _folder.Copy(TestFiles.Lora("C"), "c.safetensors");
    }

    private SessionResult Run(string script) => _session.Run(script, _folder);

    private Dictionary<string, double[]> Deltas => LoraNumbers.Deltas(_folder.File(Output));

    [Theory]
    [InlineData("Merge-Lora a.safetensors, c.safetensors -Ratio 0.5, -2 -DestinationPath out.safetensors")]
    [InlineData("Merge-Lora -models a.safetensors, c.safetensors -ratios 0.5, -2 -save_to out.safetensors")]
    [InlineData("'a.safetensors', 'c.safetensors' | Merge-Lora -Ratio 0.5, -2 -DestinationPath out.safetensors")]
    [InlineData("Get-ChildItem *.safetensors | Merge-Lora -Ratio 0.5, -2 -DestinationPath out.safetensors")]
    [InlineData("Get-Lora *.safetensors | Merge-Lora -Ratio 0.5, -2 -DestinationPath out.safetensors")]
    [InlineData("Merge-Lora *.safetensors -Ratio 0.5, -2 -DestinationPath out.safetensors")]
    [InlineData("Merge-Lora -LiteralPath a.safetensors, c.safetensors -Ratio 0.5, -2 -DestinationPath out.safetensors")]
    [InlineData("@{Path='a.safetensors'; Ratio='0.5'}, @{Path='c.safetensors'; Weight=-2} | ForEach-Object { [pscustomobject] $_ } | Merge-Lora -DestinationPath out.safetensors")]
    [InlineData("Get-Lora *.safetensors | Set-LoraBlockWeight -Preset ALL -Ratio 0.5 | Merge-Lora -Ratio 1, -4 -DestinationPath out.safetensors")]
    public void Loras_and_ratios_are_given_in_every_way_that_PowerShell_has(string script)
    {
        var result = Run(script).Single();

        Assert.Equal("LoraPS.Engine.Merging.LoraMergeResult", result.BaseObject.GetType().FullName);
        Assert.InRange(LoraNumbers.Distance(Deltas, LoraNumbers.Sum((0.5, TestFiles.Lora("A")), (-2, TestFiles.Lora("C")))), 0, 1e-6);
    }

    [Fact]
    public void Many_files_of_mixed_ranks_and_types_are_summed_exactly()
    {
        Run($"Merge-Lora {TestFiles.Lora("A")}, {TestFiles.Lora("B")}, {TestFiles.Lora("C")}, {TestFiles.Lora("N")} -Ratio 0.7, -0.4, 2, 0.1 -DestinationPath out.safetensors").Single();

        var expected = LoraNumbers.Sum((0.7, TestFiles.Lora("A")), (-0.4, TestFiles.Lora("B")), (2, TestFiles.Lora("C")), (0.1, TestFiles.Lora("N")));
        Assert.InRange(LoraNumbers.Distance(Deltas, expected), 0, 1e-6);
    }

    [Fact]
    public void The_result_tells_sources_ratios_blocks_and_hashes_and_so_does_the_file()
    {
        const string script = """
            $result = Merge-Lora a.safetensors, c.safetensors -Ratio 0.5, 2 -BlockWeight 'ALL', 'MID=0' -DestinationPath out.safetensors
            foreach ($source in $result.Sources) {
                "$([System.IO.Path]::GetFileName($source.Path)) $($source.Ratio) $($source.Blocks) $($source.Sha256 -eq (Get-FileHash $source.Path).Hash)"
            }
            """;

        Assert.Equal(["a.safetensors 0.5 ALL True", "c.safetensors 2 MID=0 True"], Run(script).Lines);
        var record = LoraNumbers.Metadata(_folder.File(Output))["loraps.merge"];
        Assert.Contains("\"ratio\":2", record, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder.Path, record, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-BlockWeight @{ MID = 0; OUT03 = 0.5 }")]
    [InlineData("-BlockWeight 'mid=0,out03=0.5'")]
    [InlineData("-lbws '[1,1,1,1,1,1,1,1,1,1,1,1,1,0,1,1,1,0.5,1,1,1,1,1,1,1,1]'")]
    [InlineData("-BlockWeight 1,1,1,1,1,1,1,0,0.5,1,1,1,1,1,1,1,1")]
    public void Block_weights_act_once_on_their_blocks(string weights)
    {
        Run($"Merge-Lora a.safetensors {weights} -DestinationPath out.safetensors").AssertNoErrors();

        var source = LoraNumbers.Deltas(TestFiles.Lora("A"));
        Assert.DoesNotContain(Deltas.Keys, module => module.Contains("mid_block", StringComparison.Ordinal));
        Assert.Equal(source.Keys.Count(module => !module.Contains("mid_block", StringComparison.Ordinal)), Deltas.Count);
        foreach (var (module, delta) in Deltas)
        {
            var weight = module.Contains("up_blocks_1_attentions_0", StringComparison.Ordinal) ? 0.5 : 1;
            Assert.All(delta.Zip(source[module]), pair => Assert.Equal(weight * pair.Second, pair.First, 1e-6));
        }
    }

    [Theory]
    [InlineData("Svd", "-new_rank 3 -new_conv_rank 2", 3)]
    [InlineData("ties", "-Rank 5 -Density 0.8", 5)]
    [InlineData("Dare", "-Rank 5 -Density 0.8 -Seed 7", 5)]
    [InlineData("FactorSum", "-Concat", 12)]
    public void Other_methods_take_their_numbers(string method, string numbers, int rank)
    {
        var result = Run($"Merge-Lora a.safetensors, c.safetensors -Method {method} {numbers} -DestinationPath out.safetensors").Single();

        Assert.Equal(method, $"{SessionResult.Value(result, "Method")}", ignoreCase: true);
        Assert.Equal([$"{rank}"], Run("(Get-Lora out.safetensors).Rank").Lines);
    }

    [Fact]
    public void A_model_is_merged_into_with_ratio_and_block_weights()
    {
        var result = Run($"Get-Lora {TestFiles.Lora("A")} | Set-LoraBlockWeight -Preset OUTALL | Merge-Lora -Model {TestFiles.Checkpoint} -Ratio 0.5 -DestinationPath out.safetensors").Single();

        Assert.Equal("LoraPS.Engine.Merging.CheckpointFuseResult", result.BaseObject.GetType().FullName);
        var delta = LoraNumbers.Deltas(TestFiles.Lora("A"))["lora_unet_up_blocks_3_attentions_1_proj_in"];
        const string changed = "model.diffusion_model.output_blocks.10.1.proj_in.weight";
        var (before, after) = (LoraNumbers.Tensor(TestFiles.Checkpoint, changed), LoraNumbers.Tensor(_folder.File(Output), changed));
        var tolerance = LoraNumbers.Types(_folder.File(Output))[changed] == "F16" ? 1e-3 : 1e-6;
        Assert.All(after.Zip(before, delta), n => Assert.Equal(n.Second + (0.5 * n.Third), n.First, tolerance));
        const string same = "model.diffusion_model.middle_block.1.proj_out.weight";
        Assert.Equal(LoraNumbers.Tensor(TestFiles.Checkpoint, same), LoraNumbers.Tensor(_folder.File(Output), same));
    }

    [Fact]
    public void The_saved_type_can_be_chosen_by_the_reference_s_name()
    {
        Run("Merge-Lora a.safetensors -save_precision fp16 -DestinationPath out.safetensors").AssertNoErrors();

        Assert.All(LoraNumbers.Types(_folder.File(Output)).Values, type => Assert.Equal("F16", type));
    }

    [Fact]
    public void WhatIf_writes_nothing_and_still_finds_mistakes()
    {
        var before = _folder.Entries.Order().ToList();
        Assert.Empty(Run("Merge-Lora a.safetensors -DestinationPath out.safetensors -WhatIf").Output);
        Run("Merge-Lora missing.safetensors -DestinationPath out.safetensors -WhatIf")
            .AssertTerminated("LoraFileNotFound", ErrorCategory.ObjectNotFound, _folder.File("missing.safetensors"));
        Run($"Merge-Lora a.safetensors, {TestFiles.LierLa} -DestinationPath out.safetensors -Ratio 0 -WhatIf")
            .AssertTerminated("LoraMergeEmpty", ErrorCategory.InvalidArgument, _folder.File(Output));
        Run($"Merge-Lora {TestFiles.DyLora} -Model {TestFiles.Checkpoint} -DestinationPath out.safetensors -WhatIf")
            .AssertTerminated("LoraModelMismatch", ErrorCategory.InvalidArgument, TestFiles.DyLora);
        Assert.Equal(before, _folder.Entries.Order());
    }

    [Fact]
    public void A_source_is_replaced_only_with_Force()
    {
        Run("Merge-Lora a.safetensors -Ratio 0.5 -DestinationPath a.safetensors")
            .AssertTerminated("DestinationExists", ErrorCategory.ResourceExists, _folder.File("a.safetensors"));
        Assert.Equal(File.ReadAllBytes(TestFiles.Lora("A")), File.ReadAllBytes(_folder.File("a.safetensors")));

        Run("Merge-Lora a.safetensors -Ratio 0.5 -DestinationPath a.safetensors -Force").AssertNoErrors();
        Assert.InRange(LoraNumbers.Distance(LoraNumbers.Deltas(_folder.File("a.safetensors")), LoraNumbers.Sum((0.5, TestFiles.Lora("A")))), 0, 1e-6);
    }

    [Theory]
    [InlineData("-Ratio 1, 2, 3", "InvalidArgument")]
    [InlineData("-BlockWeight ALL, ALL, ALL", "InvalidArgument")]
    [InlineData("-Ratio 0", "LoraMergeEmpty")]
    [InlineData("-Method Average", "InvalidArgument")]
    [InlineData("-Method Ties -Density 2", "InvalidArgument")]
    [InlineData("-Method Svd -Criterion sv_fro -Threshold 3", "InvalidArgument")]
    [InlineData("-SaveDType I8", "InvalidArgument")]
    public void Wrong_numbers_end_the_command_and_leave_no_file(string arguments, string id)
    {
        var result = Run($"Merge-Lora a.safetensors, c.safetensors {arguments} -DestinationPath out.safetensors");

        Assert.Equal((id, ErrorCategory.InvalidArgument), (result.Terminating!.FullyQualifiedErrorId.Split(',')[0], result.Terminating.CategoryInfo.Category));
        Assert.False(File.Exists(_folder.File(Output)));
    }

    [Fact]
    public void A_lora_of_another_kind_of_model_is_told_as_such()
    {
        _folder.Copy(TestFiles.DyLora, "other.safetensors");

        Run($"Merge-Lora other.safetensors -Model {TestFiles.Checkpoint} -DestinationPath out.safetensors")
            .AssertTerminated("LoraModelMismatch", ErrorCategory.InvalidArgument, _folder.File("other.safetensors"));
    }

    [Theory]
    [InlineData("Merge-Lora")]
    [InlineData("Invoke-SvdMergeLora")]
    [InlineData("Resize-Lora")]
    public void Modules_with_NaN_are_refused_or_left_out_with_a_warning(string command)
    {
        var bytes = File.ReadAllBytes(TestFiles.Lora("A"));
        BitConverter.GetBytes(float.NaN).CopyTo(bytes, bytes.Length - 8);
        File.WriteAllBytes(_folder.File("nan.safetensors"), bytes);

        var refused = Run($"{command} nan.safetensors -DestinationPath out.safetensors");
        Assert.Equal("LoraNotFinite", (refused.Terminating ?? refused.Errors.Single()).FullyQualifiedErrorId.Split(',')[0]);
        var result = Run($"{command} nan.safetensors -DestinationPath out.safetensors -SkipNonFinite");

        result.AssertNoErrors();
        Assert.Single(result.Warnings);
        Assert.Equal(13, Deltas.Count);
    }

    [Fact]
    public void Nothing_in_gives_nothing_out() => Assert.Empty(Run("@() | Merge-Lora -DestinationPath out.safetensors").Output);

    [Fact]
    public void Equal_inputs_give_equal_bytes()
    {
        Run("Merge-Lora a.safetensors, c.safetensors -Method Ties -Rank 4 -DestinationPath out.safetensors; Merge-Lora a.safetensors, c.safetensors -Method Ties -Rank 4 -DestinationPath again.safetensors").AssertNoErrors();

        var (first, second) = (LoraNumbers.Metadata(_folder.File(Output)), LoraNumbers.Metadata(_folder.File("again.safetensors")));
        Assert.Equal(first["sshs_model_hash"], second["sshs_model_hash"]);
        Assert.Equal(first["loraps.merge"], second["loraps.merge"]);
    }

    [Fact]
    public void A_taken_destination_is_told_with_the_switch_that_replaces_it() =>
        Assert.Contains("-Force", Run("Merge-Lora a.safetensors -DestinationPath c.safetensors").Terminating?.ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("Merge-Lora a.safetensors, c.safetensors -DestinationPath out.ckpt")]
    [InlineData("Invoke-SvdMergeLora a.safetensors, c.safetensors -DestinationPath out.PT -WhatIf")]
    public void What_is_written_is_never_named_as_a_pickle(string script)
    {
        var result = Run(script).Terminating;
        Assert.Equal(("DestinationFormat", ErrorCategory.InvalidArgument), (result?.FullyQualifiedErrorId.Split(',')[0], result?.CategoryInfo.Category));
        Assert.Equal(["a.safetensors", "c.safetensors"], _folder.Entries.Order());
    }

    [Theory]
    [InlineData("-Rank 2", "-Rank means nothing to the method WeightedSum and is passed over. It belongs to -Method Svd, Ties, Dare.")]
    [InlineData("-Method svd -Rank 2 -new_conv_rank 2 -ClampQuantile 0.99 -precision float -Density 0.2", "-Density means nothing to the method svd and is passed over. It belongs to -Method Ties, Dare.")]
    [InlineData("-Concat", "-Concat means nothing to the method WeightedSum and is passed over. It belongs to -Method FactorSum.")]
    public void A_number_that_the_method_does_not_use_is_told(string numbers, string warning)
    {
        var result = Run($"Merge-Lora a.safetensors, c.safetensors {numbers} -DestinationPath out.safetensors");
        result.AssertNoErrors();
        Assert.Equal([warning], result.Warnings);
    }

    [Fact]
    public void A_LoRA_less_itself_is_zeros_of_the_rank_that_is_asked_for()
    {
        Run("Invoke-SvdMergeLora a.safetensors, a.safetensors -Ratio 1, -1 -Rank 3 -DestinationPath out.safetensors").AssertNoErrors();
        Assert.All(Deltas.Values, delta => Assert.All(delta, value => Assert.Equal(0, value)));
        Assert.Equal("3", LoraNumbers.Metadata(_folder.File(Output))["ss_network_dim"]);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }
}
