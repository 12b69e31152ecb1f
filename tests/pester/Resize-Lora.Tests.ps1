Describe 'Resize-Lora' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $lora = Join-Path $fixtures 'merge/A.safetensors'
    }

    It 'brings a file to another rank' {
        $result = Resize-Lora $lora (Join-Path $TestDrive 'one.safetensors') -Rank 1
        $result.GetType().Name | Should -Be 'LoraResult'
        ($result | Get-Lora).Rank | Should -Be 1
    }

    It 'takes LoRAs through the pipeline and the reference''s names' {
        $result = Get-Lora $lora | Resize-Lora -DestinationPath (Join-Path $TestDrive 'two.safetensors') -new_rank 2 -dynamic_method sv_fro -dynamic_param 0.9
        Test-Lora $result.Path | Should -BeTrue
    }

    It 'writes nothing with -WhatIf' {
        $destination = Join-Path $TestDrive 'whatif.safetensors'
        Resize-Lora $lora $destination -WhatIf | Should -BeNullOrEmpty
        $destination | Should -Not -Exist
    }

    It 'replaces a file only with -Force' {
        $destination = Join-Path $TestDrive 'mine.safetensors'
        Set-Content $destination 'mine'
        { Resize-Lora $lora $destination -ErrorAction Stop } | Should -Throw -ErrorId 'DestinationExists*'
        Resize-Lora $lora $destination -Force | Should -HaveCount 1
    }

    It 'works in a job' {
        $destination = Join-Path $TestDrive 'job.safetensors'
        (Resize-Lora $lora $destination -AsJob | Receive-Job -Wait -AutoRemoveJob).Path | Should -Be $destination
    }
}
