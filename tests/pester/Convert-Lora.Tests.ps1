Describe 'Convert-Lora' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $lora = Join-Path $fixtures 'merge/A.safetensors'
    }

    It 'writes the form of PEFT, and back' {
        $peft = Convert-Lora $lora (Join-Path $TestDrive 'peft.safetensors') -To Peft
        $peft.GetType().Name | Should -Be 'LoraConvertResult'
        $back = Get-Item $peft.Path | Convert-Lora -DestinationPath (Join-Path $TestDrive 'back.safetensors') -To Kohya
        (Compare-Lora $lora $back.Path).RelativeDifference | Should -Be 0
    }

    It 'writes the folder of the PEFT library, and reads it' {
        $folder = Convert-Lora $lora (Join-Path $TestDrive 'peft-folder') -To PeftFolder
        Join-Path $folder.Path 'unet/adapter_config.json' | Should -Exist
        $back = Convert-Lora $folder.Path (Join-Path $TestDrive 'from-folder.safetensors') -To Kohya
        $back.From | Should -Be 'PeftFolder'
        (Compare-Lora $lora $back.Path).RelativeDifference | Should -Be 0
    }

    It 'writes nothing with -WhatIf' {
        $destination = Join-Path $TestDrive 'whatif.safetensors'
        Convert-Lora $lora $destination -To Peft -WhatIf | Should -BeNullOrEmpty
        $destination | Should -Not -Exist
    }

    It 'replaces a file only with -Force' {
        $destination = Join-Path $TestDrive 'mine.safetensors'
        Set-Content $destination 'mine'
        { Convert-Lora $lora $destination -To Peft -ErrorAction Stop } | Should -Throw -ErrorId 'DestinationExists*'
        Convert-Lora $lora $destination -To Peft -Force | Should -HaveCount 1
    }
}
