namespace LoraPS.Cmdlets.Tests.Views;

/// <summary>What a person sees of each object, 100 columns wide.</summary>
public sealed class ViewTests : IDisposable
{
    private const int Width = 100;

    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    public ViewTests() => _folder.Copy(TestFiles.Lora("C"), "a-lora-with-a-rather-long-name.safetensors");

    [Theory]
    [InlineData("Get-Lora $lora", "8/", "conv 6", "91.6 KB", "Base model", "Trigger words")]
    [InlineData("Set-LoraBlockWeight $lora -Preset OUTS -Ratio 0.5", "0.5", "█ ············ · ·······█████")]
    [InlineData("Get-LoraBlockWeight (Set-LoraBlockWeight $lora @{ MID = 0.5 })", "BASE", "MID", "█████")]
    [InlineData("Get-LoraBlockWeight -ListPreset", "MIDD", "sine")]
    [InlineData("Merge-Lora $lora -DestinationPath m.safetensors", "m.safetensors", "WeightedSum", "6-8", "F32", "0 %")]
    [InlineData("(Invoke-SvdMergeLora $lora -DestinationPath m.safetensors).Modules", "MID", "lora_te_text_model_encoder")]
    [InlineData("(Merge-Lora $lora -Ratio 0.5 -DestinationPath m.safetensors).Sources", "a-lora-with", "0.5")]
    [InlineData("Resize-Lora $lora m.safetensors -Rank 2", "m.safetensors", "14", "F32", "%")]
    [InlineData("Merge-Lora $lora -Model $model -DestinationPath m.safetensors", "m.safetensors", "14", "MB")]
    [InlineData("Measure-Lora $lora", "14", "Strongest blocks")]
    [InlineData("(Measure-Lora $lora).Blocks", "BASE", "%")]
    [InlineData("Measure-Lora $lora -Module *mid*", "MID", "lora_unet_mid_block")]
    [InlineData("Test-Lora $lora -Detailed -Model $model", "True", "14/")]
    [InlineData("Compare-Lora $lora $lora", "True", "1.0000")]
    [InlineData("(Compare-Lora $lora $lora).Modules", "8/8", "lora_unet_mid_block")]
    [InlineData("Set-LoraMetadata $lora @{ ss_new = 1 } -PassThru", "ss_new")]
    [InlineData("Merge-LoraCheckpoint $model, $model -DestinationPath m.safetensors", "m.safetensors", "MB")]
    [InlineData("Convert-Lora $lora m.safetensors -To Peft", "Kohya", "Peft")]
    [InlineData("New-LoraImage ('zorb ' * 9) -Model $tiny -Width 64 -Height 64 -Steps 1 -Seed 4294967295 -DestinationPath .", "4294967295", "64x64", "DPM++ 2M Karras", "4294967295.png")]
    [InlineData("New-LoraDataset $images -CaptionExtension .txt -Resolution 64 | Test-LoraDataset -Detailed", "True", "12", "No caption")]
    [InlineData("(New-LoraDataset $images -CaptionExtension .txt -Resolution 64 | Test-LoraDataset -Detailed).Pictures", "zorb-01.png", "64x64")]
    [InlineData("New-LoraDataset $images -CaptionExtension .txt -Resolution 64 | Measure-LoraTraining -Model $tiny -DestinationPath cat -MaxTrainEpochs 2 -SaveEveryEpochs 1", "12, with repeats 12 an epoch", "64x64 (12)", "24 in 2 epochs", "MB", "cat-000001")]
    [InlineData("Export-LoraReport $lora page.html", "Lora", "a-lora-with-a-rather-long-n", "KB", "page.html")]
    public void Every_object_fits_a_screen_and_shows_what_matters(string script, params string[] shown)
    {
        var text = string.Concat(_session.Run($"$lora = 'a-lora-with-a-rather-long-name.safetensors'; $model = '{TestFiles.Checkpoint}'; $tiny = '{TestFiles.TinyModel}'; $images = '{TestFiles.Images}'; {script} | Out-String -Width {Width}", _folder).Lines);

        Assert.All(text.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, Width));
        Assert.All(shown, part => Assert.Contains(part, text, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }
}
