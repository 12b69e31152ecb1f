Describe 'New-LoraDataset' {
    BeforeAll { . $PSScriptRoot/TestKit.ps1 }

    It 'describes a folder' {
        $dataset = New-LoraDataset $images -CaptionExtension .txt -Resolution 64 -Repeats 4 -BatchSize 4
        $dataset.GetType().FullName | Should -Be 'LoraPS.Engine.Data.LoraDataset'
        $dataset.ImageCount | Should -Be 12
        $dataset.ItemCount | Should -Be 48
        $dataset.BatchesPerEpoch | Should -Be 12
        $dataset.Entries[0].Caption | Should -Match 'zorb'
        $dataset.Source | Should -Be (Resolve-Path $images).Path
    }

    It 'takes folders <how>' -ForEach @(
        @{ how = 'as strings through the pipeline'; command = { $images | New-LoraDataset } }
        @{ how = 'as folders through the pipeline'; command = { Get-Item $images | New-LoraDataset } }
        @{ how = 'by literal path'; command = { New-LoraDataset -LiteralPath $images } }
        @{ how = 'by the reference''s name'; command = { New-LoraDataset -train_data_dir $images } }
    ) {
        (& $command 3>$null).ImageCount | Should -Be 12
    }

    It 'understands the resolution <given>' -ForEach @(
        @{ given = 64; size = '64x64' }
        @{ given = 64, 128; size = '64x128' }
        @{ given = '64,128'; size = '64x128' }
        @{ given = '64x128'; size = '64x128' }
    ) {
        "$((New-LoraDataset $images -CaptionExtension .txt -Resolution $given).Groups[0].Options.Resolution)" | Should -Be $size
    }

    It 'reads a configuration, and parameters count where it is silent' {
        $config = Join-Path $TestDrive 'set.toml'
        Set-Content $config "[[datasets]]`nbatch_size = 2`n[[datasets.subsets]]`nimage_dir = '$images'`nnum_repeats = 3"
        $dataset = New-LoraDataset -ConfigPath $config -Resolution 64 -BatchSize 6 -CaptionExtension .txt
        $dataset.Groups[0].Options.BatchSize | Should -Be 2
        $dataset.ItemCount | Should -Be 36
    }

    It 'refuses <what>' -ForEach @(
        @{ what = 'a missing folder'; id = 'ImageFolderNotFound*'; command = { New-LoraDataset (Join-Path $TestDrive missing) -ErrorAction Stop } }
        @{ what = 'a folder without pictures'; id = 'DatasetEmpty*'; command = { New-LoraDataset $fixtures/lora -ErrorAction Stop } }
        @{ what = 'a configuration that is missing'; id = 'ConfigFileNotFound*'; command = { New-LoraDataset -ConfigPath (Join-Path $TestDrive missing.toml) -ErrorAction Stop } }
        @{ what = 'a resolution that is none'; id = 'ParameterArgumentTransformationError*'; command = { New-LoraDataset $images -Resolution big } }
    ) {
        $command | Should -Throw -ErrorId $id
    }

    It 'warns of pictures without captions' {
        $null = New-LoraDataset $images -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -Match 'no caption file'
    }

    It 'shows a table that fits 100 columns' {
        $lines = New-TestDataset | Out-String -Width 100 -Stream | ForEach-Object TrimEnd | Where-Object Length
        $lines[0] | Should -Be 'Images Skipped Per epoch Batches Resolution Source'
        $lines | Should -HaveCount 3
    }
}
