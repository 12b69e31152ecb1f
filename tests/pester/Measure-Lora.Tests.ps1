Describe 'Measure-Lora' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $lora = Join-Path $fixtures 'merge/A.safetensors'
    }

    It 'measures a file' {
        $measured = Measure-Lora $lora
        $measured.GetType().Name | Should -Be 'LoraMeasurement'
        $measured.Modules | Should -HaveCount (Get-Lora $lora).ModuleCount
    }

    It 'measures the modules asked for' {
        $modules = @(Get-Lora $lora | Measure-Lora -Module *mid_block*)
        $modules[0].GetType().Name | Should -Be 'ModuleMeasurement'
        $modules | Where-Object Name -notlike '*mid_block*' | Should -BeNullOrEmpty
    }

    It 'tells of a missing file' {
        { Measure-Lora missing.safetensors -ErrorAction Stop } | Should -Throw -ErrorId '*FileNotFound*'
    }

    It 'shows a table that fits 100 columns' {
        Measure-Lora $lora | Out-String -Width 100 -Stream | Where-Object { $_.TrimEnd().Length -gt 100 } | Should -BeNullOrEmpty
    }
}
