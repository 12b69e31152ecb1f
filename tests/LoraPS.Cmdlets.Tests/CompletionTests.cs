using System.Globalization;

namespace LoraPS.Cmdlets.Tests;

public sealed class CompletionTests : IDisposable
{
    private readonly ModuleSession _session = new();

    [Theory]
    [InlineData("Merge-Lora a -Method t", "Ties")]
    [InlineData("Set-LoraBlockWeight a -Preset mi", "MIDD")]
    [InlineData("Set-LoraBlockWeight a -Down rev", "reverse_linear")]
    [InlineData("Merge-Lora a -BlockWeight out10", "'OUT10='")]
    [InlineData("Resize-Lora a b -Criterion svf", "SvFro")]
    [InlineData("Merge-Lora a -SaveDType bf", "BF16")]
    [InlineData("Start-LoraTraining -Optimizer lion8", "Lion8bit")]
    [InlineData("Start-LoraTraining -Device cu", "cuda")]
    public void Names_are_completed(string line, string expected)
    {
        var script = $"[System.Management.Automation.CommandCompletion]::CompleteInput('{line}', {line.Length}, $null).CompletionMatches.CompletionText";

        Assert.Equal([expected], _session.Run(script).Lines);
    }

    [Theory]
    [InlineData("Measure-Lora {0} -Module lora_unet_mid", "lora_unet_mid_block_attentions_0_proj_out", "lora_unet_mid_block_resnets_0_conv1")]
    [InlineData("Get-LoraMetadata {0} -Key ss_v", "ss_v2")]
    [InlineData("Set-LoraMetadata -Path {0} -Remove ss_tr", "ss_training_comment")]
    public void Names_in_a_file_are_completed(string line, params string[] expected)
    {
        line = string.Format(CultureInfo.InvariantCulture, line, TestFiles.Lora("A"));
        var script = $"[System.Management.Automation.CommandCompletion]::CompleteInput('{line}', {line.Length}, $null).CompletionMatches.CompletionText";

        Assert.Subset(expected.ToHashSet(), _session.Run(script).Lines.ToHashSet());
        Assert.NotEmpty(_session.Run(script).Lines);
    }

    [Theory]
    [InlineData("Get-Lora ")]
    [InlineData("Merge-Lora -Lora ")]
    [InlineData("Set-LoraBlockWeight ")]
    public void Only_folders_and_LoRA_files_are_completed(string line)
    {
        using var folder = new TemporaryFolder();
        folder.Copy(TestFiles.LierLa, "cat.safetensors");
        File.WriteAllText(folder.File("cat.txt"), "");
        Directory.CreateDirectory(folder.File("more"));
        var script = $"[System.Management.Automation.CommandCompletion]::CompleteInput('{line}', {line.Length}, $null).CompletionMatches.ListItemText";

        Assert.Equal(["cat.safetensors", "more"], _session.Run(script, folder).Lines.Order());
    }

    public void Dispose() => _session.Dispose();
}
