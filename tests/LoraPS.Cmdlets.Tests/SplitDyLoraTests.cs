using System.Management.Automation;

namespace LoraPS.Cmdlets.Tests;

public sealed class SplitDyLoraTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    public SplitDyLoraTests() => _folder.Copy(TestFiles.DyLora, "dy.safetensors");

    private SessionResult Run(string script) => _session.Run(script, _folder);

    [Theory]
    [InlineData("-Unit 2", "2 4 6")]
    [InlineData("-Rank 3", "3")]
    [InlineData("-Rank 1, 8", "1 8")]
    public void Ranks_are_taken_one_by_one_or_by_step(string arguments, string ranks)
    {
        var result = Run($"Split-DyLora dy.safetensors out.safetensors {arguments}");

        result.AssertNoErrors();
        Assert.All(result.Output, o => Assert.Equal("LoraPS.Engine.Lora.LoraFile", o.BaseObject.GetType().FullName));
        Assert.Equal(ranks, string.Join(' ', result.Output.Select(o => SessionResult.Value(o, "Rank"))));
        Assert.Equal(result.Output.Count + 1, _folder.Entries.Count());
    }

    [Fact]
    public void A_rank_is_the_first_rows_of_the_whole()
    {
        Run("Split-DyLora dy.safetensors out.safetensors -Rank 3").AssertNoErrors();

        const string down = "lora_unet_mid_block_attentions_0_proj_in.lora_down.weight";
        Assert.Equal(LoraNumbers.Tensor(TestFiles.DyLora, down)[..(3 * 16)], LoraNumbers.Tensor(_folder.File("out-0003.safetensors"), down));
    }

    [Fact]
    public void WhatIf_writes_nothing_and_files_that_exist_need_Force()
    {
        Assert.Empty(Run("Split-DyLora dy.safetensors out.safetensors -WhatIf").Output);
        Assert.Single(_folder.Entries);

        Run("Split-DyLora dy.safetensors out.safetensors -Rank 2").AssertNoErrors();
        Run("Split-DyLora dy.safetensors out.safetensors -Rank 1, 2").AssertError("DestinationExists", ErrorCategory.ResourceExists, _folder.File("out-0002.safetensors"));
        Assert.DoesNotContain("out-0001.safetensors", _folder.Entries);
        Run("Split-DyLora dy.safetensors out.safetensors -Rank 1, 2 -Force").AssertNoErrors();
    }

    [Fact]
    public void A_rank_above_the_file_s_is_an_error() =>
        Run("Split-DyLora dy.safetensors out.safetensors -Rank 9").AssertError("RankOutOfRange", ErrorCategory.InvalidArgument, _folder.File("dy.safetensors"));

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }
}
