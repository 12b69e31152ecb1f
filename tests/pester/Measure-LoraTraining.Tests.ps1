Describe 'Measure-LoraTraining' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $run = @{ Dataset = New-TestDataset; Model = $model; DestinationPath = Join-Path $TestDrive 'cat' }
    }

    It 'tells what a training would do and writes nothing' {
        $plan = Measure-LoraTraining @run -Rank 2 -MaxTrainEpochs 2 -SaveEveryEpochs 1
        $plan.GetType().FullName | Should -Be 'LoraPS.Engine.Training.TrainingPlan'
        $plan.Pictures | Should -Be 12
        $plan.Length.Steps | Should -Be 6
        $plan.ModuleCount | Should -Be 210
        $plan.Memory.Total | Should -BeGreaterThan 0
        $plan.Paths | Should -Be (Join-Path $TestDrive 'cat-000001.safetensors'), (Join-Path $TestDrive 'cat.safetensors')
        $plan.Config.Training.Network.Rank | Should -Be 2
        Join-Path $TestDrive 'cat.safetensors' | Should -Not -Exist
    }

    It 'does not mind a file that is there' {
        Set-Content (Join-Path $TestDrive 'cat.safetensors') 'mine'
        (Measure-LoraTraining @run).Pictures | Should -Be 12
        Remove-Item (Join-Path $TestDrive 'cat.safetensors')
    }

    It 'refuses what a training would' {
        { Measure-LoraTraining @run -Optimizer nonsense } | Should -Throw -ErrorId 'InvalidArgument*'
    }
}
