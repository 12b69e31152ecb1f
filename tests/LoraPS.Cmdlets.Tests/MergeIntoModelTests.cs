using System.Management.Automation;

namespace LoraPS.Cmdlets.Tests;

public sealed class MergeIntoModelTests : IClassFixture<TrainedLora>, IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    public MergeIntoModelTests(TrainedLora lora)
    {
        _folder.Copy(lora.Path, "zorb.safetensors");
        _folder.Copy(lora.Path, "zorb[2].safetensors");
    }

    [Fact]
    public void A_LoRA_is_merged_into_a_model()
    {
        var result = Merge("zorb.safetensors -Ratio 0.5 -DestinationPath merged").Single();

        Assert.Equal("LoraPS.Engine.Merging.CheckpointFuseResult", result.BaseObject.GetType().FullName);
        object?[] expected = [_folder.File("merged"), 210, 210];
        string[] names = ["Path", "MergedModules", "TensorsChanged"];
        Assert.Equal(expected, names.Select(name => SessionResult.Value(result, name)));
        Assert.True(File.Exists(_folder.File("merged/model_index.json")));
    }

    [Theory]
    [InlineData("Get-Lora zorb.safetensors | Merge-Lora")]
    [InlineData("'zorb.safetensors' | Merge-Lora")]
    [InlineData("Get-ChildItem -LiteralPath 'zorb[2].safetensors' | Merge-Lora")]
    [InlineData("Get-Lora -LiteralPath 'zorb[2].safetensors' | Merge-Lora")]
    [InlineData("Merge-Lora -Lora z*b.safetensors")]
    [InlineData("Merge-Lora -LiteralPath 'zorb[2].safetensors'")]
    [InlineData("Merge-Lora -models zorb.safetensors -ratios 1 -save_precision fp16")]
    public void A_LoRA_is_named_in_every_way_that_PowerShell_has(string script)
    {
        var result = _session.Run($"{script} -Model '{TestFiles.TinyModel}' -DestinationPath merged", _folder).Single();

        Assert.Single((System.Collections.IEnumerable)SessionResult.Value(result, "Loras")!);
    }

    [Fact]
    public void What_training_writes_can_be_merged_at_once()
    {
        var result = _session.Run($"""
            New-LoraDataset '{TestFiles.Images}' -CaptionExtension .txt -Resolution 64 |
                Start-LoraTraining -Model '{TestFiles.TinyModel}' -DestinationPath trained -MaxTrainSteps 1 |
                Merge-Lora -Model '{TestFiles.TinyModel}' -DestinationPath merged
            """, _folder).Single();

        Assert.Equal(210, SessionResult.Value(result, "MergedModules"));
    }

    [Fact]
    public void Several_LoRAs_have_one_ratio_or_one_each()
    {
        var result = _session.Run($"""
            $shared = @{ '{' }Model = '{TestFiles.TinyModel}'; LiteralPath = 'zorb.safetensors', 'zorb[2].safetensors'{ '}' }
            (Merge-Lora @shared -DestinationPath one -Ratio 0.5).Loras.Ratio
            (Merge-Lora @shared -DestinationPath two -Ratio 0.25, -1).Loras.Ratio
            """, _folder);

        result.AssertNoErrors();
        Assert.Equal([0.5, 0.5, 0.25, -1.0], result.Output.Select(o => o.BaseObject));
    }

    [Fact]
    public void Ratios_that_are_neither_one_nor_one_each_are_an_error()
    {
        Assert.Equal("InvalidArgument", Merge("zorb.safetensors -DestinationPath merged -Ratio 1, 2").Terminating?.FullyQualifiedErrorId.Split(',')[0]);
    }

    [Fact]
    public void What_if_writes_nothing()
    {
        var result = Merge("zorb.safetensors -DestinationPath merged -WhatIf");

        result.AssertNoErrors();
        Assert.Empty(result.Output);
        Assert.Equal(["zorb.safetensors", "zorb[2].safetensors"], _folder.Entries.Order());
    }

    [Fact]
    public void What_exists_is_replaced_only_with_force()
    {
        Merge("zorb.safetensors -DestinationPath merged").Single();
        File.WriteAllText(_folder.File("merged/mine"), "mine");

        Merge("zorb.safetensors -DestinationPath merged").AssertTerminated("DestinationExists", ErrorCategory.ResourceExists, _folder.File("merged"));
        Assert.True(File.Exists(_folder.File("merged/mine")));
        Merge("zorb.safetensors -DestinationPath merged -Force").Single();
        Assert.False(File.Exists(_folder.File("merged/mine")));
    }

    [Theory]
    [InlineData("missing.safetensors", "LoraFileNotFound", ErrorCategory.ObjectNotFound, "missing.safetensors")]
    [InlineData("*.nothing", "LoraFileNotFound", ErrorCategory.ObjectNotFound, "*.nothing")]
    public void A_missing_LoRA_is_an_error(string lora, string id, ErrorCategory category, string target)
    {
        Merge($"{lora} -DestinationPath merged").AssertTerminated(id, category, _folder.File(target));
        Assert.False(Path.Exists(_folder.File("merged")));
    }

    [Fact]
    public void A_LoRA_of_another_model_is_an_error()
    {
        File.Copy(TestFiles.C3Lier, _folder.File("other.safetensors"));

        _session.Run($"Merge-Lora -Model '{TestFiles.TinyModel}' -Lora other.safetensors -DestinationPath merged", _folder)
            .AssertTerminated("LoraModelMismatch", ErrorCategory.InvalidArgument, _folder.File("other.safetensors"));
        Assert.False(Path.Exists(_folder.File("merged")));
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    private SessionResult Merge(string parameters) => _session.Run($"Merge-Lora -Model '{TestFiles.TinyModel}' {parameters}", _folder);
}
