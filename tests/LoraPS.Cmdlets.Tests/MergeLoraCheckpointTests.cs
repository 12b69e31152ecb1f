using System.Management.Automation;

namespace LoraPS.Cmdlets.Tests;

public sealed class MergeLoraCheckpointTests : IDisposable
{
    private const string Weight = "model.diffusion_model.output_blocks.10.1.proj_in.weight";
    private const string MiddleWeight = "model.diffusion_model.middle_block.1.proj_out.weight";

    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    public MergeLoraCheckpointTests()
    {
        _folder.Copy(TestFiles.Checkpoint, "a.safetensors");
        Run($"Merge-Lora {TestFiles.Lora("A")} -Model a.safetensors -Ratio 4 -SaveDType F32 -DestinationPath b.safetensors").AssertNoErrors();
    }

    private SessionResult Run(string script) => _session.Run(script, _folder);

    private double[] Read(string file, string tensor = Weight) => LoraNumbers.Tensor(_folder.File(file), tensor);

    private void AssertSum(double ofA, double ofB, string tensor = Weight) => Assert.All(
        Read("out.safetensors", tensor).Zip(Read("a.safetensors", tensor), Read("b.safetensors", tensor)),
        n => Assert.Equal((ofA * n.Second) + (ofB * n.Third), n.First, 1e-5));

    [Theory]
    [InlineData("Merge-LoraCheckpoint a.safetensors, b.safetensors", 0.5, 0.5)]
    [InlineData("Merge-LoraCheckpoint -models a.safetensors, b.safetensors -ratios 0.25, 0.5", 0.25, 0.5)]
    [InlineData("Get-ChildItem ?.safetensors | Merge-LoraCheckpoint -Ratio 0.25", 0.75, 0.25)]
    [InlineData("'a.safetensors', 'b.safetensors' | Merge-LoraCheckpoint -Ratio -0.5", 1.5, -0.5)]
    [InlineData("Merge-LoraCheckpoint a.safetensors -Tuned b.safetensors -Original a.safetensors -Ratio 0.5", 0.5, 0.5)]
    public void Models_are_summed_with_their_ratios(string script, double ofA, double ofB)
    {
        var result = Run($"{script} -SaveDType F32 -DestinationPath out.safetensors").Single();

        Assert.Equal("LoraPS.Engine.Merging.CheckpointMergeResult", result.BaseObject.GetType().FullName);
        AssertSum(ofA, ofB);
    }

    [Fact]
    public void Block_weights_act_on_their_blocks()
    {
        Run("Merge-LoraCheckpoint a.safetensors, b.safetensors -Ratio 1 -BlockWeight @{ MID = 0.25 } -SaveDType F32 -DestinationPath out.safetensors").AssertNoErrors();

        AssertSum(0, 1);
        AssertSum(0.75, 0.25, MiddleWeight);
    }

    [Fact]
    public void WhatIf_writes_nothing_and_an_existing_file_needs_Force()
    {
        Assert.Empty(Run("Merge-LoraCheckpoint a.safetensors, b.safetensors -DestinationPath out.safetensors -WhatIf").Output);
        Assert.Equal(["a.safetensors", "b.safetensors"], _folder.Entries.Order());

        Run("Merge-LoraCheckpoint a.safetensors, b.safetensors -DestinationPath b.safetensors")
            .AssertTerminated("DestinationExists", ErrorCategory.ResourceExists, _folder.File("b.safetensors"));
        Run("Merge-LoraCheckpoint a.safetensors, b.safetensors -DestinationPath b.safetensors -Force").Single();
    }

    [Theory]
    [InlineData("a.safetensors", "InvalidArgument", ErrorCategory.InvalidArgument)]
    [InlineData("a.safetensors, b.safetensors -Ratio 1, 2, 3", "InvalidArgument", ErrorCategory.InvalidArgument)]
    [InlineData("a.safetensors, missing.safetensors", "ModelNotFound", ErrorCategory.ObjectNotFound)]
    public void Wrong_models_and_numbers_end_the_command(string arguments, string id, ErrorCategory category)
    {
        var error = Run($"Merge-LoraCheckpoint {arguments} -DestinationPath out.safetensors").Terminating!;

        Assert.Equal((id, category), (error.FullyQualifiedErrorId.Split(',')[0], error.CategoryInfo.Category));
        Assert.DoesNotContain("out.safetensors", _folder.Entries);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }
}
