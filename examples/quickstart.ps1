<#
.SYNOPSIS
The main job of LoraPS from beginning to end: pictures, a LoRA trained on them, and a model with the LoRA merged into it.

.DESCRIPTION
Trains on the twelve pictures of examples/images with the tiny model of examples/models/tiny, which has random weights: what
it paints is noise, but every step is the one a real model goes through. Takes under a minute on two CPU cores. Everything is
written to artifacts/quickstart; running it again replaces that.
#>
[CmdletBinding()]
param(
    # Where the results go.
    [string] $OutputPath = (Join-Path $PSScriptRoot '../artifacts/quickstart'),

    # How long to train.
    [int] $MaxTrainSteps = 60
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

if (-not (Get-Module LoraPS)) {
    Import-Module (Join-Path $PSScriptRoot '../artifacts/LoraPS')
}

[void] (New-Item $OutputPath -ItemType Directory -Force)
$model = Join-Path $PSScriptRoot 'models/tiny'
$lora = Join-Path $OutputPath 'zorb.safetensors'
$merged = Join-Path $OutputPath 'tiny-zorb'

# 1. Describe the pictures and their captions.
$pictures = @{
    Path = Join-Path $PSScriptRoot 'images'
    CaptionExtension = '.txt'
    Resolution = 64
    Repeats = 4
    BatchSize = 4
}
$dataset = New-LoraDataset @pictures
$dataset | Format-Table

# 2. Train a LoRA on them.
$training = @{
    Model = $model
    DestinationPath = $lora
    Rank = 8
    Alpha = 4
    LearningRate = 1e-3
    MaxTrainSteps = $MaxTrainSteps
    Seed = 1
    Force = $true
}
$result = $dataset | Start-LoraTraining @training
$result | Format-Table

# 3. Look at the file.
Get-Lora $lora | Format-Table

# 4. Merge it into the model.
$result | Merge-Lora -Model $model -Ratio 0.8 -DestinationPath $merged -Force | Format-Table
