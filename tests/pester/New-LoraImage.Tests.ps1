Describe 'New-LoraImage' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $small = @{ Model = $model; Width = 64; Height = 64; Steps = 1; Seed = 3 }
    }

    It 'makes a picture and tells of it' {
        $image = New-LoraImage 'a zorb' @small -DestinationPath (Join-Path $TestDrive 'zorb.png')
        $image.GetType().Name | Should -Be 'GeneratedImage'
        $image.Seed | Should -Be 3
        $image.Path | Should -Exist
    }

    It 'takes prompts through the pipeline' {
        (@('a zorb', 'a car') | New-LoraImage @small -DestinationPath (Join-Path $TestDrive 'piped') -Force).Prompt | Should -Be 'a zorb', 'a car'
    }

    It 'writes nothing with -WhatIf' {
        $destination = Join-Path $TestDrive 'whatif.png'
        New-LoraImage 'a zorb' @small -DestinationPath $destination -WhatIf | Should -BeNullOrEmpty
        $destination | Should -Not -Exist
    }

    It 'replaces a picture only with -Force' {
        $destination = Join-Path $TestDrive 'mine.png'
        Set-Content $destination 'mine'
        { New-LoraImage 'a zorb' @small -DestinationPath $destination } | Should -Throw -ErrorId 'DestinationExists*'
        New-LoraImage 'a zorb' @small -DestinationPath $destination -Force | Should -HaveCount 1
    }

    It 'makes pictures in a job' {
        $images = New-LoraImage 'a zorb' @small -Count 2 -DestinationPath (Join-Path $TestDrive 'job') -AsJob | Receive-Job -Wait -AutoRemoveJob
        $images.Seed | Should -Be 3, 4
        $images[1].Path | Should -Exist
    }
}
