<#
.SYNOPSIS
Makes a folder of old LoRAs small: ranks higher than needed are lowered, and weights are saved in half precision.

.DESCRIPTION
The originals stay where they are; the small ones go to another folder under the same names. A LoRA gets as many directions as
hold the share -Keep of its strength, -Rank at most. Files that are no LoRA are left out. -WhatIf tells what would be done.

.EXAMPLE
./clean-up.ps1 ~/loras ~/loras-small -Rank 32 -WhatIf
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    # The folder of LoRAs.
    [Parameter(Mandatory, Position = 0, HelpMessage = 'The folder of LoRAs.')]
    [string] $Path,

    # Where the small ones go.
    [Parameter(Mandatory, Position = 1, HelpMessage = 'The folder for the small LoRAs.')]
    [string] $DestinationPath,

    # The highest rank to keep.
    [int] $Rank = 32,

    # Share of the strength (Frobenius norm) to keep.
    [double] $Keep = 0.98
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

if (-not (Get-Module LoraPS)) {
    Import-Module (Join-Path $PSScriptRoot '../artifacts/LoraPS')
}

[void] (New-Item $DestinationPath -ItemType Directory -Force)
$resizing = @{
    Rank = $Rank
    Criterion = 'SvFro'
    Threshold = $Keep
    SaveDType = 'F16'
    Force = $true
}
Get-Lora (Join-Path $Path '*.safetensors') -ErrorAction SilentlyContinue |
    Where-Object { $_.Rank -gt $Rank } |
    ForEach-Object {
        $before = $_
        $before | Resize-Lora @resizing -DestinationPath (Join-Path $DestinationPath (Split-Path $before.Path -Leaf)) | ForEach-Object {
            [pscustomobject] @{
                Name = $before.Name
                Rank = "$($before.Rank) -> $($_.RankText)"
                Saved = $before.Length - (Get-Item -LiteralPath $_.Path).Length
                Error = $_.RelativeError
            }
        }
    }
