namespace LoraPS.Cmdlets.Tests.Shell;

/// <summary>What a scheduler or a CI job sees: exit codes of scripts that fail, as pwsh -File gives them.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("Get-Lora missing.safetensors", 0)]
    [InlineData("Get-Lora missing.safetensors -ErrorAction Stop", 1)]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-Lora missing.safetensors", 1)]
    [InlineData("Merge-Lora missing.safetensors -DestinationPath out.safetensors -ErrorAction Stop", 1)]
    [InlineData("try { Merge-Lora missing.safetensors -DestinationPath out.safetensors } catch { exit 3 }", 3)]
    [InlineData("if (-not (Test-Lora $lora)) { exit 4 }; Get-Lora missing.safetensors -ErrorVariable failed 2> $null; exit $failed.Count", 1)]
    public void A_script_ends_with_the_exit_code_of_its_failure(string script, int exitCode)
    {
        Assert.Equal(exitCode, Run($"$lora = '{TestFiles.LierLa}'\n{script}").ExitCode);
    }

    [Theory]
    [InlineData("merge-job/merge-job.ps1", "-RecipePath", "missing.json")]
    [InlineData("retrain/retrain.ps1", "-ImagePath", "missing")]
    [InlineData("sweep.ps1", "-ImagePath", "missing")]
    public void An_example_that_cannot_do_its_work_ends_with_exit_code_1(string example, params string[] arguments)
    {
        Assert.Equal(1, ShellProcess.Run(["-File", TestFiles.Repository($"examples/{example}"), .. arguments]).ExitCode);
    }

    public void Dispose() => _folder.Dispose();

    private ShellProcess Run(string script)
    {
        File.WriteAllText(_folder.File("script.ps1"), $"Set-Location '{_folder.Path}'\n{script}");
        return ShellProcess.Run(["-File", _folder.File("script.ps1")]);
    }
}
