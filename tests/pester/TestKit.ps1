# What the tests share; dot-sourced in BeforeAll. The module is the one that dotnet build laid down.
Set-StrictMode -Version Latest

$root = Split-Path (Split-Path $PSScriptRoot)
if (-not (Get-Module LoraPS)) { Import-Module (Join-Path $root 'artifacts/LoraPS') }

$model = Join-Path $root 'examples/models/tiny'
$images = Join-Path $root 'examples/images'
$fixtures = Join-Path $root 'tests/LoraPS.Engine.Tests/Fixtures'

# A small data set of the example pictures.
function New-TestDataset { New-LoraDataset $images -CaptionExtension .txt -Resolution 64 -BatchSize 4 }

# Trains for one step and gives the file.
function New-TestLora([string] $Path) {
    (New-TestDataset | Start-LoraTraining -Model $model -DestinationPath $Path -Rank 2 -MaxTrainSteps 1 -Seed 1 -Force).Path
}

# The id of an error without the command's name.
function Get-ErrorId([object] $ErrorRecord) { "$($ErrorRecord.FullyQualifiedErrorId)".Split(',')[0] }
