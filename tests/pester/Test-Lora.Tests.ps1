Describe 'Test-Lora' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $lora = New-TestLora (Join-Path $TestDrive 'zorb.safetensors')
    }

    It 'finds a sound file sound' {
        Test-Lora $lora | Should -BeTrue
        Get-Lora $lora | Test-Lora -Model $model | Should -BeTrue
    }

    It 'finds a file that does not fit the model' {
        Test-Lora (Join-Path $fixtures 'lora/lierla_init.safetensors') -Model $model | Should -BeFalse
    }

    It 'tells everything with -Detailed' {
        (Test-Lora $lora -Detailed).GetType().Name | Should -Be 'LoraCheckResult'
    }
}
