Describe 'Compare-Lora' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $lora = Join-Path $fixtures 'merge/A.safetensors'
        $half = (Merge-Lora $lora -Ratio 0.5 -DestinationPath (Join-Path $TestDrive 'half.safetensors')).Path
    }

    It 'finds a file equal to itself' {
        $compared = Compare-Lora $lora $lora
        $compared.GetType().Name | Should -Be 'LoraComparisonResult'
        $compared.RelativeDifference | Should -Be 0
    }

    It 'measures a difference as a share of the reference' {
        (Get-Lora $half | Compare-Lora $lora).RelativeDifference | Should -BeGreaterThan 0.49
    }

    It 'tells of a missing file' {
        { Compare-Lora $lora missing.safetensors -ErrorAction Stop } | Should -Throw -ErrorId '*FileNotFound*'
    }
}
