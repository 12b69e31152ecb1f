<#
.SYNOPSIS
Merges LoRAs block by block: a style that acts only where details are made, and a subject that is weaker in the middle.

.DESCRIPTION
Without -Lora two LoRAs are first trained for a few steps on the tiny model, so that the script runs as it is. Everything is
written to artifacts/block-weights; running it again replaces that.

.EXAMPLE
./block-weights.ps1 -Lora style.safetensors, subject.safetensors -Model v1-5-pruned.safetensors -OutputPath ./merged
#>
[CmdletBinding()]
param(
    # Two LoRAs: the style, and the subject.
    [string[]] $Lora,

    # The model to merge into.
    [string] $Model = (Join-Path $PSScriptRoot 'models/tiny'),

    # Where the results go.
    [string] $OutputPath = (Join-Path $PSScriptRoot '../artifacts/block-weights')
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

if (-not (Get-Module LoraPS)) {
    Import-Module (Join-Path $PSScriptRoot '../artifacts/LoraPS')
}

[void] (New-Item $OutputPath -ItemType Directory -Force)
if (-not $Lora) {
    $dataset = New-LoraDataset (Join-Path $PSScriptRoot 'images') -CaptionExtension .txt -Resolution 64 -BatchSize 4
    $Lora = foreach ($seed in 1, 2) {
        $training = @{
            Model = $Model
            DestinationPath = Join-Path $OutputPath "seed-$seed.safetensors"
            Rank = 4
            LearningRate = 1e-3
            MaxTrainSteps = 6
            Seed = $seed
            Force = $true
        }
        ($dataset | Start-LoraTraining @training).Path
    }
}

# 1. Where each LoRA is strong, in the same words that weights are given in.
(Measure-Lora -LiteralPath $Lora[0]).Blocks | Format-Table

# 2. Weights by a preset, and by name. The files stay as they are; what comes out of the pipeline carries the weights.
$style = Get-Lora -LiteralPath $Lora[0] | Set-LoraBlockWeight -Preset OUTALL -Ratio 0.8
$subject = Get-Lora -LiteralPath $Lora[1] | Set-LoraBlockWeight -BlockWeight @{ IN04 = 0.7; IN05 = 0.7; MID = 0.5 }
$style, $subject | Format-Table
$style | Get-LoraBlockWeight | Format-Table

# 3. Both into the model at once, with the weights honoured.
$style, $subject | Merge-Lora -Model $Model -DestinationPath (Join-Path $OutputPath 'merged') -Force | Format-Table

# 4. A row of LoRAs to choose from: the same pair with the middle block stronger and stronger.
foreach ($weight in 0, 0.5, 1) {
    $parts = @(
        $style
        $subject | Set-LoraBlockWeight -BlockWeight @{ MID = $weight }
    )
    $parts | Invoke-SvdMergeLora -Rank 4 -DestinationPath (Join-Path $OutputPath "middle-$weight.safetensors") -Force
}
