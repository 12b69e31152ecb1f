Describe 'Export-LoraReport' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $lora = Join-Path $fixtures 'merge/A.safetensors'
        $other = Join-Path $fixtures 'merge/B.safetensors'
    }

    It 'writes the page of a LoRA' {
        $page = Join-Path $TestDrive 'a.html'
        $report = Export-LoraReport $lora $page
        $report.GetType().Name | Should -Be 'LoraReportResult'
        $report.Kind | Should -Be 'Lora'
        $report.Path | Should -Be $page
        Get-Content $page -Raw | Should -Match '<h1>A</h1>'
    }

    It 'writes the page of a training' {
        $log = Join-Path $TestDrive 'run.jsonl'
        $result = New-TestDataset | Start-LoraTraining -Model $model -DestinationPath (Join-Path $TestDrive 'run.safetensors') -Rank 2 -MaxTrainSteps 1 -Seed 1 -LogPath $log
        $report = $result | Export-LoraReport -Title 'A <run>'
        $report.Kind | Should -Be 'Training'
        $report.Path | Should -Be (Join-Path $TestDrive 'run.html')
        $report.PictureCount | Should -Be 12
        Get-Content $report.Path -Raw | Should -Match '<h1>A &lt;run&gt;</h1>'
        (Export-LoraReport $log (Join-Path $TestDrive 'log.html') -MaxPictures 3).PictureCount | Should -Be 3
    }

    It 'writes the page of a merge' {
        $merged = Invoke-SvdMergeLora $lora, $other -Rank 2 -DestinationPath (Join-Path $TestDrive 'both.safetensors')
        $report = $merged | Export-LoraReport
        $report.Kind | Should -Be 'Merge'
        Get-Content $report.Path -Raw | Should -Match $merged.Sources[0].Sha256
    }

    It 'writes a page for each LoRA into a folder' {
        $folder = (New-Item (Join-Path $TestDrive 'pages') -ItemType Directory).FullName
        $reports = @(Get-Lora $lora, $other | Export-LoraReport -DestinationPath $folder)
        $reports | Should -HaveCount 2
        Test-Path (Join-Path $folder 'B.html') | Should -BeTrue
    }

    It 'writes nothing with -WhatIf' {
        $page = Join-Path $TestDrive 'whatif.html'
        Export-LoraReport $lora $page -WhatIf | Should -BeNullOrEmpty
        Test-Path $page | Should -BeFalse
    }

    It 'replaces a page only with -Force' {
        $page = Join-Path $TestDrive 'twice.html'
        [void] (Export-LoraReport $lora $page)
        { Export-LoraReport $lora $page -ErrorAction Stop } | Should -Throw -ErrorId 'DestinationExists*'
        (Export-LoraReport $lora $page -Force).Path | Should -Be $page
    }

    It 'tells of what cannot be reported on' {
        { Export-LoraReport (Join-Path $TestDrive 'missing.safetensors') -ErrorAction Stop } | Should -Throw -ErrorId 'FileNotFound*'
    }

    It 'shows a table that fits 100 columns' {
        Export-LoraReport $lora (Join-Path $TestDrive 'wide.html') | Out-String -Width 100 -Stream | Where-Object { $_.TrimEnd().Length -gt 100 } | Should -BeNullOrEmpty
    }
}
