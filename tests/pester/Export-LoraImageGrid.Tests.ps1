Describe 'Export-LoraImageGrid' {
    BeforeAll { . $PSScriptRoot/TestKit.ps1 }

    It 'puts pictures into rows' {
        $grid = Export-LoraImageGrid "$images/*.png" (Join-Path $TestDrive 'grid.png') -Columns 5
        $grid.ImageCount | Should -Be 12
        $grid.Rows | Should -Be 3
        $grid.Path | Should -Exist
    }

    It 'takes pictures through the pipeline, in their order' {
        $grid = Get-ChildItem "$images/zorb-0[1-3].png" | Export-LoraImageGrid -DestinationPath (Join-Path $TestDrive 'piped.png') -Scale 2
        $grid.ImageCount | Should -Be 3
        $grid.Columns | Should -Be 2
    }

    It 'writes nothing with -WhatIf' {
        $destination = Join-Path $TestDrive 'whatif.png'
        Export-LoraImageGrid "$images/zorb-01.png" $destination -WhatIf | Should -BeNullOrEmpty
        $destination | Should -Not -Exist
    }

    It 'refuses what is no picture' {
        { Export-LoraImageGrid "$images/zorb-01.txt" (Join-Path $TestDrive 'text.png') } | Should -Throw -ErrorId 'FileUnreadable*'
    }
}
