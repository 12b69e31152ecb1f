Describe 'Get-LoraDevice' {
    BeforeAll { . $PSScriptRoot/TestKit.ps1 }

    It 'lists the CPU, and one device that is taken' {
        $devices = @(Get-LoraDevice)
        $devices.Name | Should -Contain 'cpu'
        $devices[0].GetType().FullName | Should -Be 'LoraPS.Engine.Runtime.DeviceInfo'
        $devices | Where-Object IsDefault | Should -HaveCount 1
        $devices[0].IsDefault | Should -BeTrue
    }

    It 'shows a table' {
        (Get-LoraDevice | Out-String -Width 100 -Stream | Where-Object Length)[0] | Should -Match '^Name +Default Threads Libtorch'
    }
}
