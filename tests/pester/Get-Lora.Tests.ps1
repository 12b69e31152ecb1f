Describe 'Get-Lora' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $plain = Join-Path $fixtures 'lora/lierla_init.safetensors'
        $conv = Join-Path $fixtures 'lora/c3lier_init.safetensors'
    }

    It 'describes a file' {
        $lora = Get-Lora $plain
        $lora.GetType().FullName | Should -Be 'LoraPS.Engine.Lora.LoraFile'
        $lora.Name | Should -Be 'lierla_init'
        $lora.Path | Should -Be $plain
        $lora.Rank | Should -Be 4
        $lora.ConvRank | Should -BeNullOrEmpty
        $lora.ModuleCount | Should -Be ($lora.UNetModules + $lora.TextEncoderModules)
        (Get-Lora $conv).ConvRank | Should -Be 4
    }

    It 'takes files <how>' -ForEach @(
        @{ how = 'by wildcard'; command = { Get-Lora (Join-Path $fixtures 'lora/*ier*_init.safetensors') } }
        @{ how = 'as strings through the pipeline'; command = { $plain, $conv | Get-Lora } }
        @{ how = 'as files through the pipeline'; command = { Get-Item $plain, $conv | Get-Lora } }
        @{ how = 'as LoRAs through the pipeline'; command = { Get-Lora $plain, $conv | Get-Lora } }
        @{ how = 'by literal path'; command = { Get-Lora -LiteralPath $plain, $conv } }
    ) {
        & $command | ForEach-Object Name | Sort-Object | Should -Be 'c3lier_init', 'lierla_init'
    }

    It 'tells of a missing file and goes on' {
        $found = Get-Lora missing.safetensors, $plain -ErrorAction SilentlyContinue -ErrorVariable problems
        @($found) | Should -HaveCount 1
        $problems | Should -HaveCount 1
        Get-ErrorId $problems[0] | Should -Be 'LoraFileNotFound'
        "$($problems[0].CategoryInfo.Category)" | Should -Be 'ObjectNotFound'
    }

    It 'refuses a file that is no LoRA' {
        $file = Join-Path $TestDrive 'text.safetensors'
        Set-Content $file 'not a safetensors file'
        { Get-Lora $file -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidSafetensors*'
    }

    It 'shows a table that fits 100 columns' {
        $lines = Get-Lora $plain, $conv | Out-String -Width 100 -Stream | ForEach-Object TrimEnd | Where-Object Length
        $lines[0] | Should -Match '^Name +Rank/alpha'
        $lines.Length | Sort-Object -Descending | Select-Object -First 1 | Should -BeLessOrEqual 100
        $lines -join "`n" | Should -Match 'c3lier_init .*conv 4'
    }
}
