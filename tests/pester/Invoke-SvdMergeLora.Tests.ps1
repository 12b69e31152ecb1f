Describe 'Invoke-SvdMergeLora' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $lora = Join-Path $fixtures 'merge/A.safetensors'
    }

    It 'merges to the rank asked for' {
        $result = Invoke-SvdMergeLora $lora, $lora -Ratio 0.5, 0.5 -Rank 8 -DestinationPath (Join-Path $TestDrive 'svd.safetensors')
        $result.GetType().Name | Should -Be 'LoraMergeResult'
        (Compare-Lora $lora $result.Path).RelativeDifference | Should -BeLessThan 1e-4
    }

    It 'takes LoRAs with block weights through the pipeline' {
        $result = Get-Lora $lora | Set-LoraBlockWeight -Preset MIDD | Invoke-SvdMergeLora -new_rank 1 -DestinationPath (Join-Path $TestDrive 'midd.safetensors')
        ($result | Get-Lora).Rank | Should -Be 1
    }

    It 'writes nothing with -WhatIf' {
        $destination = Join-Path $TestDrive 'whatif.safetensors'
        Invoke-SvdMergeLora $lora -DestinationPath $destination -WhatIf | Should -BeNullOrEmpty
        $destination | Should -Not -Exist
    }

    It 'replaces a file only with -Force' {
        $destination = Join-Path $TestDrive 'mine.safetensors'
        Set-Content $destination 'mine'
        { Invoke-SvdMergeLora $lora -DestinationPath $destination } | Should -Throw -ErrorId 'DestinationExists*'
    }
}
