Describe 'Split-DyLora' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $dylora = Join-Path $fixtures 'dylora/split_input.safetensors'
    }

    It 'takes out the rank asked for' {
        $split = Split-DyLora $dylora (Join-Path $TestDrive 'out.safetensors') -Rank 2
        $split.GetType().FullName | Should -Be 'LoraPS.Engine.Lora.LoraFile'
        $split.Name | Should -Be 'out-0002'
        $split.Rank | Should -Be 2
    }

    It 'writes nothing with -WhatIf' {
        Get-Lora $dylora | Split-DyLora -DestinationPath (Join-Path $TestDrive 'whatif.safetensors') -Unit 2 -WhatIf | Should -BeNullOrEmpty
        Join-Path $TestDrive 'whatif-0002.safetensors' | Should -Not -Exist
    }

    It 'replaces a file only with -Force' {
        Set-Content (Join-Path $TestDrive 'mine-0002.safetensors') 'mine'
        { Split-DyLora $dylora (Join-Path $TestDrive 'mine.safetensors') -Rank 2 -ErrorAction Stop } | Should -Throw -ErrorId 'DestinationExists*'
    }

    It 'works in a job' {
        $destination = Join-Path $TestDrive 'job.safetensors'
        $names = (Split-DyLora $dylora $destination).Name
        Split-DyLora $dylora $destination -Force -AsJob | Receive-Job -Wait -AutoRemoveJob | ForEach-Object Name | Should -Be $names
    }
}
