<#
.SYNOPSIS
The main job of LoraPS from beginning to end: pictures, a LoRA trained on them, pictures before and after, a report, and a model with the LoRA merged into it.

.DESCRIPTION
Teaches the toy model of examples/models/toy what a zorb is. That model was trained on a small world of coloured shapes, in which
there is no purple, no ring and no zorb; examples/images has twelve pictures of one. The pictures of examples/regularization are
trained on beside them, so that the rest of the world stays as it is. Takes one to two minutes on two CPU cores. Everything is
written to artifacts/quickstart, before-after.png and report.html among it; running it again replaces that.
#>
[CmdletBinding()]
param(
    # Where the results go.
    [string] $OutputPath = (Join-Path $PSScriptRoot '../artifacts/quickstart'),

    # How long to train.
    [int] $MaxTrainSteps = 200,

    # How many pictures to make of each prompt, before and after.
    [int] $Count = 2
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

if (-not (Get-Module LoraPS)) {
    Import-Module (Join-Path $PSScriptRoot '../artifacts/LoraPS')
}

[void] (New-Item $OutputPath -ItemType Directory -Force)
$model = Join-Path $PSScriptRoot 'models/toy'
$lora = Join-Path $OutputPath 'zorb.safetensors'
$merged = Join-Path $OutputPath 'toy-zorb'

# 1. Describe the pictures and their captions.
$pictures = @{
    Path = Join-Path $PSScriptRoot 'images'
    RegularizationPath = Join-Path $PSScriptRoot 'regularization'
    Repeats = 2
    CaptionExtension = '.txt'
    Resolution = 64
    BatchSize = 6
}
$dataset = New-LoraDataset @pictures
$dataset | Format-Table

# 2. Train a LoRA on them, and see on the way how it comes along.
$training = @{
    Model = $model
    DestinationPath = $lora
    Rank = 8
    Alpha = 8
    ConvRank = 8
    ConvAlpha = 8
    LearningRate = 3e-3
    MinSnrGamma = 5
    LrScheduler = 'cosine'
    MaxTrainSteps = $MaxTrainSteps
    SamplePrompt = 'a zorb on a white background', 'a large zorb on a navy background' | ForEach-Object { "$_ --w 64 --h 64 --s 14 --l 3 --d 1" }
    SampleSampler = 'DPM++ 2M'
    SampleEveryNSteps = 50
    SampleAtFirst = $true
    Seed = 1
    Force = $true
}
$result = $dataset | Start-LoraTraining @training
$result | Format-Table

# 3. Make the same pictures without the LoRA and with it: a row before, a row after. The last prompt is to stay as it is.
$prompts = 'a zorb on a white background', 'a large zorb on a navy background', 'a zorb on the left on a mint background', 'a red star on a grey background'
$painting = @{ Model = $model; Count = $Count; Steps = 14; Sampler = 'DPM++ 2M'; GuidanceScale = 3; Seed = 1; Width = 64; Height = 64; Force = $true }
$made = foreach ($row in 'before', 'after') {
    if ($row -eq 'after') { $painting.Lora = $lora }
    foreach ($prompt in $prompts) {
        New-LoraImage $prompt @painting -DestinationPath (Join-Path $OutputPath "$row/$prompt")
    }
}
$made | Export-LoraImageGrid -DestinationPath (Join-Path $OutputPath 'before-after.png') -Columns ($prompts.Count * $Count) -Scale 2 -Force | Format-Table

# 4. Report on the run.
$result | Export-LoraReport -DestinationPath (Join-Path $OutputPath 'report.html') -Title 'A LoRA of a zorb' -MaxPictures 12 -Force | Format-Table

# 5. Merge it into the model.
$result | Merge-Lora -Model $model -Ratio 0.8 -DestinationPath $merged -Force | Format-Table
