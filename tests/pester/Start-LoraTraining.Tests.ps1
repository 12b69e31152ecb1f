Describe 'Start-LoraTraining' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $dataset = New-TestDataset
    }

    It 'trains a LoRA and tells of it' {
        $destination = Join-Path $TestDrive 'first.safetensors'
        $result = $dataset | Start-LoraTraining -Model $model -DestinationPath $destination -Rank 2 -MaxTrainSteps 2 -Seed 7
        $result.GetType().FullName | Should -Be 'LoraPS.Engine.Training.TrainingResult'
        $result.Path | Should -Be $destination
        $result.Steps | Should -Be 2
        $result.Seed | Should -Be 7
        $result.AverageLoss | Should -BeGreaterThan 0
        $destination | Should -Exist
        ($result | Get-Lora).Rank | Should -Be 2
    }

    It 'gives the same file with the same seed' {
        $hashes = 'a', 'b' | ForEach-Object {
            $lora = $dataset | Start-LoraTraining -Model $model -DestinationPath (Join-Path $TestDrive "$_.safetensors") -MaxTrainSteps 1 -Seed 3 | Get-Lora
            $lora.Metadata['sshs_model_hash']
        }
        $hashes[0] | Should -Be $hashes[1]
    }

    It 'takes the names of the reference' {
        $lora = Start-LoraTraining -Dataset $dataset -pretrained_model_name_or_path $model -output_name (Join-Path $TestDrive 'names') -network_dim 3 -network_alpha 1.5 -max_train_steps 1 -save_precision fp16 | Get-Lora
        $lora.Name | Should -Be 'names'
        $lora.Rank | Should -Be 3
        $lora.Alpha | Should -Be 1.5
    }

    It 'writes every step where asked for' {
        $all = $dataset | Start-LoraTraining -Model $model -DestinationPath (Join-Path $TestDrive 'steps') -MaxTrainSteps 2 -IncludeStep
        $all | ForEach-Object { $_.GetType().Name } | Should -Be 'TrainingStep', 'TrainingStep', 'TrainingResult'
        $all[1].Step | Should -Be 2
    }

    It 'stops when the next command has seen enough, and goes on from there' {
        $run = @{ Dataset = $dataset; Model = $model; DestinationPath = Join-Path $TestDrive 'stopped'; Seed = 5; IncludeStep = $true }
        $first = Start-LoraTraining @run -MaxTrainSteps 100000 | Select-Object -First 1
        $first.Step | Should -Be 1
        $state = Join-Path $TestDrive 'stopped.state.safetensors'
        $state | Should -Exist
        $next = Start-LoraTraining @run -MaxTrainSteps 100000 -ResumePath $state | Select-Object -First 1
        $next.Step | Should -BeGreaterThan 1
    }

    It 'only tells what it would do with -WhatIf' {
        $destination = Join-Path $TestDrive 'whatif/cat.safetensors'
        $dataset | Start-LoraTraining -Model $model -DestinationPath $destination -WhatIf | Should -BeNullOrEmpty
        Split-Path $destination | Should -Not -Exist
    }

    It 'replaces a file only with -Force' {
        $run = @{ Dataset = $dataset; Model = $model; DestinationPath = Join-Path $TestDrive 'mine.safetensors'; MaxTrainSteps = 1 }
        Set-Content $run.DestinationPath 'mine'
        { Start-LoraTraining @run } | Should -Throw -ErrorId 'DestinationExists*'
        Get-Content $run.DestinationPath | Should -Be 'mine'
        (Start-LoraTraining @run -Force).Steps | Should -Be 1
    }

    It 'refuses <what>' -ForEach @(
        @{ what = 'a missing model'; id = 'ModelNotFound*'; bad = @{ Model = 'missing' } }
        @{ what = 'a missing state'; id = 'FileNotFound*'; bad = @{ ResumePath = 'missing.safetensors' } }
        @{ what = 'a missing tokenizer'; id = 'TokenizerNotFound*'; bad = @{ TokenizerPath = 'missing' } }
        @{ what = 'a learning rate of zero'; id = 'InvalidArgument*'; bad = @{ LearningRate = 0 } }
        @{ what = 'an unknown optimizer'; id = 'InvalidArgument*'; bad = @{ Optimizer = 'nonsense' } }
        @{ what = 'a rank of zero'; id = 'ParameterArgumentValidationError*'; bad = @{ Rank = 0 } }
        @{ what = '80 tokens'; id = 'ParameterArgumentValidationError*'; bad = @{ MaxTokenLength = 80 } }
    ) {
        $run = @{ Dataset = $dataset; Model = $model; DestinationPath = Join-Path $TestDrive 'refused'; MaxTrainSteps = 1 }
        foreach ($name in $bad.Keys) { $run[$name] = $bad[$name] }
        { Start-LoraTraining @run } | Should -Throw -ErrorId $id
        Join-Path $TestDrive 'refused.safetensors' | Should -Not -Exist
    }
}
