Describe 'Install-LoraRuntime' {
    BeforeAll {
        . $PSScriptRoot/TestKit.ps1
        $store = $env:LORAPS_RUNTIME_PATH
        $env:LORAPS_RUNTIME_PATH = Join-Path $TestDrive 'runtimes'
        $libtorch = Join-Path $TestDrive 'libtorch'
        $prefix, $extension = if ($IsWindows) { '', '.dll' } elseif ($IsMacOS) { 'lib', '.dylib' } else { 'lib', '.so' }
        $null = New-Item -ItemType Directory (Join-Path $libtorch 'lib')
        foreach ($library in 'c10', 'torch_cpu') { Set-Content (Join-Path $libtorch "lib/$prefix$library$extension") 'not loaded here' }
    }

    AfterAll { $env:LORAPS_RUNTIME_PATH = $store }

    It 'says what it would fetch, and fetches nothing, with -WhatIf' {
        Install-LoraRuntime -Backend Cpu -WhatIf | Should -BeNullOrEmpty
        Install-LoraRuntime -Path $libtorch -WhatIf | Should -BeNullOrEmpty
        Test-Path $env:LORAPS_RUNTIME_PATH | Should -BeFalse
    }

    It 'copies a folder with libtorch, once without -Force' {
        $runtime = Install-LoraRuntime -Path $libtorch -WarningAction SilentlyContinue
        $runtime.GetType().FullName | Should -Be 'LoraPS.Engine.Runtime.InstalledRuntime'
        "$($runtime.Backend)" | Should -Be 'Cpu'
        $runtime.Path | Should -Match '^.*runtimes'
        { Install-LoraRuntime -Path $libtorch -ErrorAction Stop } | Should -Throw -ErrorId 'DestinationExists*'
        (Install-LoraRuntime -Path $libtorch -Force -WarningAction SilentlyContinue).Path | Should -Be $runtime.Path
    }

    It 'shows a table' {
        (Install-LoraRuntime -Path $libtorch -Force -WarningAction SilentlyContinue | Out-String -Width 100 -Stream | Where-Object Length)[0] |
            Should -Match '^Backend Version +Platform +Size Path'
    }

    It 'refuses a folder without libtorch' {
        { Install-LoraRuntime -Path $TestDrive/runtimes -ErrorAction Stop } | Should -Throw -ErrorId 'RuntimeFolderUnusable*'
    }

    It 'names a package that the feed does not have' {
        $feed = Join-Path $TestDrive 'feed'
        $null = New-Item -ItemType Directory $feed
        { Install-LoraRuntime -Backend Cpu -Source $feed -Force -ErrorAction Stop } | Should -Throw -ErrorId 'RuntimePackageMissing*'
    }

    It 'completes the backends' {
        $text = 'Install-LoraRuntime -Backend '
        [System.Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null).CompletionMatches.CompletionText | Should -Be @('Cpu', 'Cuda')
    }
}
