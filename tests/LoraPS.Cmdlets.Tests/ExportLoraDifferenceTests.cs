using System.Management.Automation;

namespace LoraPS.Cmdlets.Tests;

public sealed class ExportLoraDifferenceTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    public ExportLoraDifferenceTests() => Run($"Merge-Lora {TestFiles.Lora("A")} -Model {TestFiles.Checkpoint} -SaveDType F32 -DestinationPath tuned.safetensors").AssertNoErrors();

    private SessionResult Run(string script) => _session.Run(script, _folder);

    [Fact]
    public void What_was_merged_in_is_got_out_again()
    {
        var result = Run($"Export-LoraDifference -model_org {TestFiles.Checkpoint} -model_tuned tuned.safetensors -save_to out.safetensors -dim 4 -conv_dim 4 -min_diff 0").Single();

        Assert.Equal("LoraPS.Engine.Merging.LoraExtractResult", result.BaseObject.GetType().FullName);
        var (expected, actual) = (LoraNumbers.Deltas(TestFiles.Lora("A")), LoraNumbers.Deltas(_folder.File("out.safetensors")));
        foreach (var (module, delta) in expected)
            Assert.All(delta.Zip(actual[module]), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void WhatIf_writes_nothing_and_an_existing_file_needs_Force()
    {
        string Export(string more) => $"Export-LoraDifference {TestFiles.Checkpoint} tuned.safetensors out.safetensors {more}";
        Assert.Empty(Run(Export("-WhatIf")).Output);
        Assert.Equal(["tuned.safetensors"], _folder.Entries);

        File.WriteAllText(_folder.File("out.safetensors"), "old");
        Run(Export("")).AssertTerminated("DestinationExists", ErrorCategory.ResourceExists, _folder.File("out.safetensors"));
        Assert.Equal("old", File.ReadAllText(_folder.File("out.safetensors")));
        Run(Export("-Force -MinDifference 0")).Single();
    }

    [Theory]
    [InlineData("missing.safetensors", "tuned.safetensors", "ModelNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("tuned.safetensors", "tuned.safetensors", "ModelsEqual", ErrorCategory.InvalidArgument)]
    public void Models_that_cannot_be_compared_end_the_command(string original, string tuned, string id, ErrorCategory category)
    {
        var error = Run($"Export-LoraDifference {original} {tuned} out.safetensors").Terminating!;

        Assert.Equal((id, category), (error.FullyQualifiedErrorId.Split(',')[0], error.CategoryInfo.Category));
        Assert.DoesNotContain("out.safetensors", _folder.Entries);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }
}
