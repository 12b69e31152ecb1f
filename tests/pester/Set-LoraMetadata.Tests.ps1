Describe 'Set-LoraMetadata' {
    BeforeAll { . $PSScriptRoot/TestKit.ps1 }

    BeforeEach {
        $file = Join-Path $TestDrive 'edited.safetensors'
        Copy-Item (Join-Path $fixtures 'lora/lierla_init.safetensors') $file -Force
    }

    It 'changes a file in place and says nothing' {
        Set-LoraMetadata $file -Metadata @{ ss_training_comment = 'hello' } | Should -BeNullOrEmpty
        (Get-LoraMetadata $file).ss_training_comment | Should -Be 'hello'
        Test-Lora $file | Should -BeTrue
    }

    It 'tells what it changed with -PassThru' {
        (Set-LoraMetadata $file -Metadata @{ note = 1 } -PassThru).GetType().FullName | Should -Be 'LoraPS.Engine.Lora.LoraMetadataEditResult'
    }

    It 'removes keys' {
        Set-LoraMetadata $file -Metadata @{ note_a = 1; note_b = 2 }
        Get-Lora $file | Set-LoraMetadata -Remove 'note_*'
        (Get-LoraMetadata $file).PSObject.Properties.Name | Should -Not -Contain 'note_a'
    }

    It 'changes nothing with -WhatIf' {
        Set-LoraMetadata $file -Metadata @{ note = 1 } -WhatIf
        (Get-LoraMetadata $file).PSObject.Properties.Name | Should -Not -Contain 'note'
    }

    It 'replaces another file only with -Force' {
        $other = Join-Path $TestDrive 'taken.safetensors'
        Set-Content $other 'mine'
        { Set-LoraMetadata $file -Metadata @{ note = 1 } -DestinationPath $other -ErrorAction Stop } | Should -Throw -ErrorId 'DestinationExists*'
        Set-LoraMetadata $file -Metadata @{ note = 1 } -DestinationPath $other -Force
        (Get-LoraMetadata $other).note | Should -Be '1'
    }
}
