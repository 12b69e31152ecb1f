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
    [InlineData("Start-LoraTraining -LrScheduler cosine_with_r", "cosine_with_restarts")]
    [InlineData("Start-LoraTraining -DownLearningRateWeight rev", "reverse_linear")]
    [InlineData("Start-LoraTraining -NetworkKind lok", "Lokr")]
    [InlineData("Start-LoraTraining -MixedPrecision b", "bf16")]
    [InlineData("New-LoraImage -Sampler uni", "UniPC")]
    [InlineData("New-LoraDataset -Interpolation lan", "Lanczos")]
    [InlineData("Convert-Lora a b -To pe", "Peft", "PeftFolder")]
    [InlineData("Merge-LoraCheckpoint a -BlockWeight mi", "MIDD", "'MID='")]
    public void Names_are_completed(string line, params string[] expected)
    {
        var script = $"[System.Management.Automation.CommandCompletion]::CompleteInput('{line}', {line.Length}, $null).CompletionMatches.CompletionText";

        Assert.Equal(expected, _session.Run(script).Lines);
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
    [InlineData("Show-LoraBlockWeight -LiteralPath ")]
    [InlineData("Compare-Lora ")]
    [InlineData("Start-LoraTraining -NetworkWeight ")]
    [InlineData("Start-LoraTraining -BaseWeight ")]
    [InlineData("New-LoraImage -Lora ")]
    public void Only_folders_and_LoRA_files_are_completed(string line)
    {
        using var folder = new TemporaryFolder();
        folder.Copy(TestFiles.LierLa, "cat.safetensors");
        File.WriteAllText(folder.File("cat.txt"), "");
        Directory.CreateDirectory(folder.File("more"));
        var script = $"[System.Management.Automation.CommandCompletion]::CompleteInput('{line}', {line.Length}, $null).CompletionMatches.ListItemText";

        Assert.Equal(["cat.safetensors", "more"], _session.Run(script, folder).Lines.Order());
    }

    [Theory]
    [InlineData("Get-Lora loras:/")]
    [InlineData("Measure-Lora loras:/cat.safetensors -Module lora_unet_mid")]
    public void Drives_of_the_session_are_completed(string line)
    {
        using var folder = new TemporaryFolder();
        folder.Copy(TestFiles.Lora("A"), "cat.safetensors");
        var session = "$ExecutionContext.SessionState";
        var script = $"[void] {session}.Drive.New([System.Management.Automation.PSDriveInfo]::new('loras', {session}.Provider.GetOne('FileSystem'), '{folder.Path}', '', $null), 'global'); [System.Management.Automation.CommandCompletion]::CompleteInput('{line}', {line.Length}, $null).CompletionMatches.CompletionText";

        Assert.Contains(_session.Run(script).Lines, text => text is "loras:/cat.safetensors" or "lora_unet_mid_block_attentions_0_proj_out");
    }

    [Theory]
    [InlineData("Get-Lora nowhere:/")]
    [InlineData("Measure-Lora nowhere:/cat.safetensors -Module ")]
    [InlineData("Measure-Lora env:/PATH -Module ")]
    [InlineData("Measure-Lora missing.safetensors -Module ")]
    public void What_cannot_be_read_completes_nothing(string line)
    {
        var result = _session.Run($"[System.Management.Automation.CommandCompletion]::CompleteInput('{line}', {line.Length}, $null).CompletionMatches.CompletionText");

        result.AssertNoErrors();
        Assert.DoesNotContain(result.Lines, text => text.Contains("lora_", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Start-LoraTraining $data -Model $model -DestinationPath x -Optimizer Adamx", "AdamW8bit", "Prodigy")]
    [InlineData("Start-LoraTraining $data -Model $model -DestinationPath x -LrScheduler wave", "cosine_with_restarts", "polynomial")]
    [InlineData("Start-LoraTraining $data -Model $model -DestinationPath x -Device tpu", "cpu", "cuda:N")]
    [InlineData("Start-LoraTraining $data -Model $model -DestinationPath x -MixedPrecision fp8", "bf16", "fp16")]
    [InlineData("Start-LoraTraining $data -Model $model -DestinationPath x -NetworkKind ia3", "Loha", "DyLora")]
    [InlineData("Start-LoraTraining $data -Model $model -DestinationPath x -LossType l3", "Huber", "SmoothL1")]
    [InlineData("Set-LoraBlockWeight $lora -Preset MIDDLE", "MIDD", "OUTALL", "reverse_linear")]
    [InlineData("Set-LoraBlockWeight $lora @{ IN44 = 1 }", "IN11", "OUT11", "BASE")]
    [InlineData("Merge-Lora $lora -Method Sum -DestinationPath x", "WeightedSum", "Dare")]
    [InlineData("Merge-Lora $lora -SaveDType F12 -DestinationPath x", "F16", "BF16")]
    [InlineData("Resize-Lora $lora x -Criterion sv", "SvFro", "SvCumulative")]
    [InlineData("New-LoraImage x -Model $model -DestinationPath x -Sampler heun", "Euler a", "UniPC")]
    [InlineData("Convert-Lora $lora x -To Torch", "Peft", "Cloneofsimo")]
    public void An_error_with_a_name_lists_the_names_there_are(string line, params string[] choices)
    {
        var result = _session.Run($"$data = New-LoraDataset '{TestFiles.Images}' -CaptionExtension .txt -Resolution 64; $model = '{TestFiles.TinyModel}'; $lora = '{TestFiles.LierLa}'; {line}");

        var message = $"{result.Terminating}{string.Concat(result.Errors)}";
        Assert.All(choices, choice => Assert.Contains(choice, message, StringComparison.Ordinal));
    }

    public void Dispose() => _session.Dispose();
}
