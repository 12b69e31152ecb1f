Describe 'Show-LoraBlockWeight' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $lora = Join-Path $fixtures 'merge/C.safetensors'
    }

    It 'draws a line a block after the name' {
        $lines = @(Set-LoraBlockWeight $lora @{ MID = 0.5; OUT10 = -1 } | Show-LoraBlockWeight)
        $lines[0] | Should -Be 'C: weight'
        $lines.Count | Should -Be (1 + @(Get-LoraBlockWeight $lora).Count)
        ($lines -like 'MID*') | Should -Be "MID         0.5 $('█' * 30)"
        ($lines -like 'OUT10*') | Should -Be "OUT10        -1 -$('█' * 60)"
        $lines.Length | Measure-Object -Maximum | ForEach-Object Maximum | Should -BeLessOrEqual 100
    }

    It 'draws norms, the longest of the strongest block' {
        $strongest = (Measure-Lora $lora).Blocks | Sort-Object Norm -Descending | Select-Object -First 1
        $longest = Show-LoraBlockWeight -LiteralPath $lora -Norm | Sort-Object { ($_ -replace '[^█]').Length } -Descending | Select-Object -First 1
        $longest | Should -BeLike "$($strongest.Block)*"
    }

    It 'takes files from the pipeline' {
        Get-ChildItem $lora | Show-LoraBlockWeight | Select-Object -First 1 | Should -Be 'C: weight'
    }

    It 'tells of a missing file' {
        { Show-LoraBlockWeight missing.safetensors -ErrorAction Stop } | Should -Throw -ErrorId '*FileNotFound*'
    }
}
