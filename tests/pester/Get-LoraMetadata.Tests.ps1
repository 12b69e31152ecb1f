Describe 'Get-LoraMetadata' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $lora = Join-Path $TestDrive 'described.safetensors'
        Set-LoraMetadata (Join-Path $fixtures 'merge/A.safetensors') -Metadata @{ ss_network_dim = 2; ss_network_alpha = 1; ss_seed = 1 } -DestinationPath $lora
    }

    It 'gives one object with a property for each key' {
        (Get-LoraMetadata $lora).ss_network_dim | Should -Be '2'
    }

    It 'gives the keys asked for' {
        (Get-LoraMetadata $lora -Key ss_network_*).PSObject.Properties.Name | Should -Contain 'ss_network_alpha'
        (Get-LoraMetadata $lora -Key ss_network_*).PSObject.Properties.Name | Should -Not -Contain 'ss_seed'
    }

    It 'takes LoRAs through the pipeline' {
        (Get-Lora $lora | Get-LoraMetadata -Key ss_seed).ss_seed | Should -Be '1'
    }

    It 'tells of a missing file' {
        { Get-LoraMetadata missing.safetensors -ErrorAction Stop } | Should -Throw -ErrorId '*FileNotFound*'
    }
}
