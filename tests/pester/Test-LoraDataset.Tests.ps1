Describe 'Test-LoraDataset' {
    BeforeAll { . $PSScriptRoot/TestKit.ps1 }

    It 'finds the example pictures sound' {
        New-TestDataset | Test-LoraDataset | Should -BeTrue
    }

    It 'finds <what>' -ForEach @(
        @{ what = 'a picture twice'; property = 'Duplicates'; change = { Copy-Item "$folder/a.png" "$folder/b.png"; Copy-Item "$folder/a.txt" "$folder/b.txt" } }
        @{ what = 'a missing caption'; property = 'WithoutCaption'; change = { Remove-Item "$folder/a.txt" } }
    ) {
        $folder = Join-Path $TestDrive $property
        New-Item $folder -ItemType Directory | Out-Null
        Copy-Item "$images/zorb-01.png" "$folder/a.png"
        Copy-Item "$images/zorb-01.txt" "$folder/a.txt"
        . $change
        $dataset = New-LoraDataset $folder -CaptionExtension .txt -Resolution 64 -WarningAction SilentlyContinue
        $dataset | Test-LoraDataset | Should -BeFalse
        $report = Test-LoraDataset $dataset -Detailed
        @($report.$property).Count | Should -Be 1
    }

    It 'tables the pictures' {
        $report = New-TestDataset | Test-LoraDataset -Detailed
        $report.GetType().Name | Should -Be 'DatasetReport'
        $report.Pictures.Count | Should -Be 12
    }
}
