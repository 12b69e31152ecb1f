Describe 'Merge-Lora' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $lora = Join-Path $fixtures 'merge/A.safetensors'
        $zorb = New-TestLora (Join-Path $TestDrive 'zorb.safetensors')
    }

    It 'merges a LoRA into a model' {
        $destination = Join-Path $TestDrive 'merged'
        $result = Merge-Lora $zorb -Model $model -Ratio 0.5 -DestinationPath $destination
        $result.GetType().FullName | Should -Be 'LoraPS.Engine.Merging.CheckpointFuseResult'
        $result.MergedModules | Should -Be 210
        $result.Loras[0].Ratio | Should -Be 0.5
        Join-Path $destination 'model_index.json' | Should -Exist
    }

    It 'merges LoRAs into one' {
        $result = Merge-Lora $lora, $lora -Ratio 0.5, 0.25 -DestinationPath (Join-Path $TestDrive 'sum.safetensors')
        $result.GetType().FullName | Should -Be 'LoraPS.Engine.Merging.LoraMergeResult'
        ($result | Get-Lora).ModuleCount | Should -Be (Get-Lora $lora).ModuleCount
    }

    It 'takes LoRAs <how>' -ForEach @(
        @{ how = 'as strings'; command = { $lora | Merge-Lora -DestinationPath (Join-Path $TestDrive 'strings.safetensors') } }
        @{ how = 'as files'; command = { Get-Item $lora | Merge-Lora -DestinationPath (Join-Path $TestDrive 'files.safetensors') } }
        @{ how = 'as LoRAs'; command = { Get-Lora $lora | Merge-Lora -DestinationPath (Join-Path $TestDrive 'loras.safetensors') } }
        @{ how = 'from training'; command = {
                New-TestDataset | Start-LoraTraining -Model $model -DestinationPath (Join-Path $TestDrive 'trained') -MaxTrainSteps 1 |
                    Merge-Lora -Model $model -DestinationPath (Join-Path $TestDrive 'training')
            }
        }
    ) {
        & $command | Should -HaveCount 1
    }

    It 'writes nothing with -WhatIf' {
        $destination = Join-Path $TestDrive 'whatif'
        Merge-Lora $zorb -Model $model -DestinationPath $destination -WhatIf | Should -BeNullOrEmpty
        $destination | Should -Not -Exist
    }

    It 'replaces a file only with -Force' {
        $destination = Join-Path $TestDrive 'mine.safetensors'
        Set-Content $destination 'mine'
        { Merge-Lora $lora -DestinationPath $destination } | Should -Throw -ErrorId 'DestinationExists*'
        Get-Content $destination | Should -Be 'mine'
        Merge-Lora $lora -DestinationPath $destination -Force | Should -HaveCount 1
    }

    It 'refuses a missing file' {
        { Merge-Lora missing.safetensors -Model $model -DestinationPath (Join-Path $TestDrive 'none') } | Should -Throw -ErrorId 'LoraFileNotFound*'
    }

    It 'merges in a job' {
        $destination = Join-Path $TestDrive 'job.safetensors'
        (Merge-Lora $lora -DestinationPath $destination -AsJob | Receive-Job -Wait -AutoRemoveJob).Path | Should -Be $destination
        (Merge-Lora $zorb -Model $model -DestinationPath (Join-Path $TestDrive 'job') -AsJob | Receive-Job -Wait -AutoRemoveJob).MergedModules | Should -Be 210
    }
}
