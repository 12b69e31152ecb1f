<#
.SYNOPSIS
Writes the help of the module's commands, in PowerShell's MAML, from the doc comments of their classes.

.DESCRIPTION
A class's summary is the synopsis, its remarks the description, its examples the examples; a property's summary is
the parameter's description. Syntax, types, aliases and defaults come from the commands themselves. Run by the build.
#>
[CmdletBinding()]
param(
    # The documentation file that the compiler wrote for the commands' assembly.
    [Parameter(Mandatory)] [string] $DocumentationPath,

    # The file to write.
    [Parameter(Mandatory)] [string] $OutputPath
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
$comments = @{}
foreach ($member in ([xml] [System.IO.File]::ReadAllText($DocumentationPath)).doc.members.member) { $comments[$member.name] = $member }

function Escape([string] $text) { [System.Security.SecurityElement]::Escape($text) }

# The text of a comment's element on one line, code words as they are, references by their last name.
function Get-Text([object] $node) {
    $text = foreach ($child in $node.ChildNodes) {
        if ($child.Name -in 'see', 'paramref') { $child.GetAttributeNode($child.Name -eq 'see' ? 'cref' : 'name').Value.Split('.')[-1] }
        elseif ($child.HasChildNodes) { Get-Text $child }
        else { $child.Value }
    }
    ($text -join '') -replace '\s+', ' '
}

function Get-Comment([string] $key, [string] $element) {
    if (-not $comments.ContainsKey($key)) { return }
    foreach ($node in $comments[$key].SelectNodes($element)) { (Get-Text $node).Trim() }
}

function Get-TypeName([type] $type) {
    $plain = [System.Nullable]::GetUnderlyingType($type) ?? $type
    $plain.Name
}

# Lines without the indentation they share.
function Get-Code([string] $code) {
    $lines = $code.Trim("`r", "`n", ' ').Length ? $code.Split("`n").TrimEnd() : @()
    $used = @($lines | Where-Object { $_ })
    $indent = ($used | ForEach-Object { $_.Length - $_.TrimStart().Length } | Measure-Object -Minimum).Minimum
    ($used | ForEach-Object { $_.Substring($indent) }) -join "`n"
}

function Get-Default([object] $instance, [string] $name) {
    $value = $instance.GetType().GetProperty($name).GetValue($instance)
    if ($null -eq $value -or $value -is [switch] -or "$value" -eq '') { return 'None' }
    $value -join ', '
}

function Format-Parameter([object] $parameter, [type] $type, [object] $instance, [bool] $inSyntax) {
    $property = $type.GetProperty($parameter.Name)
    # An overridden property inherits its comment.
    $key = "P:$($property.DeclaringType.FullName).$($parameter.Name)"
    if (-not (Get-Comment $key summary)) { $key = "P:$($property.GetMethod.GetBaseDefinition().DeclaringType.FullName).$($parameter.Name)" }
    $description = @(Get-Comment $key summary) -join ' '
    $values = Get-Comment $key value
    if ($values -and -not $inSyntax) { $description = "$description $values" }
    $enum = [System.Nullable]::GetUnderlyingType($parameter.ParameterType) ?? $parameter.ParameterType
    if ($enum.IsEnum -and -not $inSyntax) {
        $untold = [enum]::GetNames($enum) | Where-Object { $description -notmatch "\b$_\b" }
        if ($untold) { $description = "$description Values: $([enum]::GetNames($enum) -join ', ')." }
    }
    $pipeline = @(if ($parameter.ValueFromPipeline) { 'ByValue' }; if ($parameter.ValueFromPipelineByPropertyName) { 'ByPropertyName' }) -join ', '
    $position = $parameter.Position -ge 0 ? $parameter.Position : 'named'
    $name = Get-TypeName $parameter.ParameterType
    $value = $parameter.ParameterType -eq [switch] ? '' : "<command:parameterValue required=`"true`" variableLength=`"false`">$(Escape $name)</command:parameterValue>"
    $globbing = [bool] ($parameter.Attributes | Where-Object { $_ -is [SupportsWildcards] })
    @"
<command:parameter required="$("$($parameter.IsMandatory)".ToLowerInvariant())" variableLength="false" globbing="$("$globbing".ToLowerInvariant())" pipelineInput="$($pipeline ? "True ($pipeline)" : 'False')" position="$position" aliases="$($parameter.Aliases ? $parameter.Aliases -join ', ' : 'none')">
<maml:name>$($parameter.Name)</maml:name><maml:description><maml:para>$(Escape $description)</maml:para></maml:description>
$value<dev:type><maml:name>$(Escape $name)</maml:name><maml:uri /></dev:type><dev:defaultValue>$(Escape (Get-Default $instance $parameter.Name))</dev:defaultValue>
</command:parameter>
"@
}

# -WhatIf and -Confirm, which PowerShell adds to commands that write something.
function Format-Caution([System.Management.Automation.CmdletInfo] $command) {
    if (-not $command.Parameters.ContainsKey('WhatIf')) { return }
    $told = [ordered] @{
        WhatIf  = @('wi', 'Tells what would be done, and writes nothing.')
        Confirm = @('cf', 'Asks before anything is written.')
    }
    foreach ($name in $told.Keys) {
        @"
<command:parameter required="false" variableLength="false" globbing="false" pipelineInput="False" position="named" aliases="$($told[$name][0])">
<maml:name>$name</maml:name><maml:description><maml:para>$($told[$name][1])</maml:para></maml:description>
<dev:type><maml:name>SwitchParameter</maml:name><maml:uri /></dev:type><dev:defaultValue>None</dev:defaultValue>
</command:parameter>
"@
    }
}

# Where more is told. Not as a related link: with one, Get-Help offers an online page that is not there.
function Get-Topics([string] $noun) {
    $topic = switch -Regex ($noun) {
        'Dataset' { 'about_LoraPS_Datasets'; break }
        'Training|Image|Device|Runtime' { 'about_LoraPS_Training'; break }
        default { 'about_LoraPS_Merging' }
    }
    "More is told in $topic, and in about_LoraPS_Migration for users of sd-scripts."
}

function Format-Example([object] $example, [int] $number) {
    @"
<command:example><maml:title>-------------------------- Example $number --------------------------</maml:title>
<dev:code>$(Escape (Get-Code $example.SelectSingleNode('code').InnerText))</dev:code>
<dev:remarks><maml:para>$(Escape (Get-Text $example.SelectSingleNode('para')).Trim())</maml:para></dev:remarks></command:example>
"@
}

function Format-Types([string] $list, [string] $item, [string[]] $names) {
    $items = foreach ($name in $names) { "<command:$item><dev:type><maml:name>$(Escape $name)</maml:name></dev:type></command:$item>" }
    "<command:$list>$items</command:$list>"
}

function Format-Command([System.Management.Automation.CmdletInfo] $command) {
    $type = $command.ImplementingType
    $instance = $type::new()
    $sets = $command.ParameterSets
    $own = { $_.Name -notin $common }
    $syntax = foreach ($set in $sets) {
        $parameters = $set.Parameters | Where-Object $own | Sort-Object { $_.Position -ge 0 ? $_.Position : 1000 }, { -not $_.IsMandatory }
        "<command:syntaxItem><maml:name>$($command.Name)</maml:name>$($parameters | ForEach-Object { Format-Parameter $_ $type $instance $true })$(Format-Caution $command)</command:syntaxItem>"
    }
    $all = $sets.Parameters | Where-Object $own | Sort-Object Name, { -not $_.IsMandatory }
    $seen = @{}
    $parameters = foreach ($parameter in $all) {
        if ($seen.ContainsKey($parameter.Name)) { continue }
        $seen[$parameter.Name] = $true
        Format-Parameter $parameter $type $instance $false
    }
    $inputs = foreach ($parameter in $all) { if ($parameter.ValueFromPipeline) { $parameter.ParameterType.ToString(); break } }
    $number = 0
    $examples = foreach ($example in $comments["T:$($type.FullName)"].SelectNodes('example')) { Format-Example $example (++$number) }
    $summary = Get-Comment "T:$($type.FullName)" summary
    $description = @(Get-Comment "T:$($type.FullName)" remarks)
    $paragraphs = foreach ($text in @($description.Count ? $description : $summary) + (Get-Topics $command.Noun)) { "<maml:para>$(Escape $text)</maml:para>" }
    @"
<command:command xmlns:maml="http://schemas.microsoft.com/maml/2004/10" xmlns:command="http://schemas.microsoft.com/maml/dev/command/2004/10" xmlns:dev="http://schemas.microsoft.com/maml/dev/2004/10">
<command:details><command:name>$($command.Name)</command:name><command:verb>$($command.Verb)</command:verb><command:noun>$($command.Noun)</command:noun>
<maml:description><maml:para>$(Escape $summary)</maml:para></maml:description></command:details>
<maml:description>$paragraphs</maml:description>
<command:syntax>$syntax</command:syntax>
<command:parameters>$parameters$(Format-Caution $command)</command:parameters>
$(Format-Types inputTypes inputType $inputs)
$(Format-Types returnValues returnValue $command.OutputType.Name)
<command:examples>$examples</command:examples>
</command:command>
"@
}

$commands = Get-Command -Module LoraPS -CommandType Cmdlet
$text = @('<?xml version="1.0" encoding="utf-8"?>', '<helpItems schema="maml" xmlns="http://msh">') + @($commands | ForEach-Object { Format-Command $_ }) + '</helpItems>'
[void] [System.IO.Directory]::CreateDirectory((Split-Path $OutputPath))
[System.IO.File]::WriteAllLines($OutputPath, $text)
