# Stand-ins for the standard cmdlets, for LoraPS.Shell only: see StandardCommands.cs. Each has the parameters of the
# original that scripts use most, in the original's order, and calls the same provider of PowerShell's engine.

# --- Microsoft.PowerShell.Utility: streams ---------------------------------------------------------------------------

function Write-Output {
    [CmdletBinding()]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromRemainingArguments)] [AllowNull()] [AllowEmptyCollection()] [psobject] $InputObject,
        [switch] $NoEnumerate
    )
    process { $PSCmdlet.WriteObject($InputObject, -not $NoEnumerate) }
}

function Write-Host {
    [CmdletBinding()]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromRemainingArguments)] [object] $Object,
        [switch] $NoNewline,
        [object] $Separator = ' ',
        [ConsoleColor] $ForegroundColor = $Host.UI.RawUI.ForegroundColor,
        [ConsoleColor] $BackgroundColor = $Host.UI.RawUI.BackgroundColor
    )
    process {
        $message = [System.Management.Automation.HostInformationMessage]@{
            Message = @($Object) -join $Separator
            NoNewLine = $NoNewline
            ForegroundColor = $ForegroundColor
            BackgroundColor = $BackgroundColor
        }
        $PSCmdlet.WriteInformation($message, [string[]] 'PSHOST')
    }
}

function Write-Error {
    [CmdletBinding(DefaultParameterSetName = 'Message')]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ParameterSetName = 'Message')] [AllowEmptyString()] [string] $Message,
        [Parameter(Mandatory, ParameterSetName = 'Exception')] [Exception] $Exception,
        [Parameter(Mandatory, ParameterSetName = 'ErrorRecord')] [System.Management.Automation.ErrorRecord] $ErrorRecord,
        [System.Management.Automation.ErrorCategory] $Category = 'NotSpecified',
        [string] $ErrorId = 'Microsoft.PowerShell.Commands.WriteErrorException',
        [object] $TargetObject
    )
    process {
        if (-not $ErrorRecord) {
            if (-not $Exception) { $Exception = [Exception]::new($Message) }
            $ErrorRecord = [System.Management.Automation.ErrorRecord]::new($Exception, $ErrorId, $Category, $TargetObject)
        }
        $PSCmdlet.WriteError($ErrorRecord)
    }
}

function Write-Warning {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)] [AllowEmptyString()] [string] $Message)
    process { $PSCmdlet.WriteWarning($Message) }
}

function Write-Verbose {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)] [AllowEmptyString()] [string] $Message)
    process { $PSCmdlet.WriteVerbose($Message) }
}

function Write-Debug {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)] [AllowEmptyString()] [string] $Message)
    process { $PSCmdlet.WriteDebug($Message) }
}

function Write-Information {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline)] [AllowNull()] [object] $MessageData,
        [Parameter(Position = 1)] [string[]] $Tags = @()
    )
    process { $PSCmdlet.WriteInformation($MessageData, $Tags) }
}

function Write-Progress {
    [CmdletBinding()]
    param(
        [Parameter(Position = 0)] [string] $Activity = 'Progress',
        [Parameter(Position = 1)] [string] $Status = 'Processing',
        [Parameter(Position = 2)] [int] $Id = 0,
        [int] $PercentComplete = -1,
        [int] $SecondsRemaining = -1,
        [switch] $Completed
    )
    $record = [System.Management.Automation.ProgressRecord]::new($Id, $Activity, $Status)
    $record.PercentComplete = $PercentComplete
    $record.SecondsRemaining = $SecondsRemaining
    if ($Completed) { $record.RecordType = 'Completed' }
    $PSCmdlet.WriteProgress($record)
}

# --- Microsoft.PowerShell.Utility: objects and values ----------------------------------------------------------------

function Measure-Object {
    [CmdletBinding()]
    param(
        [Parameter(ValueFromPipeline)] [psobject] $InputObject,
        [Parameter(Position = 0)] [string] $Property,
        [switch] $Sum, [switch] $Average, [switch] $Minimum, [switch] $Maximum
    )
    begin { $values = [System.Collections.Generic.List[object]]::new() }
    process {
        if ($null -eq $InputObject) { return }
        if (-not $Property) { $values.Add($InputObject) }
        elseif ($InputObject.PSObject.Properties[$Property]) { $values.Add($InputObject.$Property) }
    }
    end {
        $total = 0.0
        $least = $most = $null
        foreach ($value in $values) {
            if ($Sum -or $Average) { $total += $value }
            if ($null -eq $least -or $value -lt $least) { $least = $value }
            if ($null -eq $most -or $value -gt $most) { $most = $value }
        }
        [pscustomobject]@{
            Count = $values.Count
            Average = if ($Average -and $values.Count) { $total / $values.Count }
            Sum = if ($Sum) { $total }
            Maximum = if ($Maximum) { $most }
            Minimum = if ($Minimum) { $least }
            Property = $Property
        }
    }
}

function New-Object {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $TypeName,
        [Parameter(Position = 1)] [Alias('Args')] [object[]] $ArgumentList = @(),
        [System.Collections.IDictionary] $Property = @{}
    )
    $made = if ($TypeName -in 'psobject', 'pscustomobject') { [pscustomobject]@{} } else { ([type] $TypeName)::new.Invoke($ArgumentList) }
    foreach ($name in $Property.Keys) {
        if ($made.PSObject.Properties[$name]) { $made.$name = $Property[$name] }
        else { $made.PSObject.Properties.Add([psnoteproperty]::new($name, $Property[$name])) }
    }
    $PSCmdlet.WriteObject($made, $false)
}

function Get-Date {
    [CmdletBinding()]
    param([Parameter(Position = 0, ValueFromPipeline)] [datetime] $Date = [datetime]::Now, [string] $Format)
    process { if ($Format) { $Date.ToString($Format) } else { $Date } }
}

function Start-Sleep {
    [CmdletBinding()]
    param([Parameter(Position = 0)] [double] $Seconds = 0, [int] $Milliseconds = 0)
    # In short naps, between which the engine can stop the pipeline.
    $end = [datetime]::UtcNow.AddMilliseconds($Seconds * 1000 + $Milliseconds)
    while (($left = ($end - [datetime]::UtcNow).TotalMilliseconds) -gt 0) {
        [System.Threading.Thread]::Sleep([int] [Math]::Min($left, 50))
    }
}

function ConvertTo-Json {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline)] [AllowNull()] [object] $InputObject,
        [int] $Depth = 2,
        [switch] $Compress, [switch] $AsArray, [switch] $EnumsAsStrings
    )
    begin {
        function Simplify([object] $value, [int] $left) {
            if ($value -is [psobject] -and $value -isnot [System.Management.Automation.PSCustomObject]) { $value = $value.PSObject.BaseObject }
            if ($null -eq $value -or $value -is [string] -or $value -is [datetime] -or ($value -is [ValueType] -and $value.GetType().IsPrimitive)) { return $value }
            if ($value -is [enum]) { return $EnumsAsStrings ? "$value" : $value.value__ }
            if ($left -lt 0) { return "$value" }
            if ($value -is [System.Collections.IEnumerable] -and $value -isnot [System.Collections.IDictionary]) {
                return , @(foreach ($item in $value) { Simplify $item ($left - 1) })
            }
            $plain = [ordered]@{}
            if ($value -is [System.Collections.IDictionary]) {
                foreach ($key in $value.Keys) { $plain["$key"] = Simplify $value[$key] ($left - 1) }
            }
            else {
                foreach ($property in $value.PSObject.Properties) { $plain[$property.Name] = Simplify $property.Value ($left - 1) }
            }
            $plain
        }
        $items = [System.Collections.Generic.List[object]]::new()
    }
    process { $items.Add((Simplify $InputObject $Depth)) }
    end {
        $options = [System.Text.Json.JsonSerializerOptions]@{
            WriteIndented = -not $Compress
            Encoder = [System.Text.Encodings.Web.JavaScriptEncoder]::UnsafeRelaxedJsonEscaping
        }
        $whole = if ($items.Count -eq 1 -and -not $AsArray) { $items[0] } else { , $items.ToArray() }
        [System.Text.Json.JsonSerializer]::Serialize($whole, [object], $options)
    }
}

function ConvertFrom-Json {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline)] [AllowEmptyString()] [string] $InputObject,
        [switch] $AsHashtable, [switch] $NoEnumerate
    )
    begin {
        function Expand($element) {
            switch ("$($element.ValueKind)") {
                'Object' {
                    $table = [ordered]@{}
                    foreach ($property in $element.EnumerateObject()) { $table[$property.Name] = Expand $property.Value }
                    if ($AsHashtable) { $table } else { [pscustomobject] $table }
                }
                'Array' { , @(foreach ($item in $element.EnumerateArray()) { Expand $item }) }
                'String' { $element.GetString() }
                'Number' { $whole = 0L; if ($element.TryGetInt64([ref] $whole)) { $whole } else { $element.GetDouble() } }
                'True' { $true }
                'False' { $false }
                default { $null }
            }
        }
        $text = [System.Text.StringBuilder]::new()
    }
    process { [void] $text.AppendLine($InputObject) }
    end {
        $document = [System.Text.Json.JsonDocument]::Parse($text.ToString())
        try { $PSCmdlet.WriteObject((Expand $document.RootElement), -not $NoEnumerate) } finally { $document.Dispose() }
    }
}

function Get-FileHash {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipelineByPropertyName)] [Alias('FullName')] [string[]] $Path,
        [Parameter(Position = 1)] [ValidateSet('SHA1', 'SHA256', 'SHA384', 'SHA512', 'MD5')] [string] $Algorithm = 'SHA256'
    )
    process {
        foreach ($file in $PSCmdlet.SessionState.Path.GetResolvedPSPathFromPSPath($Path).ProviderPath) {
            $stream = [System.IO.File]::OpenRead($file)
            try { $hash = ("System.Security.Cryptography.$Algorithm" -as [type])::HashData($stream) } finally { $stream.Dispose() }
            [pscustomobject]@{ Algorithm = $Algorithm; Hash = [Convert]::ToHexString($hash); Path = $file }
        }
    }
}

# --- Microsoft.PowerShell.Management: items and paths ----------------------------------------------------------------

function Get-ChildItem {
    [CmdletBinding(DefaultParameterSetName = 'Path')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName, ParameterSetName = 'Path')] [string[]] $Path = '.',
        [Parameter(Mandatory, ValueFromPipelineByPropertyName, ParameterSetName = 'LiteralPath')] [Alias('PSPath')] [string[]] $LiteralPath,
        [Parameter(Position = 1)] [string] $Filter = '*',
        [switch] $Recurse, [switch] $Force, [switch] $File, [switch] $Directory, [switch] $Name
    )
    process {
        $literal = $PSCmdlet.ParameterSetName -eq 'LiteralPath'
        foreach ($one in ($literal ? $LiteralPath : $Path)) {
            try {
                $PSCmdlet.InvokeProvider.ChildItem.Get([string[]] $one, $Recurse, $Force, $literal) | Where-Object {
                    $_.PSChildName -like $Filter -and (-not $File -or -not $_.PSIsContainer) -and (-not $Directory -or $_.PSIsContainer)
                } | ForEach-Object { if ($Name) { $_.PSChildName } else { $_ } }
            }
            catch [System.Management.Automation.ItemNotFoundException] { $PSCmdlet.WriteError($_.Exception.ErrorRecord) }
        }
    }
}

function Get-Item {
    [CmdletBinding(DefaultParameterSetName = 'Path')]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName, ParameterSetName = 'Path')] [string[]] $Path,
        [Parameter(Mandatory, ValueFromPipelineByPropertyName, ParameterSetName = 'LiteralPath')] [Alias('PSPath')] [string[]] $LiteralPath,
        [switch] $Force
    )
    process {
        $literal = $PSCmdlet.ParameterSetName -eq 'LiteralPath'
        foreach ($one in ($literal ? $LiteralPath : $Path)) {
            try { $PSCmdlet.InvokeProvider.Item.Get([string[]] $one, $Force, $literal) }
            catch [System.Management.Automation.ItemNotFoundException] { $PSCmdlet.WriteError($_.Exception.ErrorRecord) }
        }
    }
}

function Test-Path {
    [CmdletBinding(DefaultParameterSetName = 'Path')]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ParameterSetName = 'Path')] [string[]] $Path,
        [Parameter(Mandatory, ParameterSetName = 'LiteralPath')] [Alias('PSPath')] [string[]] $LiteralPath,
        [ValidateSet('Any', 'Container', 'Leaf')] [string] $PathType = 'Any'
    )
    process {
        $literal = $PSCmdlet.ParameterSetName -eq 'LiteralPath'
        foreach ($one in ($literal ? $LiteralPath : $Path)) {
            $exists = $PSCmdlet.InvokeProvider.Item.Exists($one, $true, $literal)
            if (-not $exists -or $PathType -eq 'Any') { $exists; continue }
            $isContainer = @($PSCmdlet.InvokeProvider.Item.Get([string[]] $one, $true, $literal))[0].PSIsContainer
            $isContainer -eq ($PathType -eq 'Container')
        }
    }
}

function New-Item {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, Position = 0)] [string[]] $Path,
        [Alias('Type')] [string] $ItemType = 'File',
        [Alias('Target')] [object] $Value,
        [switch] $Force
    )
    foreach ($one in $Path) {
        if (-not $PSCmdlet.ShouldProcess($one, 'New-Item')) { continue }
        try {
            if ($Force -and $ItemType -eq 'Directory' -and $PSCmdlet.InvokeProvider.Item.Exists($one)) { $PSCmdlet.InvokeProvider.Item.Get($one) }
            else { $PSCmdlet.InvokeProvider.Item.New([string[]] $one, '', $ItemType, $Value, $Force) }
        }
        catch [System.Management.Automation.ProviderInvocationException] { $PSCmdlet.WriteError($_.Exception.ErrorRecord) }
    }
}

function Remove-Item {
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Path')]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName, ParameterSetName = 'Path')] [string[]] $Path,
        [Parameter(Mandatory, ValueFromPipelineByPropertyName, ParameterSetName = 'LiteralPath')] [Alias('PSPath')] [string[]] $LiteralPath,
        [switch] $Recurse, [switch] $Force
    )
    process {
        $literal = $PSCmdlet.ParameterSetName -eq 'LiteralPath'
        foreach ($one in ($literal ? $LiteralPath : $Path)) {
            if (-not $PSCmdlet.ShouldProcess($one, 'Remove-Item')) { continue }
            try { $PSCmdlet.InvokeProvider.Item.Remove([string[]] $one, $Recurse, $Force, $literal) }
            catch [System.Management.Automation.ItemNotFoundException] { $PSCmdlet.WriteError($_.Exception.ErrorRecord) }
        }
    }
}

function Copy-Item {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)] [Alias('PSPath')] [string[]] $Path,
        [Parameter(Position = 1)] [string] $Destination = '.',
        [switch] $Recurse, [switch] $Force
    )
    process {
        foreach ($one in $Path) {
            if (-not $PSCmdlet.ShouldProcess("$one to $Destination", 'Copy-Item')) { continue }
            try { [void] $PSCmdlet.InvokeProvider.Item.Copy([string[]] $one, $Destination, $Recurse, 'CopyTargetContainer', $Force, $false) }
            catch [System.Management.Automation.ItemNotFoundException] { $PSCmdlet.WriteError($_.Exception.ErrorRecord) }
        }
    }
}

function Get-Content {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)] [Alias('PSPath', 'LiteralPath')] [string[]] $Path,
        [switch] $Raw
    )
    process {
        foreach ($one in $Path) {
            try {
                foreach ($file in $PSCmdlet.SessionState.Path.GetResolvedPSPathFromPSPath($one).ProviderPath) {
                    if ($Raw) { [System.IO.File]::ReadAllText($file) } else { [System.IO.File]::ReadLines($file) }
                }
            }
            catch [System.Management.Automation.ItemNotFoundException] { $PSCmdlet.WriteError($_.Exception.ErrorRecord) }
        }
    }
}

function Set-Content {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, Position = 0)] [Alias('PSPath', 'LiteralPath')] [string] $Path,
        [Parameter(Mandatory, Position = 1, ValueFromPipeline)] [AllowNull()] [AllowEmptyString()] [AllowEmptyCollection()] [object[]] $Value,
        [switch] $NoNewline
    )
    begin { $lines = [System.Collections.Generic.List[string]]::new() }
    process { foreach ($item in $Value) { $lines.Add("$item") } }
    end {
        if (-not $PSCmdlet.ShouldProcess($Path, 'Set-Content')) { return }
        $file = $PSCmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
        if ($NoNewline) { [System.IO.File]::WriteAllText($file, $lines -join '') } else { [System.IO.File]::WriteAllLines($file, $lines) }
    }
}

function Join-Path {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)] [Alias('PSPath')] [string[]] $Path,
        [Parameter(Mandatory, Position = 1)] [AllowEmptyString()] [string] $ChildPath,
        [Parameter(Position = 2, ValueFromRemainingArguments)] [string[]] $AdditionalChildPath = @()
    )
    process {
        foreach ($one in $Path) {
            foreach ($child in @($ChildPath) + $AdditionalChildPath) { $one = $PSCmdlet.SessionState.Path.Combine($one, $child) }
            $one
        }
    }
}

function Split-Path {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)] [Alias('PSPath', 'LiteralPath')] [string[]] $Path,
        [switch] $Parent, [switch] $Leaf, [switch] $LeafBase, [switch] $Extension
    )
    process {
        foreach ($one in $Path) {
            $name = $PSCmdlet.SessionState.Path.ParseChildName($one)
            if ($Leaf) { $name }
            elseif ($LeafBase) { [System.IO.Path]::GetFileNameWithoutExtension($name) }
            elseif ($Extension) { [System.IO.Path]::GetExtension($name) }
            else { $PSCmdlet.SessionState.Path.ParseParent($one, '') }
        }
    }
}

function Resolve-Path {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)] [Alias('PSPath', 'LiteralPath')] [string[]] $Path)
    process {
        foreach ($one in $Path) {
            try { $PSCmdlet.SessionState.Path.GetResolvedPSPathFromPSPath($one) }
            catch [System.Management.Automation.ItemNotFoundException] { $PSCmdlet.WriteError($_.Exception.ErrorRecord) }
        }
    }
}

function Get-Location { [CmdletBinding()] param() $PSCmdlet.SessionState.Path.CurrentLocation }

function Set-Location {
    [CmdletBinding()]
    param([Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)] [Alias('PSPath', 'LiteralPath')] [string] $Path = '~')
    process {
        try { [void] $PSCmdlet.SessionState.Path.SetLocation($Path) }
        catch [System.Management.Automation.ItemNotFoundException] { $PSCmdlet.WriteError($_.Exception.ErrorRecord) }
    }
}
