<#
.SYNOPSIS
Trains a LoRA at every combination of ranks and learning rates, and tables them by their loss on pictures they have not seen.

.DESCRIPTION
A part of the pictures is kept from all trainings (-ValidationSplit), the same for each, so that the losses can be compared. The
trainings run in runspaces of their own, by ForEach-Object -Parallel. -ThrottleLimit is 1 unless given: libtorch already puts
all cores to one training, so that several at once on a CPU only share them; with more than one GPU, or to fill one, raise it. A
training that fails has its error in the table, the others go on, and the script ends with exit code 1.

.EXAMPLE
./sweep.ps1 -ImagePath ./photos -Model ./sd15.safetensors -Resolution 512 -Rank 8, 16, 32 -LearningRate 5e-5, 1e-4, 2e-4 -MaxTrainSteps 1600 -OutputPath ./sweep

.EXAMPLE
./sweep.ps1 | Format-Table Rank, { "$($_.LearningRate)" }, { $_.ValidationLoss.ToString('0.0000') }, Path

.EXAMPLE
pwsh -NonInteractive -Command "./sweep.ps1 -Rank 8, 16 | Export-Csv sweep.csv"

.EXAMPLE
pwsh -NonInteractive -File ./sweep.ps1 -Rank 8,16 -LearningRate 1e-4,2e-4
#>
[CmdletBinding()]
param(
    # The folder of pictures with their captions.
    [string] $ImagePath = (Join-Path $PSScriptRoot 'images'),

    # The model to train on.
    [string] $Model = (Join-Path $PSScriptRoot 'models/tiny'),

    # The folder that gets the LoRAs and the logs of their trainings.
    [string] $OutputPath = (Join-Path $PSScriptRoot '../artifacts/sweep'),

    # Ranks to try. As strings, because pwsh -File hands "4,8" over as one word.
    [string[]] $Rank = (4, 8),

    # Learning rates to try.
    [string[]] $LearningRate = (1e-3, 1e-2),

    [int] $Resolution = 64,
    [int] $MaxTrainSteps = 20,

    # The share of the pictures that is kept for measuring.
    [double] $ValidationSplit = 0.25,

    # The same seed for all: the same pictures are kept, and the trainings differ by rank and learning rate alone.
    [long] $Seed = 1,

    # How many trainings run at once.
    [int] $ThrottleLimit = 1
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

if (-not (Get-Module LoraPS)) {
    Import-Module (Join-Path $PSScriptRoot '../artifacts/LoraPS')
}

[void] (New-Item $OutputPath -ItemType Directory -Force)
$module = (Get-Module LoraPS).ModuleBase
$folder = (Resolve-Path $OutputPath).ProviderPath
$pictures = @{
    Path             = (Resolve-Path $ImagePath).ProviderPath
    CaptionExtension = '.txt'
    Resolution       = $Resolution
    BatchSize        = 4
    ValidationSplit  = $ValidationSplit
    ValidationSeed   = [int] $Seed
}
$shared = @{
    Model         = (Resolve-Path $Model).ProviderPath
    MaxTrainSteps = $MaxTrainSteps
    Seed          = $Seed
    Force         = $true
}
[int[]] $ranks = $Rank -split ','
[double[]] $rates = $LearningRate -split ','
$settings = foreach ($r in $ranks) { foreach ($rate in $rates) { @{ Rank = $r; Alpha = $r / 2; LearningRate = $rate } } }

$trained = $settings | ForEach-Object -ThrottleLimit $ThrottleLimit -Parallel {
    # A runspace of its own: nothing of the script is known here but what $using: hands over.
    $ErrorActionPreference = 'Stop'
    $setting, $pictures, $shared = $_, $using:pictures, $using:shared
    $path = "$using:folder/rank$($setting.Rank)-rate$($setting.LearningRate)"
    $row = [ordered] @{ Rank = $setting.Rank; LearningRate = $setting.LearningRate; ValidationLoss = $null; AverageLoss = $null; Duration = $null; Path = $null; Error = $null }
    try {
        Import-Module $using:module
        $result = New-LoraDataset @pictures | Start-LoraTraining @shared @setting -DestinationPath $path -LogPath "$path.jsonl"
        foreach ($name in 'ValidationLoss', 'AverageLoss', 'Duration', 'Path') { $row[$name] = $result.$name }
    }
    catch {
        $row.Error = "$_"
    }
    [pscustomobject] $row
}

# The best first; those that failed last.
$trained | Sort-Object { $null -ne $_.Error }, ValidationLoss
$failed = @($trained | Where-Object Error)
if ($failed) {
    throw "$($failed.Count) of $(@($trained).Count) trainings failed: $($failed[0].Error)"
}
