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

    It 'takes what no parameter says from a configuration file of sd-scripts' {
        $toml = Join-Path $TestDrive 'reference.toml'
        Set-Content $toml @"
[model]
pretrained_model_name_or_path = '$model'
[data]
train_data_dir = '$images'
resolution = '64,64'
train_batch_size = 4
caption_extension = '.txt'
[training]
output_dir = '$TestDrive'
output_name = 'from-file'
network_module = 'networks.lora'
network_dim = 3
network_alpha = 2
network_train_unet_only = true
max_train_epochs = 9
seed = 5
xformers = true
"@
        $result = Start-LoraTraining -ConfigFile $toml -MaxTrainSteps 1 -Alpha 1 -WarningVariable warnings -WarningAction SilentlyContinue
        $result.Path | Should -Be (Join-Path $TestDrive 'from-file.safetensors')
        $result.Steps | Should -Be 1
        $result.Seed | Should -Be 5
        $result.Config.Training.Network.Alpha | Should -Be 1
        $result.Config.Training.Network.TrainTextEncoder | Should -Be $false
        ($result | Get-Lora).Rank | Should -Be 3
        "$warnings" | Should -BeLike '*xformers*'
        # A data set from the pipeline goes before the file's.
        $other = New-LoraDataset $images -CaptionExtension .txt -Resolution 64 -BatchSize 12 | Measure-LoraTraining -ConfigFile $toml -WarningAction SilentlyContinue
        $other.Length.Steps | Should -Be 9
    }

    It 'takes paths of a configuration file from the current location, as sd-scripts does' {
        New-Item -ItemType Directory (Join-Path $TestDrive 'settings') | Out-Null
        Set-Content (Join-Path $TestDrive 'settings/run.toml') "pretrained_model_name_or_path = '$model'`ntrain_data_dir = '$images'`nresolution = 64`noutput_dir = 'out'"
        $before = Get-Location
        Set-Location $TestDrive
        try { (Measure-LoraTraining -ConfigFile settings/run).Paths[-1] | Should -Be (Join-Path $TestDrive 'out/last.safetensors') }
        finally { Set-Location $before }
    }

    It 'refuses a configuration file <what>' -ForEach @(
        @{ what = 'that is not there'; id = 'ConfigFileNotFound*'; text = $null }
        @{ what = 'with unknown options'; id = 'TrainingConfigInvalid*'; text = 'learning_rat = 1e-4' }
        @{ what = 'with options that are not supported'; id = 'TrainingOptionUnsupported*'; text = 'v2 = true' }
        @{ what = 'that names no model'; id = 'InvalidArgument*'; text = 'seed = 1' }
    ) {
        $path = Join-Path $TestDrive 'bad.toml'
        Remove-Item $path -ErrorAction SilentlyContinue
        if ($text) { Set-Content $path $text }
        { Start-LoraTraining -ConfigFile $path } | Should -Throw -ErrorId $id
    }

    It 'trains in a job' {
        $job = $dataset | Start-LoraTraining -Model $model -DestinationPath (Join-Path $TestDrive 'job') -Rank 2 -MaxTrainSteps 2 -Seed 7 -AsJob
        $job.PSJobTypeName | Should -Be 'LoraJob'
        (Get-Job -Id $job.Id).Name | Should -Be "LoraTraining$($job.Id)"
        ($job | Wait-Job).State | Should -Be 'Completed'
        $job.Progress.Count | Should -BeGreaterThan 1
        $job.HasMoreData | Should -BeTrue
        $result = $job | Receive-Job
        $result.Steps | Should -Be 2
        $result.Path | Should -Exist
        $job.HasMoreData | Should -BeFalse
        $job.StatusMessage | Should -BeLike 'step 2 of 2*'
        $job | Remove-Job
        Get-Job | Where-Object Id -EQ $job.Id | Should -BeNullOrEmpty
    }

    It 'leaves a state to go on from when its job is stopped, and says where' {
        $run = @{ Dataset = $dataset; Model = $model; DestinationPath = Join-Path $TestDrive 'stopped-job'; Rank = 2; Seed = 7; MaxTrainSteps = 100000; IncludeStep = $true }
        $job = Start-LoraTraining @run -AsJob
        $steps = $job | Receive-Job -Wait -WarningVariable warnings -WarningAction SilentlyContinue | ForEach-Object {
            if ($_.Step -eq 2) { Stop-Job $job }
            $_
        }
        $job.State | Should -Be 'Stopped'
        $steps[0].Step | Should -Be 1
        $state = Join-Path $TestDrive 'stopped-job.state.safetensors'
        $state | Should -Exist
        "$warnings" | Should -BeLike "*-ResumePath '$state'*"
        $next = Start-LoraTraining @run -ResumePath $state | Select-Object -First 1
        $next.Step | Should -Be ($steps.Count + 1)
        Remove-Job $job
    }

    It 'tells errors of a job as errors' {
        $job = $dataset | Start-LoraTraining -Model $model -DestinationPath (Join-Path $TestDrive 'failed-job') -TokenizerPath missing -AsJob
        Receive-Job $job -Wait -ErrorAction SilentlyContinue -ErrorVariable failed
        Get-ErrorId $failed[0] | Should -Be 'TokenizerNotFound'
        $job.State | Should -Be 'Failed'
        Remove-Job $job
        # What can be known before is told before there is a job.
        { $dataset | Start-LoraTraining -Model missing -DestinationPath (Join-Path $TestDrive 'failed-job') -AsJob } | Should -Throw -ErrorId 'ModelNotFound*'
    }

    It 'makes sample pictures on the way' {
        $prompts = Join-Path $TestDrive 'prompts.txt'
        Set-Content $prompts '# pictures', 'a zorb --w 64 --h 64 --s 1 --d 3'
        $destination = Join-Path $TestDrive 'sampled'
        $result = $dataset | Start-LoraTraining -Model $model -DestinationPath $destination -Rank 2 -MaxTrainSteps 2 -SamplePrompt $prompts, 'a car --w 64 --h 64 --s 1' -SampleEveryNSteps 2 -SampleAtFirst
        $result.SamplePaths.Count | Should -Be 4
        $result.SamplePaths[3] | Should -Be (Join-Path $TestDrive 'sample/sampled-step00000002-01.png')
        $result.SamplePaths | ForEach-Object { $_ | Should -Exist }
        { $dataset | Start-LoraTraining -Model $model -DestinationPath $destination -SamplePrompt missing.txt -SampleEveryNSteps 2 } | Should -Throw -ErrorId 'ConfigFileNotFound*'
        { $dataset | Start-LoraTraining -Model $model -DestinationPath $destination -SampleEveryNSteps 2 } | Should -Throw -ErrorId 'InvalidArgument*'
    }
}
