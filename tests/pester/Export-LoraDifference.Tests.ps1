Describe 'Export-LoraDifference' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $lora = New-TestLora (Join-Path $TestDrive 'zorb.safetensors')
        $tuned = (Merge-Lora $lora -Model $model -Ratio 100 -DestinationPath (Join-Path $TestDrive 'tuned')).Path
    }

    It 'finds the LoRA that was merged' {
        $result = Export-LoraDifference $model $tuned (Join-Path $TestDrive 'found.safetensors') -Rank 2 -MinDifference 0
        $result.GetType().Name | Should -Be 'LoraExtractResult'
        (Get-Lora $result.Path).ModuleCount | Should -BeGreaterThan 100
    }

    It 'writes nothing with -WhatIf' {
        $destination = Join-Path $TestDrive 'whatif.safetensors'
        Export-LoraDifference $model $tuned $destination -WhatIf | Should -BeNullOrEmpty
        $destination | Should -Not -Exist
    }

    It 'replaces a file only with -Force' {
        $destination = Join-Path $TestDrive 'mine.safetensors'
        Set-Content $destination 'mine'
        { Export-LoraDifference $model $tuned $destination } | Should -Throw -ErrorId 'DestinationExists*'
    }

    It 'refuses a missing model' {
        { Export-LoraDifference missing $tuned (Join-Path $TestDrive 'none.safetensors') } | Should -Throw -ErrorId 'ModelNotFound*'
    }

    It 'works in a job' {
        Export-LoraDifference $model $tuned (Join-Path $TestDrive 'job.safetensors') -Rank 1 -AsJob | Receive-Job -Wait -AutoRemoveJob | Should -HaveCount 1
    }
}
