<#
.SYNOPSIS
Trains a LoRA again when its pictures, captions or settings have changed, and does nothing when they have not. Made for CI.

.DESCRIPTION
What a LoRA was trained on is written to its metadata as one hash (loraps.trained_on), which the next run compares. The LoRA is
checked before the script ends, and any error ends it with exit code 1, so a bad training fails the job. A page of HTML beside the
LoRA reports on the run.

.EXAMPLE
./retrain.ps1 -ImagePath ./images -Model ./v1-5-pruned.safetensors -DestinationPath ./cat.safetensors -MaxTrainSteps 1600 -Resolution 512
#>
[CmdletBinding()]
param(
    # The folder of pictures with their captions.
    [string] $ImagePath = (Join-Path $PSScriptRoot '../images'),

    # The model to train on.
    [string] $Model = (Join-Path $PSScriptRoot '../models/tiny'),

    # The LoRA.
    [string] $DestinationPath = (Join-Path $PSScriptRoot '../../artifacts/retrain/zorb.safetensors'),

    [int] $Resolution = 64,
    [int] $Rank = 8,
    [int] $MaxTrainSteps = 20,
    [long] $Seed = 1
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

if (-not (Get-Module LoraPS)) {
    Import-Module (Join-Path $PSScriptRoot '../../artifacts/LoraPS')
}

$training = @{ Rank = $Rank; Alpha = $Rank / 2; LearningRate = 1e-3; MaxTrainSteps = $MaxTrainSteps; Seed = $Seed }
$contents = @(
    foreach ($name in 'Alpha', 'LearningRate', 'MaxTrainSteps', 'Rank', 'Seed') { "$name $($training[$name])" }
    "Resolution $Resolution"
    foreach ($file in Get-ChildItem $ImagePath -File) { "$($file.Name) $((Get-FileHash $file.FullName).Hash)" }
)
$bytes = [System.Text.Encoding]::UTF8.GetBytes($contents -join "`n")
$hash = [System.Convert]::ToHexString([System.Security.Cryptography.SHA256]::HashData($bytes))

$key = 'loraps.trained_on'
if (Test-Path -LiteralPath $DestinationPath) {
    $recorded = (Get-LoraMetadata -LiteralPath $DestinationPath -Key $key).PSObject.Properties[$key]
    if ($recorded -and $recorded.Value -eq $hash) {
        [pscustomobject] @{ Status = 'Unchanged'; Path = (Resolve-Path -LiteralPath $DestinationPath).ProviderPath }
        return
    }
}

$result = New-LoraDataset $ImagePath -CaptionExtension .txt -Resolution $Resolution -BatchSize 4 |
    Start-LoraTraining -Model $Model -DestinationPath $DestinationPath -Force @training
Set-LoraMetadata -LiteralPath $result.Path -Metadata @{ $key = $hash }
$check = Test-Lora -LiteralPath $result.Path -Model $Model -Detailed
if (-not $check.IsSound) {
    throw "$($result.Path) is not sound: $($check.Problems.Message -join ' ')"
}
$report = $result | Export-LoraReport -Force
[pscustomobject] @{ Status = 'Trained'; Path = $result.Path; Report = $report.Path }
