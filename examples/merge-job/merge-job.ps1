<#
.SYNOPSIS
Merges LoRAs by a recipe, and does nothing when the result is there and its inputs have not changed. Made to be run every night.

.DESCRIPTION
The recipe is a JSON file; paths in it are relative to it:
    model        a .safetensors checkpoint or diffusers folder to merge into; without it the result is a LoRA
    destination  the file or folder to make
    rank         for a LoRA: brings it to this rank (Invoke-SvdMergeLora); without it the sum is exact
    loras        a list of { path, ratio, blockWeight }; ratio is 1 and blockWeight none unless given
Every result carries the SHA-256 of its inputs with their ratios and block weights, which is what the next run compares. A
result appears whole or not at all, so a run that is killed costs nothing. Any error ends the script with exit code 1.

.EXAMPLE
pwsh -NonInteractive -File merge-job.ps1 -RecipePath recipe.json
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    # The recipe.
    [string] $RecipePath = (Join-Path $PSScriptRoot 'recipe.json')
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

if (-not (Get-Module LoraPS)) {
    Import-Module (Join-Path $PSScriptRoot '../../artifacts/LoraPS')
}

# The weights of a diffusers folder that carry the record of a merge; a file carries its own.
function Get-WeightFile([string] $Path) {
    if (Test-Path -LiteralPath $Path -PathType Container) { Join-Path $Path 'unet/diffusion_pytorch_model.safetensors' } else { $Path }
}

function Get-Sha256([string] $Path) {
    (Get-FileHash $Path).Hash.ToLowerInvariant()
}

# What a result was made of, in words that can be compared; nothing when there is no result.
function Get-RecordedInput([string] $Path) {
    $file = Get-WeightFile $Path
    if (-not (Test-Path -LiteralPath $file)) { return }
    $text = (Get-LoraMetadata -LiteralPath $file).PSObject.Properties['loraps.merge']
    if (-not $text) { return }
    $record = $text.Value | ConvertFrom-Json -AsHashtable
    if ($record['model']) { "model $($record['model']['sha256'])" }
    if ($record['options']) { "rank $($record['options']['rank'])" }
    foreach ($source in $record['sources']) { "$($source['sha256']) $([double] $source['ratio']) $($source['blocks'])" }
}

$recipe = Get-Content $RecipePath -Raw | ConvertFrom-Json -AsHashtable
$folder = Split-Path (Resolve-Path $RecipePath).ProviderPath -Parent
$destination = Join-Path $folder $recipe['destination']
$model = if ($recipe['model']) { Join-Path $folder $recipe['model'] }

$sources = @(foreach ($lora in $recipe['loras']) {
    $source = [pscustomobject] @{
        Path = Join-Path $folder $lora['path']
        Ratio = if ($null -ne $lora['ratio']) { $lora['ratio'] } else { 1 }
    }
    if ($lora['blockWeight']) { $source | Set-LoraBlockWeight -BlockWeight $lora['blockWeight'] } else { $source }
})

$wanted = @(
    if ($model) { "model $(Get-Sha256 (Get-WeightFile $model))" } else { "rank $($recipe['rank'])" }
    foreach ($source in $sources) {
        $blocks = $source.PSObject.Properties['Blocks']
        "$(Get-Sha256 $source.Path) $([double] $source.Ratio) $(if ($blocks) { $blocks.Value })"
    }
)
$recorded = @(Get-RecordedInput $destination)
if (($wanted -join "`n") -eq ($recorded -join "`n")) {
    [pscustomobject] @{ Status = 'Unchanged'; Path = $destination }
    return
}

$merging = @{ DestinationPath = $destination; Force = $true }
$result = if ($model) { $sources | Merge-Lora -Model $model @merging }
elseif ($recipe['rank']) { $sources | Invoke-SvdMergeLora -Rank $recipe['rank'] @merging }
else { $sources | Merge-Lora @merging }
if ($result) {
    [pscustomobject] @{ Status = 'Merged'; Path = $result.Path }
}
