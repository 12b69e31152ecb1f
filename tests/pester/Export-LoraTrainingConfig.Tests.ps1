Describe 'Export-LoraTrainingConfig' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $run = @{ Dataset = New-TestDataset; Model = $model; DestinationPath = Join-Path $TestDrive 'cat'; Rank = 2; MaxTrainSteps = 1; Seed = 3 }
    }

    It 'writes the settings of a training, which train the same again' {
        $result = Start-LoraTraining @run -LrScheduler cosine
        $toml = Join-Path $TestDrive 'again.toml'
        ($result | Export-LoraTrainingConfig -DestinationPath $toml).FullName | Should -Be $toml
        (Get-Content $toml) -contains 'lr_scheduler = "cosine"' | Should -BeTrue
        $again = Start-LoraTraining -ConfigFile $toml -DestinationPath (Join-Path $TestDrive 'again')
        $again.Seed | Should -Be 3
        ($again | Get-Lora).Metadata['sshs_model_hash'] | Should -Be ($result | Get-Lora).Metadata['sshs_model_hash']
        Remove-Item $result.Path, $again.Path
    }

    It 'reads what it wrote as the same settings' {
        $plan = Measure-LoraTraining @run -NetworkKind DyLora -Unit 2 -MinSnrGamma 5 -OptimizerArgument weight_decay=0.5 -NoiseOffset 0.05 -SaveDType BF16 -UNetOnly
        $plan | Export-LoraTrainingConfig (Join-Path $TestDrive 'one')
        $read = Measure-LoraTraining -ConfigFile (Join-Path $TestDrive 'one')
        $read | Export-LoraTrainingConfig (Join-Path $TestDrive 'two')
        (Get-Content (Join-Path $TestDrive 'two.toml')) -contains 'network_module = "networks.dylora"' | Should -BeTrue
        (Get-Content (Join-Path $TestDrive 'two.toml') -Raw).Replace('two.dataset', 'one.dataset') | Should -Be (Get-Content (Join-Path $TestDrive 'one.toml') -Raw)
        Get-Content (Join-Path $TestDrive 'two.dataset.toml') -Raw | Should -Be (Get-Content (Join-Path $TestDrive 'one.dataset.toml') -Raw)
    }

    It 'warns of what sd-scripts does not know' {
        $warnings = Measure-LoraTraining @run -Device cpu | Export-LoraTrainingConfig (Join-Path $TestDrive 'warned') 3>&1 | Where-Object { $_ -is [System.Management.Automation.WarningRecord] }
        "$warnings" | Should -BeLike '*Device*'
    }

    It 'only tells what it would do with -WhatIf' {
        Measure-LoraTraining @run | Export-LoraTrainingConfig (Join-Path $TestDrive 'none.toml') -WhatIf | Should -BeNullOrEmpty
        Join-Path $TestDrive 'none.toml' | Should -Not -Exist
    }

    It 'replaces a file only with -Force' {
        $path = Join-Path $TestDrive 'mine.toml'
        Set-Content $path 'mine'
        $plan = Measure-LoraTraining @run
        $plan | Export-LoraTrainingConfig $path -ErrorAction SilentlyContinue -ErrorVariable failed
        Get-ErrorId $failed[0] | Should -Be 'DestinationExists'
        Get-Content $path | Should -Be 'mine'
        ($plan | Export-LoraTrainingConfig $path -Force).FullName | Should -Be $path
    }
}
