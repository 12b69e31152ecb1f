Describe 'Merge-LoraCheckpoint' {
    BeforeAll { . $PSScriptRoot/TestKit.ps1 }

    It 'merges models in equal shares' {
        $destination = Join-Path $TestDrive 'mean'
        $result = Merge-LoraCheckpoint $model, $model -DestinationPath $destination
        $result.GetType().Name | Should -Be 'CheckpointMergeResult'
        Join-Path $destination 'model_index.json' | Should -Exist
    }

    It 'takes models through the pipeline' {
        Get-Item $model, $model | Merge-LoraCheckpoint -Ratio 0.25 -DestinationPath (Join-Path $TestDrive 'piped') | Should -HaveCount 1
    }

    It 'adds a difference' {
        Merge-LoraCheckpoint $model -Tuned $model -Original $model -Ratio 0.5 -DestinationPath (Join-Path $TestDrive 'added') | Should -HaveCount 1
    }

    It 'writes nothing with -WhatIf' {
        $destination = Join-Path $TestDrive 'whatif'
        Merge-LoraCheckpoint $model, $model -DestinationPath $destination -WhatIf | Should -BeNullOrEmpty
        $destination | Should -Not -Exist
    }

    It 'refuses <what>' -ForEach @(
        @{ what = 'a missing model'; id = 'ModelNotFound*'; bad = @{ LiteralPath = 'missing' } }
        @{ what = 'a folder that exists'; id = 'DestinationExists*'; bad = @{ DestinationPath = '.' } }
    ) {
        $merge = @{ LiteralPath = $model, $model; DestinationPath = Join-Path $TestDrive 'refused' }
        foreach ($name in $bad.Keys) { $merge[$name] = $bad[$name] }
        { Merge-LoraCheckpoint @merge } | Should -Throw -ErrorId $id
    }

    It 'merges in a job' {
        Merge-LoraCheckpoint $model, $model -DestinationPath (Join-Path $TestDrive 'job') -AsJob | Receive-Job -Wait -AutoRemoveJob | Should -HaveCount 1
    }
}
