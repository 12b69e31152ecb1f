# Stand-in for Pester 5, for machines that have only the .NET SDK: the commands and Should operators that tests/pester uses,
# with Pester's meaning. What it does not know fails to bind, and so fails the test. Variables of its own begin with
# "pester", because tests run in scopes below and see them.

$global:PesterRun = $null

function New-PesterBlock([string] $Kind, [string] $Name, [object] $Data, [scriptblock] $Body) {
    [pscustomobject]@{
        Kind = $Kind; Name = $Name; Data = $Data; Body = $Body; Parent = $global:PesterRun
        BeforeAll = @(); AfterAll = @(); BeforeEach = @(); AfterEach = @()
        Items = [System.Collections.Generic.List[object]]::new()
    }
}

# Runs a test file: first what stands in its blocks, to find the tests, then the tests. Writes an object for each.
function Invoke-PesterFile([string] $Path) {
    $global:PesterRun = New-PesterBlock Root ''
    & $Path
    $global:TestDrive = [System.IO.Directory]::CreateTempSubdirectory('pester-').FullName
    try { Invoke-PesterBlock $global:PesterRun }
    finally { [System.IO.Directory]::Delete($global:TestDrive, $true) }
}

function Add-PesterBlock([string] $pesterKind, [string] $pesterName, [object[]] $pesterCases, [scriptblock] $pesterBody) {
    foreach ($pesterCase in $pesterCases) {
        # Where there is none of its own, the case of the block around it counts.
        if ($null -eq $pesterCase) { $pesterCase = $global:PesterRun.Data }
        $pesterBlock = New-PesterBlock $pesterKind (Expand-PesterName $pesterName $pesterCase) $pesterCase $pesterBody
        $global:PesterRun.Items.Add($pesterBlock)
        if ($pesterKind -eq 'It') { continue }
        $global:PesterRun = $pesterBlock
        $null = Invoke-PesterScope $pesterCase $pesterBody
        $global:PesterRun = $pesterBlock.Parent
    }
}

# Runs a block with its case as $_ and the keys of the case as variables, in a scope that the block may add to.
function Invoke-PesterScope([object] $pesterCase, [scriptblock] $pesterScope) {
    if ($pesterCase -is [System.Collections.IDictionary]) {
        foreach ($pesterKey in $pesterCase.Keys) { $ExecutionContext.SessionState.PSVariable.Set($pesterKey, $pesterCase[$pesterKey]) }
    }
    , $pesterCase | ForEach-Object $pesterScope
}

function Expand-PesterName([string] $Name, [object] $Data) {
    [regex]::Replace($Name, '<(\w+)>', {
            param($match)
            $key = $match.Groups[1].Value
            if ($key -eq '_') { "$Data" } elseif ($Data -is [System.Collections.IDictionary]) { "$($Data[$key])" } else { $match.Value }
        })
}

function Invoke-PesterBlock([object] $pesterBlock) {
    Invoke-PesterScope $pesterBlock.Data {
        try {
            foreach ($pesterSetup in $pesterBlock.BeforeAll) { $null = . $pesterSetup }
            foreach ($pesterItem in $pesterBlock.Items) {
                if ($pesterItem.Kind -eq 'It') { Invoke-PesterTest $pesterItem } else { Invoke-PesterBlock $pesterItem }
            }
        }
        catch { Write-PesterResult "$(Get-PesterName $pesterBlock) (setup)" $_ }
        try { foreach ($pesterTeardown in $pesterBlock.AfterAll) { $null = . $pesterTeardown } }
        catch { Write-PesterResult "$(Get-PesterName $pesterBlock) (teardown)" $_ }
    }
}

function Invoke-PesterTest([object] $pesterTest) {
    $pesterBlocks = @(for ($pesterOne = $pesterTest.Parent; $pesterOne; $pesterOne = $pesterOne.Parent) { $pesterOne })
    Invoke-PesterScope $pesterTest.Data {
        $pesterError = $null
        try {
            for ($pesterDepth = $pesterBlocks.Count - 1; $pesterDepth -ge 0; $pesterDepth--) {
                foreach ($pesterSetup in $pesterBlocks[$pesterDepth].BeforeEach) { $null = . $pesterSetup }
            }
            $null = . $pesterTest.Body
        }
        catch { $pesterError = $_ }
        try { foreach ($pesterOne in $pesterBlocks) { foreach ($pesterTeardown in $pesterOne.AfterEach) { $null = . $pesterTeardown } } }
        catch { if (-not $pesterError) { $pesterError = $_ } }
        Write-PesterResult (Get-PesterName $pesterTest) $pesterError
    }
}

function Get-PesterName([object] $Block) {
    $name = $Block.Name
    for ($one = $Block.Parent; $one.Parent; $one = $one.Parent) { $name = "$($one.Name).$name" }
    $name
}

function Write-PesterResult([string] $Name, [object] $Failure) {
    [pscustomobject]@{ Name = $Name; Passed = $null -eq $Failure; Message = if ($Failure) { "$Failure`n$($Failure.InvocationInfo.PositionMessage)" } }
}

function Describe {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)] [string] $Name, [Parameter(Mandatory, Position = 1)] [scriptblock] $Fixture, [object[]] $ForEach = @($null), [string[]] $Tag)
    Add-PesterBlock Describe $Name $ForEach $Fixture
}

function Context {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)] [string] $Name, [Parameter(Mandatory, Position = 1)] [scriptblock] $Fixture, [object[]] $ForEach = @($null), [string[]] $Tag)
    Add-PesterBlock Context $Name $ForEach $Fixture
}

function It {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)] [string] $Name, [Parameter(Mandatory, Position = 1)] [scriptblock] $Test, [Alias('TestCases')] [object[]] $ForEach = @($null), [string[]] $Tag)
    Add-PesterBlock It $Name $ForEach $Test
}

function BeforeAll { [CmdletBinding()] param([Parameter(Mandatory, Position = 0)] [scriptblock] $Scriptblock) $global:PesterRun.BeforeAll += $Scriptblock }
function AfterAll { [CmdletBinding()] param([Parameter(Mandatory, Position = 0)] [scriptblock] $Scriptblock) $global:PesterRun.AfterAll += $Scriptblock }
function BeforeEach { [CmdletBinding()] param([Parameter(Mandatory, Position = 0)] [scriptblock] $Scriptblock) $global:PesterRun.BeforeEach += $Scriptblock }
function AfterEach { [CmdletBinding()] param([Parameter(Mandatory, Position = 0)] [scriptblock] $Scriptblock) $global:PesterRun.AfterEach += $Scriptblock }

function Should {
    [CmdletBinding(DefaultParameterSetName = 'None', PositionalBinding = $false)]
    param(
        [Parameter(ValueFromPipeline)] [AllowNull()] [object] $ActualValue,
        [switch] $Not,
        [string] $Because,
        [Parameter(ParameterSetName = 'Be')] [AllowNull()] [AllowEmptyString()] [AllowEmptyCollection()] [object] $Be,
        [Parameter(ParameterSetName = 'BeExactly')] [AllowNull()] [AllowEmptyString()] [object] $BeExactly,
        [Parameter(ParameterSetName = 'BeTrue')] [switch] $BeTrue,
        [Parameter(ParameterSetName = 'BeFalse')] [switch] $BeFalse,
        [Parameter(ParameterSetName = 'BeNullOrEmpty')] [switch] $BeNullOrEmpty,
        [Parameter(ParameterSetName = 'BeGreaterThan')] [object] $BeGreaterThan,
        [Parameter(ParameterSetName = 'BeGreaterOrEqual')] [object] $BeGreaterOrEqual,
        [Parameter(ParameterSetName = 'BeLessThan')] [object] $BeLessThan,
        [Parameter(ParameterSetName = 'BeLessOrEqual')] [object] $BeLessOrEqual,
        [Parameter(ParameterSetName = 'BeLike')] [string] $BeLike,
        [Parameter(ParameterSetName = 'Match')] [string] $Match,
        [Parameter(ParameterSetName = 'Contain')] [object] $Contain,
        [Parameter(ParameterSetName = 'HaveCount')] [int] $HaveCount,
        [Parameter(ParameterSetName = 'Exist')] [switch] $Exist,
        [Parameter(ParameterSetName = 'Throw')] [switch] $Throw,
        [Parameter(ParameterSetName = 'Throw', Position = 0)] [string] $ExpectedMessage,
        [Parameter(ParameterSetName = 'Throw')] [string] $ErrorId
    )
    begin { $all = [System.Collections.Generic.List[object]]::new() }
    process { if ($PSBoundParameters.ContainsKey('ActualValue')) { $all.Add($ActualValue) } }
    end {
        if ($all.Count -eq 1) { $actual = $all[0] } else { $actual = $all.ToArray() }
        $operator = $PSCmdlet.ParameterSetName
        $expected = $PSBoundParameters[$operator]
        $holds = switch ($operator) {
            'Be' { Test-PesterEqual $actual $expected; break }
            'BeExactly' { Test-PesterEqual $actual $expected -Exactly; break }
            'BeTrue' { [bool] $actual; break }
            'BeFalse' { -not $actual; break }
            'BeNullOrEmpty' { $all.Count -eq 0 -or ($all.Count -eq 1 -and ($null -eq $actual -or '' -eq $actual -or ($actual -is [System.Collections.ICollection] -and $actual.Count -eq 0))); break }
            'BeGreaterThan' { $actual -gt $expected; break }
            'BeGreaterOrEqual' { $actual -ge $expected; break }
            'BeLessThan' { $actual -lt $expected; break }
            'BeLessOrEqual' { $actual -le $expected; break }
            'BeLike' { $actual -like $expected; break }
            'Match' { $actual -match $expected; break }
            'Contain' { @($all) -contains $expected; break }
            'HaveCount' { $all.Count -eq $expected; break }
            'Exist' { Test-Path -Path $actual; break }
            'Throw' {
                $record = $null
                try { $null = & $actual } catch { $record = $_ }
                $null -ne $record -and (-not $ExpectedMessage -or "$record" -like $ExpectedMessage) -and (-not $ErrorId -or $record.FullyQualifiedErrorId -like $ErrorId)
                if ($record) { $actual = "$($record.FullyQualifiedErrorId): $record" }
                $expected = "$ErrorId $ExpectedMessage"
                break
            }
            default { throw "Should was given no operator." }
        }
        if ([bool] $holds -eq $Not.IsPresent) {
            throw "Expected$($Not ? ' not' : '') -$operator '$($expected -join ', ')', but got '$(@($actual) -join ', ')'.$($Because ? " Because $Because." : '')"
        }
    }
}

function Test-PesterEqual([object] $Actual, [object] $Expected, [switch] $Exactly) {
    if ($Actual -is [array] -or $Expected -is [array]) {
        $left, $right = @($Actual), @($Expected)
        if ($left.Count -ne $right.Count) { return $false }
        for ($i = 0; $i -lt $left.Count; $i++) { if (-not (Test-PesterEqual $left[$i] $right[$i] -Exactly:$Exactly)) { return $false } }
        return $true
    }
    if ($null -eq $Actual -or $null -eq $Expected) { return $null -eq $Actual -and $null -eq $Expected }
    $Exactly ? $Actual -ceq $Expected : $Actual -eq $Expected
}
