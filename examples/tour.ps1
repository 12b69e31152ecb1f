<#
.SYNOPSIS
Makes docs/tour.md again: runs the commands that it shows, in their order, and writes beneath each what it answers.

.DESCRIPTION
The page itself says what is run: every block marked "powershell" is typed into one session, and the block marked "text" after it
becomes what came out: warnings and verbose messages first, then objects as they are shown, then three looks at the progress bar
where there was one. All happens in a temporary folder that holds the example pictures and the toy model and is deleted again;
paths in it are shown as if it were the home folder's "loras". Takes about a minute.

.EXAMPLE
pwsh -File tour.ps1

.EXAMPLE
dotnet run --project src/LoraPS.Shell -- examples/tour.ps1
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    # The page.
    [string] $Path = (Join-Path $PSScriptRoot '../docs/tour.md')
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$module = (Resolve-Path (Join-Path $PSScriptRoot '../artifacts/LoraPS')).ProviderPath
$env:PSModulePath = (Split-Path $module) + [System.IO.Path]::PathSeparator + $env:PSModulePath
Import-Module $module

$page = (Resolve-Path $Path).ProviderPath
$width = 100
$looks = 3
$folder = [System.IO.Directory]::CreateTempSubdirectory('tour-').FullName

# One answer as text without trailing blanks and colours, paths made neutral.
function Format-Answer([object[]] $Lines) {
    $text = ($Lines -join "`n") -replace "`e\[[0-9;]*m" -replace [regex]::Escape($folder), '~/loras'
    @($text.Split("`n") | ForEach-Object { $_.TrimEnd() }) -join "`n"
}

# A session of its own for what the page shows. The shell without pwsh knows how to make one with its stand-ins.
$maker = 'LoraPS.Shell.Hosting.ShellSessionState' -as [type]
$state = if ($maker) { $maker::Create() } else { [System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault() }
$session = [System.Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace($state)
$session.Open()

# Runs commands; what they write to the other streams is told as a console would tell it.
function Invoke-Commands([string] $Code) {
    $shell = [powershell]::Create()
    $shell.Runspace = $session
    $output = $shell.AddScript($Code).Invoke()
    foreach ($failure in $shell.Streams.Error) { throw "$Code`n$failure" }
    foreach ($message in $shell.Streams.Warning) { "WARNING: $message" }
    foreach ($message in $shell.Streams.Verbose) { "VERBOSE: $message" }
    ($output | Out-String -Width $width).Trim("`r", "`n")
    $records = @($shell.Streams.Progress | Where-Object { $_.RecordType -eq 'Processing' -and $_.SecondsRemaining -ge 0 })
    for ($i = 1; $i -le $looks -and $records.Count -ge $looks; $i++) {
        $record = $records[[int] ($records.Count * $i / ($looks + 1))]
        "[$($record.Activity): $($record.StatusDescription), $($record.PercentComplete) %, $($record.SecondsRemaining) s left]"
    }
    $shell.Dispose()
}

try {
    Copy-Item (Join-Path $PSScriptRoot 'images') $folder -Recurse
    Copy-Item (Join-Path $PSScriptRoot 'regularization') $folder -Recurse
    Copy-Item (Join-Path $PSScriptRoot 'models/toy') $folder -Recurse
    [void] $session.SessionStateProxy.Path.SetLocation($folder)
    $block = [regex] '(?ms)^```powershell\r?\n(?<code>.*?)^```\r?\n(?:\r?\n?```text\r?\n.*?^```\r?\n)?'
    $text = [System.IO.File]::ReadAllText($page)
    $made = $block.Replace($text, {
            param($match)
            $code = $match.Groups['code'].Value
            $answer = (Format-Answer @(Invoke-Commands $code)).Trim("`n")
            "``````powershell`n$code```````n" + $(if ($answer) { "``````text`n$answer`n```````n" })
        })
}
finally {
    $session.Dispose()
    [System.IO.Directory]::Delete($folder, $true)
}

if ($PSCmdlet.ShouldProcess($page, 'Write the answers')) {
    [System.IO.File]::WriteAllText($page, $made)
}
