Describe 'Set-LoraBlockWeight' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $lora = Join-Path $fixtures 'lora/lierla_init.safetensors'
    }

    It 'gives a LoRA weights by <how>' -ForEach @(
        @{ how = 'table'; command = { Set-LoraBlockWeight $lora @{ MID = 0.5 } } }
        @{ how = 'preset'; command = { Get-Lora $lora | Set-LoraBlockWeight -Preset MIDD } }
        @{ how = 'side'; command = { Set-LoraBlockWeight $lora -Mid 0.5 } }
    ) {
        $source = & $command
        $source.GetType().FullName | Should -Be 'LoraPS.Engine.Merging.LoraSource'
        $source.Path | Should -Be $lora
        $source.Blocks | Should -Not -BeNullOrEmpty
    }

    It 'writes a LoRA of its own' {
        $destination = Join-Path $TestDrive 'weighted.safetensors'
        Set-LoraBlockWeight $lora -Preset MIDD -DestinationPath $destination -WhatIf | Should -BeNullOrEmpty
        $destination | Should -Not -Exist
        Set-LoraBlockWeight $lora -Preset MIDD -DestinationPath $destination | Should -HaveCount 1
        { Set-LoraBlockWeight $lora -Preset MIDD -DestinationPath $destination -ErrorAction Stop } | Should -Throw -ErrorId 'DestinationExists*'
    }

    It 'refuses a preset there is not' {
        { Set-LoraBlockWeight $lora -Preset nonsense } | Should -Throw -ErrorId 'InvalidArgument*'
    }
}
