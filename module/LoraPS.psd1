@{
    RootModule = 'bin/LoraPS.Cmdlets.dll'
    # Runs before the root module is loaded: it tells .NET where the engine's assemblies are.
    NestedModules = @('LoraPS.psm1')
    ModuleVersion = '0.1.0'
    GUID = '5d0b2f5e-6c7b-4a0e-9c55-0a4c7b1d8e21'
    Author = 'LoraPS contributors'
    CompanyName = 'LoraPS contributors'
    Copyright = '(c) LoraPS contributors. MIT licence.'
    Description = 'Trains, merges and inspects LoRAs for Stable Diffusion.'
    PowerShellVersion = '7.6'
    CompatiblePSEditions = @('Core')
    FormatsToProcess = @('LoraPS.Format.ps1xml', 'LoraPS.Lists.Format.ps1xml')
    TypesToProcess = @('LoraPS.Types.ps1xml')
    CmdletsToExport = @(
        'Compare-Lora'
        'Convert-Lora'
        'Export-LoraDifference'
        'Export-LoraImageGrid'
        'Export-LoraReport'
        'Export-LoraTrainingConfig'
        'Get-Lora'
        'Get-LoraBlockWeight'
        'Get-LoraDevice'
        'Get-LoraMetadata'
        'Install-LoraRuntime'
        'Invoke-SvdMergeLora'
        'Measure-Lora'
        'Measure-LoraTraining'
        'Merge-Lora'
        'Merge-LoraCheckpoint'
        'New-LoraDataset'
        'New-LoraImage'
        'Resize-Lora'
        'Set-LoraBlockWeight'
        'Set-LoraMetadata'
        'Show-LoraBlockWeight'
        'Split-DyLora'
        'Start-LoraTraining'
        'Test-Lora'
        'Test-LoraDataset'
    )
    FunctionsToExport = @()
    AliasesToExport = @()
    VariablesToExport = @()
    PrivateData = @{
        PSData = @{
            Tags = @('StableDiffusion', 'LoRA', 'TorchSharp', 'PSEdition_Core', 'Linux', 'Windows', 'MacOS')
            LicenseUri = 'https://opensource.org/license/mit'
            # ProjectUri is written here by: dotnet publish -p:LoraProjectUri=https://...
            ReleaseNotes = 'The first version. CHANGELOG.md in the module says what there is.'
        }
    }
}
