using System.Management.Automation;

namespace LoraPS.Cmdlets.Tests.Views;

/// <summary>An object of every public type that commands write, and the text that PowerShell shows for it.</summary>
public sealed class ShownObjects : IDisposable
{
    /// <summary>Widest line of a view.</summary>
    public const int Width = 100;

    /// <summary>What makes the objects of each type, by the type's name.</summary>
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["LoraFile"] = "Get-Lora cat.safetensors, style.safetensors",
        ["LoraDataset"] = "$data",
        ["DatasetGroup"] = "$data.Groups",
        ["AspectBucket"] = "$data.Groups.Buckets",
        ["DatasetEntry"] = "$data.Entries | Select-Object -First 2",
        ["SkippedImage"] = "$data.Skipped",
        ["DatasetReport"] = "$data | Test-LoraDataset -Detailed",
        ["PictureReport"] = "($data | Test-LoraDataset -Detailed).Pictures | Select-Object -First 2",
        ["TrainingStep"] = "$data | Start-LoraTraining -Model tiny -DestinationPath zorb -MaxTrainSteps 1 -Seed 7 -IncludeStep -Force | Select-Object -First 1",
        ["TrainingResult"] = "$data | Start-LoraTraining -Model tiny -DestinationPath zorb -MaxTrainSteps 2 -SaveEverySteps 1 -Seed 7 -Force",
        ["TrainingPlan"] = "$data | Measure-LoraTraining -Model tiny -DestinationPath plan -MaxTrainSteps 20 -SaveEverySteps 10",
        ["LoraSource"] = "Set-LoraBlockWeight cat.safetensors -Preset OUTS -Ratio 0.5",
        ["LoraBlock"] = "Set-LoraBlockWeight cat.safetensors @{ MID = 0.5; OUT10 = -1 } | Get-LoraBlockWeight",
        ["BlockPreset"] = "Get-LoraBlockWeight -ListPreset",
        ["LoraMergeResult"] = "Merge-Lora cat.safetensors, style.safetensors -DestinationPath merged.safetensors -Force",
        ["MergedSource"] = "(Merge-Lora cat.safetensors, style.safetensors -Ratio 1, 0.5 -BlockWeight 'MID=0' -DestinationPath merged.safetensors -Force).Sources",
        ["LoraResult"] = "Resize-Lora cat.safetensors merged.safetensors -Rank 2 -Force",
        ["ModuleReport"] = "(Resize-Lora cat.safetensors merged.safetensors -Rank 2 -Force).Modules | Select-Object -First 2",
        ["LoraExtractResult"] = "Export-LoraDifference sd15.safetensors tuned.safetensors merged.safetensors -Rank 4 -Force",
        ["CheckpointFuseResult"] = "Merge-Lora cat.safetensors, style.safetensors -Model sd15.safetensors -DestinationPath fused.safetensors -Force",
        ["CheckpointMergeResult"] = "Merge-LoraCheckpoint sd15.safetensors, tuned.safetensors -DestinationPath fused.safetensors -Force",
        ["LoraMeasurement"] = "Measure-Lora cat.safetensors",
        ["BlockMeasurement"] = "(Measure-Lora cat.safetensors).Blocks",
        ["ModuleMeasurement"] = "Measure-Lora cat.safetensors -Module *mid* | Select-Object -First 2",
        ["LoraCheckResult"] = "Test-Lora cat.safetensors -Model sd15.safetensors -Detailed",
        ["LoraProblem"] = "(Test-Lora other.safetensors -Detailed).Problems",
        ["LoraComparisonResult"] = "Compare-Lora cat.safetensors style.safetensors",
        ["ModuleComparison"] = "(Compare-Lora cat.safetensors style.safetensors).Modules | Select-Object -First 2",
        ["LoraMetadataEditResult"] = "Set-LoraMetadata cat.safetensors @{ ss_new = 1 } -DestinationPath merged.safetensors -Force -PassThru",
        ["LoraConvertResult"] = "Convert-Lora cat.safetensors merged.safetensors -To Peft -Force",
        ["GeneratedImage"] = "New-LoraImage 'zorb, a round blue creature on a green meadow' -Model tiny -Width 64 -Height 64 -Steps 1 -Seed 42 -DestinationPath . -Force",
        ["ImageGridResult"] = "Export-LoraImageGrid photos/zorb-0[1-4].png grid.png -Force",
        ["LoraReportResult"] = "Export-LoraReport cat.safetensors cat.html -Force",
        ["InstalledRuntime"] = "(Get-LoraDevice)[0].GetType().Assembly.GetType('LoraPS.Engine.Runtime.InstalledRuntime')::new('Cpu', '2.10.0.0', 'linux-x64', '/libtorch/cpu', 'https://feed.example/v3/index.json', 498123456)",
        ["DeviceInfo"] = "Get-LoraDevice | Where-Object Name -eq cpu",
    };

    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    /// <summary>Lays down the files.</summary>
    public ShownObjects()
    {
        _folder.Copy(TestFiles.Lora("C"), "cat.safetensors");
        _folder.Copy(TestFiles.Lora("A"), "style.safetensors");
        _folder.Copy(TestFiles.Checkpoint, "sd15.safetensors");
        File.WriteAllText(_folder.File("broken.png"), "no picture");
        _session.Run($$"""
            [void] (New-Item photos -ItemType Directory)
            Get-ChildItem '{{TestFiles.Images}}/zorb-0[1-4].*' | Copy-Item -Destination photos
            Copy-Item broken.png photos/zorb-09.png
            Copy-Item '{{TestFiles.TinyModel}}' tiny -Recurse
            Set-LoraMetadata style.safetensors @{ ss_network_dim = 99 } -DestinationPath other.safetensors
            [void] (Merge-Lora cat.safetensors -Model sd15.safetensors -DestinationPath tuned.safetensors)
            """, _folder).AssertNoErrors();
    }

    /// <summary>Names of all types.</summary>
    public static IEnumerable<string> Names => Scripts.Keys;

    /// <summary>The text of the objects of a type: as PowerShell shows them unasked, and as a list.</summary>
    /// <param name="name">The type's name.</param>
    public string Show(string name)
    {
        var made = _session.Run($"$data = New-LoraDataset photos -CaptionExtension .txt -Resolution 64 -Repeats 4 -BatchSize 2 -WarningAction Ignore\n{Scripts[name]}", _folder);
        made.AssertNoErrors();
        Assert.NotEmpty(made.Output);
        Assert.All(made.Output, item => Assert.Equal(name, item.BaseObject.GetType().Name));
        foreach (var item in made.Output)
            new Neutral(_folder.Path).Make(item.BaseObject);
        return Render(made.Output).ReplaceLineEndings("\n");
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    private string Render(IEnumerable<PSObject> items)
    {
        using var shell = _session.Prepare($$"""
            param($items)
            [System.Threading.Thread]::CurrentThread.CurrentCulture = [cultureinfo]::InvariantCulture
            $text = ($items | Out-String -Width {{Width}}), ($items | Select-Object -First 1 | Format-List | Out-String -Width {{Width}})
            ($text | ForEach-Object { @($_.TrimEnd().TrimStart("`r", "`n").Split("`n").TrimEnd()) -join "`n" }) -join "`n`n"
            """);
        shell.AddParameter("items", items);
        return $"{Assert.Single(shell.Invoke())}\n";
    }
}
