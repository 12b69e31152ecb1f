# How the commands behave in scripts that nobody watches: errors that stop, warnings that can be counted, decisions told.
Describe 'Commands in a script' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $lora = Join-Path $fixtures 'merge/C.safetensors'
        $checkpoint = Join-Path $fixtures 'unet/sd1_checkpoint.safetensors'
        $missing = Join-Path $TestDrive 'missing.safetensors'
        $out = Join-Path $TestDrive 'out.safetensors'
        function Get-Verbose([scriptblock] $Command) { @(& $Command 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | ForEach-Object Message) -join "`n" }
    }

    It 'stops at an error: <command>' -ForEach @(
        @{ command = { Get-Lora $missing -ErrorAction Stop } }
        @{ command = { Get-LoraMetadata $missing -ErrorAction Stop } }
        @{ command = { Get-LoraBlockWeight $missing -ErrorAction Stop } }
        @{ command = { Show-LoraBlockWeight $missing -ErrorAction Stop } }
        @{ command = { Measure-Lora $missing -ErrorAction Stop } }
        @{ command = { Test-Lora $missing -ErrorAction Stop } }
        @{ command = { Compare-Lora $lora $missing -ErrorAction Stop } }
        @{ command = { Convert-Lora $missing $out -To Peft -ErrorAction Stop } }
        @{ command = { Resize-Lora $missing $out -ErrorAction Stop } }
        @{ command = { Split-DyLora $missing $out -ErrorAction Stop } }
        @{ command = { Set-LoraMetadata $missing @{ a = 1 } -ErrorAction Stop } }
        @{ command = { Set-LoraBlockWeight $missing -Mid 0 -DestinationPath $out -ErrorAction Stop } }
        @{ command = { Merge-Lora $missing -DestinationPath $out -ErrorAction Stop } }
        @{ command = { Invoke-SvdMergeLora $missing -DestinationPath $out -ErrorAction Stop } }
        @{ command = { Export-LoraDifference $missing $missing $out -ErrorAction Stop } }
        @{ command = { Merge-LoraCheckpoint $missing, $missing -DestinationPath $out -ErrorAction Stop } }
        @{ command = { New-LoraDataset $missing -ErrorAction Stop } }
        @{ command = { New-TestDataset | Start-LoraTraining -Model $missing -DestinationPath $out -ErrorAction Stop } }
        @{ command = { New-LoraImage x -Model $missing -DestinationPath $TestDrive -ErrorAction Stop } }
    ) {
        $command | Should -Throw
        $out | Should -Not -Exist
    }

    It 'goes on after an error about one of many files, and counts them' {
        $found = @(Get-Lora $missing, $lora, $missing -ErrorAction SilentlyContinue -ErrorVariable failed)
        $found | Should -HaveCount 1
        $failed | Should -HaveCount 2
    }

    It 'lets warnings be counted' {
        $folder = Join-Path $TestDrive 'pictures'
        [void] (New-Item $folder -ItemType Directory)
        Copy-Item (Join-Path $images 'zorb-01.png') $folder
        Set-Content (Join-Path $folder 'broken.png') 'no picture'
        [void] (New-LoraDataset $folder -Resolution 64 -WarningVariable warnings -WarningAction SilentlyContinue)
        $warnings.Count | Should -BeGreaterThan 0
        "$warnings" | Should -BeLike '*broken.png*'
    }

    It 'tells with -Verbose what a merge will be' {
        $told = Get-Verbose { Merge-Lora $lora, $lora -DestinationPath $out -Force -Verbose }
        $told | Should -BeLike '*WeightedSum*rank 16*'
        Get-Verbose { Merge-Lora $lora -Model $checkpoint -DestinationPath $out -Force -Verbose } | Should -BeLike '*14 modules*'
        Get-Verbose { Resize-Lora $lora $out -Rank 2 -Force -Verbose } | Should -BeLike '*from rank 8 to 2*'
    }

    It 'tells with -Verbose what a training will be' {
        $told = Get-Verbose { New-TestDataset | Start-LoraTraining -Model $model -DestinationPath $out -MaxTrainSteps 1 -Force -Verbose }
        $told | Should -BeLike '*modules*parameters*pictures*steps*memory*'
        $told | Should -BeLike '*tokenizer*'
        $told | Should -BeLike '*device*cpu*'
    }
}
