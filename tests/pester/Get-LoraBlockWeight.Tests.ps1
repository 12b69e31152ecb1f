Describe 'Get-LoraBlockWeight' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $lora = Join-Path $fixtures 'lora/lierla_init.safetensors'
    }

    It 'shows each block of a LoRA' {
        $blocks = Set-LoraBlockWeight $lora @{ MID = 0.5 } | Get-LoraBlockWeight
        $blocks[0].GetType().Name | Should -Be 'LoraBlock'
        ($blocks | Where-Object { "$($_.Block)" -eq 'MID' }).Weight | Should -Be 0.5
    }

    It 'lists presets' {
        (Get-LoraBlockWeight -ListPreset).Name | Should -Contain 'MIDD'
    }

    It 'tells of a missing file' {
        { Get-LoraBlockWeight missing.safetensors -ErrorAction Stop } | Should -Throw -ErrorId '*FileNotFound*'
    }
}
